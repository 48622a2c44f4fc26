// Predict with 300 models that answer 53 KB, on two cores, while score chews a day's backlog on the same two;
// and without score, in turns within one run. A turn is a minute: from one of predict's own health records
// (event loop delays by perf_hooks) to the next.
//
//   npm run bench -- backlog [--models N] [--profile]   (--profile: processor profiles into ./profiles)

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stubOrchestrator } from '../src/fleet/testing/stub-orchestrator.ts';
import { silentLog } from '../src/lib/log.ts';
import { packageRoot } from '../src/lib/package-root.ts';
import { loadGame } from '../src/load-game.ts';
import { openDatabase } from '../src/storage/connect.ts';
import { removeEmbedded, startEmbeddedPostgres } from '../src/storage/embedded.ts';
import { migrate } from '../src/storage/migrate.ts';
import { fillBacklog } from './backlog/fill.ts';
import { startBenchModels, type TickSeen } from './backlog/models.ts';
import { processorSeconds, startWorker, type Worker } from './backlog/processes.ts';
import { machine, percentile, tableLine } from './lib/figures.ts';

const targets = { askedSeconds: 20, tickMs: 2_000, stallMs: 50 };
const turns = ['joining', 'with score', 'alone', 'with score'] as const;
const gameFile = join(packageRoot, 'dist', 'bench', 'backlog', 'game.js');

interface Turn {
  readonly name: (typeof turns)[number];
  readonly stallP99Ms: number;
  readonly stallMaxMs: number;
  readonly rounds: number;
  readonly missing: number;
  readonly askedLateMostSeconds: number;
  readonly latencyP99Ms: number;
  readonly ticks: readonly TickSeen[];
  readonly settled: number;
  readonly predictCpu: number;
  readonly scoreCpu: number;
}

const { values } = parseArgs({
  options: { models: { type: 'string', default: '300' }, profile: { type: 'boolean', default: false } },
});
const modelIds = Array.from({ length: Number(values.models) }, (_, i) => `model-${String(i).padStart(3, '0')}`);
const profiling = values.profile ? ['--cpu-prof', '--cpu-prof-dir=profiles'] : [];

const dataDir = mkdtempSync(join(tmpdir(), 'condor-bench-'));
const server = await startEmbeddedPostgres({ dataDir, log: silentLog });
await migrate(server.url, silentLog);
const db = openDatabase(server.url, { role: null, applicationName: 'bench', statementTimeoutMs: 300_000 });
const game = await loadGame(gameFile);
const models = await startBenchModels(modelIds.length);
const orchestrator = await stubOrchestrator();
orchestrator.init(models.ports.map((port, i) => ({ model_id: modelIds[i] as string, port })));
const common = { DATABASE_URL: server.url, CONDOR_GAME: gameFile };
const predict = startWorker(
  'predict',
  { ...common, CONDOR_PRICES: 'simulated', CONDOR_SEED: '7', CONDOR_ORCHESTRATOR_URL: orchestrator.url },
  profiling,
);
const health = healthRecords(predict);

console.log(machine(cpus().length, cpus()[0]?.model ?? ''));
await joined(); // rounds of yesterday, found at a start, would be a day of missed slots
const filledAt = performance.now();
const backlog = await fillBacklog(db, game, modelIds, Math.floor(Date.now() / 60_000) * 60);
const filledIn = Math.round((performance.now() - filledAt) / 1000);
console.log(`backlog: ${backlog.rounds} rounds, ${backlog.predictions} answers, written in ${filledIn} s\n`);

const all: Turn[] = [];
let score: Worker | null = null;
for (const name of turns) {
  if (name === 'with score') score = startWorker('score', { ...common, CONDOR_SCORE_THREADS: '1' }, profiling);
  const turn = await play(name, score);
  await score?.stop();
  score = null;
  all.push(turn);
  print(turn);
}
judge(all.filter(({ name }) => name !== 'joining'));
const [left] = await db.query<{ count: number }>(
  `select count(*) from rounds r left join settlements s using (round_id)
   where r.resolvable_at < now() and coalesce(s.state, 'waiting') = 'waiting'`,
);
console.log(`backlog left: ${left?.count} rounds`);

await predict.stop();
await models.close();
await orchestrator.close();
await db.close();
await server.stop();
await removeEmbedded({ dataDir });
rmSync(dataDir, { recursive: true, force: true });

