// Killing `condor score` again and again while a replay runs changes no digit of the final leaderboard.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Condor, startCondor, temporaryFolder } from '../lib/condor.ts';
import { eventually, sleep } from '../lib/eventually.ts';
import { kill } from '../lib/processes.ts';

const kills = 3;
const playSeconds = 90;

test('killing score during a replay changes no byte of the board', { timeout: 240_000 }, async (t) => {
  const undisturbed = await play(t, async () => {});
  const disturbed = await play(t, async (condor) => {
    for (let killed = 0; killed < kills; killed++) {
      await condor.line(/predict +\| connected to the orchestrator/, 60);
      const score = await eventually('score runs', 30, () => condor.process('score'), condor.tail);
      await sleep(400 + 300 * killed); // a different place each time
      kill(score.pid, 'SIGKILL');
      await eventually('score has been replaced', 30, () => condor.process('score')?.pid !== score.pid, condor.tail);
    }
  });
  assert.equal(disturbed, undisturbed);
});

async function play(t: TestContext, disturb: (condor: Condor) => Promise<void>): Promise<string> {
  const folder = temporaryFolder(t);
  const dataDir = join(folder, 'data');
  const board = join(folder, 'board.json');
  const condor = startCondor(t, {
    args: [
      ...['up', '--game', 'coin', '--prices', 'simulated', '--once', '--duration', '10m', '--seed', '5'],
      ...['--data-dir', dataDir, '--board', board],
    ],
    dataDir,
  });
  await disturb(condor);
  const exit = await Promise.race([condor.exited, sleep(playSeconds * 1000, 'still running', { ref: false })]);
  assert.deepEqual(exit, { code: 0, signal: null }, condor.tail());
  return readFileSync(board, 'utf8');
}
