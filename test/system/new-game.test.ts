// The proof at the end of NEW_GAME.md: a copy of the toy, outside the package and with models of its own, is a game.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startCondor, temporaryFolder } from '../lib/condor.ts';
import { sleep } from '../lib/eventually.ts';
import { honest, writeModels } from '../lib/models.ts';
import { packageRoot } from '../lib/package-root.ts';

interface Row {
  readonly model_id: string;
  readonly rank: number;
  readonly score_recent: number | null;
}

test('a copied game runs by its path, with the models beside it', { timeout: 180_000 }, async (t) => {
  const folder = temporaryFolder(t);
  const copied = readFileSync(join(packageRoot, 'games', 'coin', 'game.ts'), 'utf8')
    .replace("name: 'coin'", "name: 'my-game'")
    .replace("crunchId: 'coin'", "crunchId: 'my-crunch'");
  assert.match(copied, /my-game[\s\S]*my-crunch/);
  mkdirSync(join(folder, 'my-game'));
  writeFileSync(join(folder, 'my-game', 'game.ts'), copied);
  writeModels(join(folder, 'my-game', 'models'), 'my-crunch', [
    { id: 'wide', predict: honest(9e-4) },
    { id: 'near', predict: honest(3e-4) },
  ]);
  const board = join(folder, 'board.json');
  const dataDir = join(folder, 'data');
  const flags = ['--prices', 'simulated', '--once', '--duration', '3m', '--board', board, '--data-dir', dataDir];
  const condor = startCondor(t, { args: ['up', '--game', 'my-game/game.ts', ...flags], folder, dataDir });
  const exit = await Promise.race([condor.exited, sleep(120_000, 'not within 120 s', { ref: false })]);
  assert.deepEqual(exit, { code: 0, signal: null }, condor.tail());

  const { rows } = JSON.parse(readFileSync(board, 'utf8')) as { rows: readonly Row[] };
  assert.deepEqual(
    rows.map(({ model_id, rank }) => [model_id, rank]),
    [
      ['near', 1],
      ['wide', 2],
    ],
  );
  // Both were answered and scored: a refused answer would get exactly the missing points.
  assert.ok(
    rows.every(({ score_recent }) => score_recent !== null && score_recent !== -0.2),
    condor.tail(),
  );
});
