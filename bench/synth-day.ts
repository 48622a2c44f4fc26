// A production day of synth, from payload bytes in the database to a ranked board: 1,343 rounds, 276 models, 370,668
// answers, 58 million densities, one score worker process with two threads beside its database.
//
//   npm run bench -- synth-day [--part 1/16] [--threads N] [--game PATH] [--profile]
//
// `--part`: the first sixteenth of the day. `--profile`: processor profiles of the worker's threads into ./profiles.

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { silentLog } from '../src/lib/log.ts';
import { loadGame } from '../src/load-game.ts';
import { openDatabase } from '../src/storage/connect.ts';
import { removeEmbedded, startEmbeddedPostgres } from '../src/storage/embedded.ts';
import { migrate } from '../src/storage/migrate.ts';
import { processorSeconds, startWorker } from './backlog/processes.ts';
import { machine } from './lib/figures.ts';
import { peakResidentMb, treeProcessorSeconds } from './lib/memory.ts';
import { fillDay, modelsOfDay } from './synth-day/fill.ts';

const target = { minutes: 4, residentMb: 1024 };
const endedAt = Date.UTC(2026, 0, 6) / 1000;

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: '1/1' },
    threads: { type: 'string', default: '2' },
    game: { type: 'string', default: 'synth' },
    profile: { type: 'boolean', default: false },
  },
});
const part = Number(/^1\/(\d+)$/.exec(values.part)?.[1]);
if (!(part >= 1)) throw new Error(`Cannot fill part "${values.part}" of a day: it must be written like 1/16`);

const dataDir = mkdtempSync(join(tmpdir(), 'condor-bench-'));
const server = await startEmbeddedPostgres({ dataDir, log: silentLog });
try {
  await migrate(server.url, silentLog);
  const db = openDatabase(server.url, { role: null, applicationName: 'bench', statementTimeoutMs: 600_000 });
  const game = await loadGame(values.game);
  const memberIds = Array.from({ length: modelsOfDay }, (_, i) => `model-${String(i).padStart(4, '0')}`);
  console.log(machine(cpus().length, cpus()[0]?.model ?? ''));
  const fillingAt = performance.now();
  const filled = await fillDay(db, game, { endedAt, memberIds, part });
  await db.query('checkpoint');
  console.log(
    `filled in ${secondsSince(fillingAt).toFixed(0)} s: ${filled.rounds} rounds, ${filled.answers} answers, ` +
      `${millions(filled.densities)} densities, ${(filled.payloadBytes / 2 ** 20).toFixed(0)} MiB compressed`,
  );
  await run(filled);
  await db.close();

  async function run({ rounds, answers, densities }: typeof filled): Promise<void> {
    const lastBoardAt =
      Math.floor((endedAt - 86_400 + 86_400 / part) / game.boardEverySeconds) * game.boardEverySeconds;
    const databaseBefore = treeProcessorSeconds(server.pid);
    const load = loadavg()[0] ?? 0;
    const startedAt = performance.now();
    const worker = startWorker(
      'score',
      { DATABASE_URL: server.url, CONDOR_GAME: values.game, CONDOR_SCORE_THREADS: values.threads },
      values.profile ? ['--cpu-prof', '--cpu-prof-dir=profiles'] : [],
    );
    let settledAt = 0;
    let figures = { peakMb: 0, workerSeconds: 0 };
    for (let passed = 0; passed < lastBoardAt; await sleep(100)) {
      figures = { peakMb: peakResidentMb(worker.pid), workerSeconds: processorSeconds(worker.pid) };
      const [row] = await db.query<{ passed: number | null; waiting: number }>(
        `select (select passed_until from score_progress) as passed,
           (select count(*) from settlements where state = 'waiting') as waiting`,
      );
      if (settledAt === 0 && row?.waiting === 0 && row.passed !== null) settledAt = secondsSince(startedAt);
      passed = row?.passed ?? 0;
    }
    const seconds = secondsSince(startedAt);
    const databaseSeconds = treeProcessorSeconds(server.pid) - databaseBefore;
    await worker.stop();
    const [found] = await db.query<{ settled: number; scores: number; invalid: number; standings: number }>(
      `select (select count(*) from settlements where state = 'settled') as settled,
         (select count(*) from scores) as scores, (select count(*) from verdicts where verdict = 'invalid') as invalid,
         (select json_array_length(leaderboard -> 'standings') from leaderboards order by as_of desc limit 1) as standings`,
    );
    const rules = 1 + game.shadowRules.length;
    if (found?.settled !== rounds || found.scores !== answers * rules || found.invalid !== 0) {
      throw new Error(`Cannot judge this run: of ${rounds} rounds it left ${JSON.stringify(found)}`);
    }
    console.log(
      `ranked ${found.standings} models under ${rules} rules, ${values.threads} threads, load ${load.toFixed(1)}`,
    );
    console.log(
      `wall time            ${seconds.toFixed(1)} s to the last board, all scored after ${settledAt.toFixed(1)} s`,
    );
    console.log(
      `throughput           ${(answers / seconds).toFixed(0)} answers/s, ${millions(densities / seconds)} densities/s`,
    );
    console.log(
      `processor time       worker ${figures.workerSeconds.toFixed(1)} s, database ${databaseSeconds.toFixed(1)} s`,
    );
    console.log(`most resident memory ${figures.peakMb.toFixed(0)} MiB (target ${target.residentMb})`);
    const wanted = (target.minutes * 60) / part;
    console.log(`target               ${wanted.toFixed(0)} s: ${seconds <= wanted ? 'met' : 'missed'}`);
  }
} finally {
  await server.stop();
  await removeEmbedded({ dataDir });
  rmSync(dataDir, { recursive: true, force: true });
}

function secondsSince(instant: number): number {
  return (performance.now() - instant) / 1000;
}

function millions(count: number): string {
  return `${(count / 1e6).toFixed(2)} million`;
}
