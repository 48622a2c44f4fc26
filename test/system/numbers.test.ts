// The whole system's numbers: four model processes, real prices, and every figure of the final board worked
// out again from the database's rows and the CSV files, without a line of the program's own code. Under CI
// on the recorded prices; elsewhere on simulated ones, which lie in no file and are read by SQL.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type pg from 'pg';
import { afterwards, startCondor, temporaryFolder, wholeFile } from '../lib/condor.ts';
import { connectTo, serveKept } from '../lib/database.ts';
import { sleep } from '../lib/eventually.ts';
import { checkNumbers } from '../lib/numbers/check.ts';
import type { BoardFile, CheckOptions } from '../lib/numbers/check-options.ts';
import { condorFacts } from '../lib/numbers/game-facts.ts';
import { type Played, readPlayed } from '../lib/numbers/played.ts';
import { type Prices, readCsvPrices, shiftAll, shiftOne } from '../lib/numbers/prices.ts';
import { testData } from '../lib/test-data.ts';

const isRecorded = process.env.CI === 'true';
// 48 h of rounds make 89 h of recorded market time: gold's last rounds find their witness on Sunday evening.
const hours = isRecorded ? 48 : 6;
const secondsMost = 180;
const symbols = condorFacts.assets.map(({ symbol }) => symbol);

let played: Played;
let prices: Prices;
let board: BoardFile;
let tookSeconds: number;

const file = wholeFile(after);

before(
  async () => {
    const folder = temporaryFolder(file);
    const dataDir = join(folder, 'data');
    const boardFile = join(folder, 'board.json');
    const source = isRecorded ? join(testData() as string, 'prices') : 'simulated';
    console.log(
      isRecorded
        ? `recorded prices of ${source}`
        : 'not CI: simulated prices, so instants of CSV files are not checked',
    );
    const startedAt = performance.now();
    const condor = startCondor(file, {
      args: [
        'up',
        '--prices',
        source,
        '--speed',
        'max',
        '--duration',
        `${hours}h`,
        '--once',
        '--seed',
        '7',
        '--board',
        boardFile,
        '--data-dir',
        dataDir,
      ],
      dataDir,
    });
    const exit = await Promise.race([condor.exited, sleep((secondsMost + 60) * 1000, null, { ref: false })]);
    tookSeconds = (performance.now() - startedAt) / 1000;
    assert.deepEqual(exit, { code: 0, signal: null }, `after ${tookSeconds.toFixed(0)} s\n${condor.tail()}`);
    board = JSON.parse(readFileSync(boardFile, 'utf8'));

    const database = await serveKept(dataDir);
    afterwards(file, () => database.stop());
    const client = await connectTo(database.url);
    played = await readPlayed(client);
    prices = isRecorded ? readCsvPrices(source, symbols, 60) : await readStoredPrices(client);
    await client.end();
  },
  { timeout: (secondsMost + 120) * 1000 },
);

function check(change: Partial<CheckOptions> = {}) {
  return checkNumbers({
    played,
    prices,
    board,
    facts: condorFacts,
    durationSeconds: hours * 3600,
    modelIds: ['1', '2', '3', '4'],
    integratedEach: 16,
    ...change,
  });
}

test('up --once plays within its time', () => {
  console.log(`${hours} h of rounds in ${tookSeconds.toFixed(1)} s, ${played.rounds.length} rounds`);
  assert.ok(tookSeconds <= secondsMost, `took ${tookSeconds.toFixed(0)} s, wanted at most ${secondsMost}`);
});

test('every round, score, window, rank and count is what prices and rows say', () => {
  const startedAt = performance.now();
  const { complaints, integrated, integratedByModel, means, rounds, told } = check();
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `${rounds} rounds, ${integrated} predictions integrated, ${means} means and ${told} told volatilities compared in ${seconds} s`,
  );
  assert.deepEqual(complaints.slice(0, 20), []);
  assert.equal(told, rounds);
  assert.ok(integrated >= 200, `integrated only ${integrated}`);
  assert.deepEqual(Object.keys(integratedByModel).sort(), ['1', '2', '3', '4']);
  assert.ok(Object.values(integratedByModel).every((count) => count === integrated / 4));
});

test('every started round has settled, and every slot was asked', () => {
  const { asked, settled, void: voided, skipped, open } = board.counts.rounds;
  assert.deepEqual({ settled, voided, skipped, open }, { settled: asked, voided: 0, skipped: 0, open: 0 });
  assert.equal(board.counts.predictions.success, 4 * asked);
});

test('the check complains when prices are stamped one candle off', () => {
  for (const seconds of [60, -60]) {
    const { complaints } = check({ prices: shiftAll(prices, seconds), integratedEach: 4 });
    assert.ok(
      complaints.some((text) => text.includes('integrated')),
      `shifted by ${seconds} s nobody complained`,
    );
  }
});

test('the check complains when a single price is shifted by 60 s', () => {
  const round = played.rounds.find(({ profile, asset }) => profile === '1h' && asset === 'BTC');
  assert.ok(round);
  const alone = { ...played, rounds: [round] }; // so that this round is sure to be integrated
  const shifted = shiftOne(prices, 'BTC', round.startedAt + 600, 60);
  assert.ok(!complainsOf(check({ played: alone }).complaints, round.roundId));
  const { complaints } = check({ played: alone, prices: shifted });
  assert.ok(complainsOf(complaints, round.roundId), complaints.slice(0, 20).join('\n'));
});

test('the check complains about a changed rank, mean or lost row', () => {
  const [first, second, ...rest] = board.rows;
  assert.ok(first && second);
  const swapped = { ...board, rows: [{ ...second, rank: 1 }, { ...first, rank: 2 }, ...rest] };
  assert.ok(check({ board: swapped, integratedEach: 1 }).complaints.some((text) => text.startsWith('the file ranks')));
  const changed = { ...board, rows: [{ ...first, score_recent: (first.score_recent ?? 0) + 1e-7 }, second, ...rest] };
  assert.ok(
    check({ board: changed, integratedEach: 1 }).complaints.some((text) => text.includes('overall in the file')),
  );
  const lost = { ...played, predictions: played.predictions.slice(1) };
  assert.ok(check({ played: lost, integratedEach: 1 }).complaints.some((text) => text.includes('has rows of models')));
});

/** Whether a score of the round is said to be another one than integration gives. */
function complainsOf(complaints: readonly string[], roundId: string): boolean {
  return complaints.some((text) => text.startsWith(roundId) && text.includes('integrated'));
}

async function readStoredPrices(client: pg.Client): Promise<Prices> {
  const { rows } = await client.query<{ asset: string; at: number; price: number }>(
    'select asset, extract(epoch from priced_at)::float8 as at, price from prices',
  );
  const byAsset = new Map(symbols.map((symbol) => [symbol, new Map<number, number>()]));
  for (const { asset, at, price } of rows) byAsset.get(asset)?.set(at, price);
  return byAsset;
}
