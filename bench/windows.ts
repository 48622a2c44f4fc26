// Windows of points over four million scored predictions: what one round costs a board that keeps exact sums, and
// what it costs the original's way, which averages all predictions of the last seven days at each look. Both on
// the same rows of one real database, in turns within one run, their values compared.
//
//   npm run bench -- windows [--rows N] [--pairs N]

import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { WindowSum } from '../src/domain/board.ts';
import type { BoardInput } from '../src/domain/repositories.ts';
import { silentLog } from '../src/lib/log.ts';
import { openDatabase } from '../src/storage/connect.ts';
import { removeEmbedded, startEmbeddedPostgres } from '../src/storage/embedded.ts';
import { migrate } from '../src/storage/migrate.ts';
import { createBoardRepository } from '../src/storage/postgres/board.ts';
import { machine, percentile, tableLine } from './lib/figures.ts';
import { addToOriginal, averageAll, createOriginal, type OriginalAverage } from './windows/original.ts';
import { emptyLeaderboard, fillScores, scoreRound, windowSeconds, windows } from './windows/rounds.ts';

const target = 60;
const roundsEach = 10;
const { values } = parseArgs({
  options: { rows: { type: 'string', default: '4000000' }, pairs: { type: 'string', default: '7' } },
});
const pairs = Number(values.pairs);

const dataDir = mkdtempSync(join(tmpdir(), 'condor-bench-'));
const server = await startEmbeddedPostgres({ dataDir, log: silentLog });
await migrate(server.url, silentLog);
const db = openDatabase(server.url, { role: null, applicationName: 'bench', statementTimeoutMs: 600_000 });
const boards = createBoardRepository(db);

try {
  if (!(await run())) process.exitCode = 1;
} finally {
  await db.close();
  await server.stop();
  await removeEmbedded({ dataDir });
  rmSync(dataDir, { recursive: true, force: true });
}

/** Whether the target was met and all values agreed. */
async function run(): Promise<boolean> {
  console.log(machine(cpus().length, cpus()[0]?.model ?? ''));
  const filledAt = performance.now();
  const filled = await fillScores(db, Number(values.rows));
  await createOriginal(db);
  await db.query('vacuum analyze');
  console.log(
    `${filled.rows} scored predictions of 276 models, 17 params, ${filled.rounds} rounds, written in ${seconds(filledAt)}`,
  );
  const rebuiltAt = performance.now();
  await publish(filled.asOf);
  console.log(`first board, all windows computed from scores: ${seconds(rebuiltAt)}`);
  await daily(filled.asOf);

  const widths = [6, 12, 12, 10, 8];
  console.log(`\n${tableLine(['pair', 'ours', "original's", 'ratio', 'load'], widths)}`);
  const ratios: number[] = [];
  const spent = { ours: [] as number[], original: [] as number[] };
  let asOf = filled.asOf;
  let turn = 0;
  // As many seconds as rounds are apart: then one comes into each window and one goes out of it.
  const stepSeconds = Math.max(1, Math.round(windowSeconds / filled.rounds));
  for (let pair = -1; pair < pairs; pair++) {
    // The median of ten rounds of ours for one look of theirs: a board takes milliseconds, in many short statements,
    // which one hiccup of the machine doubles.
    let read: BoardInput | null = null;
    const rounds: number[] = [];
    for (let round = 0; round < roundsEach; round++) {
      asOf += stepSeconds;
      await scoreRound(db, asOf, turn++);
      const board = await timed(() => publish(asOf));
      read = board.value;
      rounds.push(board.ms);
    }
    await addToOriginal(db, asOf - stepSeconds * roundsEach);
    const original = await timed(() => averageAll(db, asOf));
    if (read !== null) compare(read, original.value);
    const ours = { ms: percentile(rounds, 0.5) };
    if (pair < 0) continue; // warm-up
    ratios.push(original.ms / ours.ms);
    spent.ours.push(ours.ms);
    spent.original.push(original.ms);
    const cells = [String(pair + 1), `${ours.ms.toFixed(1)} ms`, `${original.ms.toFixed(0)} ms`];
    console.log(tableLine([...cells, `${(original.ms / ours.ms).toFixed(1)}×`, load()], widths));
  }
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  const verdict = low >= target ? 'met   ' : 'MISSED';
  console.log(`
${verdict}  update and read a round, against the original's SQL: median ${percentile(ratios, 0.5).toFixed(1)}×, ${low.toFixed(1)} to ${high.toFixed(1)}, of ${target}×
        ours ${percentile(spent.ours, 0.5).toFixed(1)} ms, the original's ${percentile(spent.original, 0.5).toFixed(0)} ms (medians of ${pairs} pairs)`);
  // On the next day, since a slice is compared once a day.
  const { differences } = await daily(asOf + 86_400 - (asOf % 86_400));
  console.log(
    `${differences === 0 ? 'equal ' : 'DIFFERENT'}  our sums and a full recompute, to the last digit (${differences} differences)`,
  );
  return low >= target && differences === 0;
}