/** One turn, up to predict's next health record. */
async function play(name: Turn['name'], scoring: Worker | null): Promise<Turn> {
  const startedAt = Date.now() / 1000;
  await models.takeTicks();
  const before = { predict: processorSeconds(predict.pid), settled: await settledRounds() };
  const record = await health.next();
  const endedAt = Date.now() / 1000;
  const [asked] = await db.query<{ rounds: number; late: number | null; missing: number; p99: number | null }>(
    `select count(distinct r.round_id) as rounds, max(extract(epoch from r.asked_at - r.started_at))::float8 as late,
       count(*) filter (where r.closed_at is not null and p.status is distinct from 'success') as missing,
       percentile_cont(0.99) within group (order by p.latency_us + p.queued_us) / 1000 as p99
     from rounds r left join predictions p using (round_id)
     where r.started_at >= to_timestamp($1) and r.started_at < to_timestamp($2)`,
    [startedAt, endedAt],
  );
  return {
    name,
    stallP99Ms: Number(record.p99Ms),
    stallMaxMs: Number(record.maxMs),
    rounds: asked?.rounds ?? 0,
    missing: asked?.missing ?? 0,
    askedLateMostSeconds: asked?.late ?? Number.NaN,
    latencyP99Ms: asked?.p99 ?? Number.NaN,
    ticks: await models.takeTicks(),
    settled: (await settledRounds()) - before.settled,
    predictCpu: processorSeconds(predict.pid) - before.predict,
    scoreCpu: scoring === null ? 0 : processorSeconds(scoring.pid),
  };
}

/** Resolves when every model is a member. */
async function joined(): Promise<void> {
  for (let members = 0; members < modelIds.length; await new Promise((resolve) => setTimeout(resolve, 200))) {
    const [row] = await db.query<{ count: number }>('select count(*) from memberships');
    members = row?.count ?? 0;
  }
}

async function settledRounds(): Promise<number> {
  const [row] = await db.query<{ count: number }>("select count(*) from settlements where state = 'settled'");
  return row?.count ?? 0;
}

/** Predict's health records, one at a time. */
function healthRecords(worker: Worker): { next(): Promise<Readonly<Record<string, unknown>>> } {
  let tell: ((record: Readonly<Record<string, unknown>>) => void) | null = null;
  worker.onRecord((record) => {
    if (record.msg === 'health') tell?.(record);
  });
  return {
    next: () =>
      new Promise((resolve) => {
        tell = resolve;
      }),
  };
}

function print(turn: Turn): void {
  const widths = [12, 11, 11, 7, 11, 10, 13, 13, 8, 12, 10];
  if (all.length === 1) {
    const head = ['turn', 'stall p99', 'stall max', 'rounds', 'asked late', 'not given', 'latency p99'];
    console.log(tableLine([...head, 'tick late', 'settled', 'predict cpu', 'score cpu'], widths));
  }
  const lateMs = turn.ticks.map((tick) => tick.lateMs);
  const cells = [
    turn.name,
    `${turn.stallP99Ms.toFixed(1)} ms`,
    `${turn.stallMaxMs.toFixed(0)} ms`,
    String(turn.rounds),
    `${turn.askedLateMostSeconds.toFixed(2)} s`,
    String(turn.missing),
    `${turn.latencyP99Ms.toFixed(0)} ms`,
    `${percentile(lateMs, 1).toFixed(0)} ms`,
    String(turn.settled),
    `${turn.predictCpu.toFixed(1)} s`,
    `${turn.scoreCpu.toFixed(1)} s`,
  ];
  console.log(tableLine(cells, widths));
}

function judge(measured: readonly Turn[]): void {
  const tickMs = Math.max(...measured.flatMap(({ ticks }) => ticks.map(({ lateMs }) => lateMs)));
  const lines = [
    [
      'rounds asked late, at most',
      Math.max(...measured.map((turn) => turn.askedLateMostSeconds)),
      targets.askedSeconds,
      's',
    ],
    ['ticks late, at most', tickMs, targets.tickMs, 'ms'],
    ['stalls of the event loop, p99', Math.max(...measured.map(({ stallP99Ms }) => stallP99Ms)), targets.stallMs, 'ms'],
  ] as const;
  console.log();
  for (const [what, worst, most, unit] of lines)
    console.log(`${worst <= most ? 'met   ' : 'MISSED'}  ${what}: ${worst.toFixed(1)} of ${most} ${unit}`);
}
