// The same seed and the same models give the same leaderboard, byte for byte, however the processes' work
// happens to interleave; another seed gives another.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startCondor, temporaryFolder } from '../lib/condor.ts';
import { sleep } from '../lib/eventually.ts';

const games = [
  { game: 'coin', duration: '16m' }, // longer than the longest window, so that rounds leave it
  { game: 'condor', duration: '3h' },
];

for (const { game, duration } of games) {
  test(`up --once --game ${game} writes the same bytes for the same seed`, { timeout: 300_000 }, async (t) => {
    const first = await play(t, game, duration, 7);
    const again = await play(t, game, duration, 7);
    assert.equal(again, first);
    const { counts, rows } = JSON.parse(first) as Board;
    assert.equal(rows.length, 4);
    assert.equal(counts.rounds.open, 0);
    assert.equal(counts.predictions.success, 4 * counts.rounds.asked, 'a lost answer may repeat by luck only');
    if (game !== 'coin') return;
    const other = JSON.parse(await play(t, game, duration, 8)) as Board;
    assert.notDeepEqual(other.rows, rows, 'the seed must decide the prices');
  });
}

interface Board {
  readonly counts: {
    readonly rounds: { readonly asked: number; readonly open: number };
    readonly predictions: { readonly success: number };
  };
  readonly rows: readonly { readonly model_id: string }[];
}

async function play(t: TestContext, game: string, duration: string, seed: number): Promise<string> {
  const folder = temporaryFolder(t);
  const file = join(folder, 'board.json');
  const dataDir = join(folder, 'data');
  const condor = startCondor(t, {
    args: [
      'up',
      '--game',
      game,
      '--prices',
      'simulated',
      '--speed',
      'max',
      '--duration',
      duration,
      '--once',
      '--seed',
      String(seed),
      '--board',
      file,
      '--data-dir',
      dataDir,
    ],
    dataDir,
  });
  const exit = await Promise.race([condor.exited, sleep(150_000, 'not within 150 s', { ref: false })]);
  assert.deepEqual(exit, { code: 0, signal: null }, condor.tail());
  return readFileSync(file, 'utf8');
}