/** What the pass does for one round once it is scored: fold it, move the windows, read them, keep the board. */
async function publish(at: number): Promise<BoardInput> {
  let read: BoardInput | null = null;
  await boards.publish(at, {
    windows,
    ruleName: 'synth',
    snapshot: false,
    build: (input) => {
      read = input;
      return emptyLeaderboard(at, input);
    },
  });
  if (read === null) throw new Error(`Cannot publish the board at ${at}: it was refused`);
  return read;
}

/** The daily comparison at the board of `at`, slice by slice. */
async function daily(at: number): Promise<{ readonly differences: number }> {
  if ((await boards.passedUntil()) !== at) await publish(at);
  const slices: number[] = [];
  let differences = 0;
  for (;;) {
    const slice = await timed(() => boards.compareWindows(at));
    if (slice.value === null) break;
    slices.push(slice.ms);
    differences += slice.value.differences.length;
  }
  const whole = slices.reduce((sum, ms) => sum + ms, 0) / 1000;
  console.log(
    `daily comparison: ${slices.length} slices, ${whole.toFixed(1)} s together, ${percentile(slices, 0.5).toFixed(0)} ms each, at most ${Math.max(...slices).toFixed(0)} ms, load ${load()}`,
  );
  return { differences };
}

/** Means agree but for the rounding of a float sum; windows without a prediction have no mean on either side. */
function compare({ sums }: BoardInput, averages: readonly OriginalAverage[]): void {
  const ours = new Map(sums.map((sum) => [keyOf(sum), Number(sum.sum) / sum.count]));
  const theirs = averages.flatMap(({ modelId, asset, profile, ...means }) =>
    windows.flatMap(({ name: window }) =>
      means[window] === null ? [] : [[keyOf({ modelId, asset, profile, window }), means[window]] as const],
    ),
  );
  if (ours.size !== theirs.length)
    throw new Error(`Cannot compare: ${ours.size} means of ours, ${theirs.length} of theirs`);
  for (const [key, mean] of theirs) {
    const own = ours.get(key) ?? Number.NaN;
    if (!(Math.abs(own - mean) <= 1e-9 * Math.max(1, Math.abs(mean)))) {
      throw new Error(`Cannot agree on ${key}: ours ${own}, the original's ${mean}`);
    }
  }
}

function keyOf({
  modelId,
  asset,
  profile,
  window,
}: Pick<WindowSum, 'modelId' | 'asset' | 'profile' | 'window'>): string {
  return `${modelId} ${asset} ${profile} ${window}`;
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly value: T }> {
  const startedAt = performance.now();
  const value = await work();
  return { ms: performance.now() - startedAt, value };
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}

function load(): string {
  return (loadavg()[0] ?? Number.NaN).toFixed(1);
}
