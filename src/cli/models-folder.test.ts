import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../lib/package-root.ts';
import { modelsFolderOf } from './models-folder.ts';

const examples = join(packageRoot, 'models');

test('modelsFolderOf() a game without models of its own is the examples', () => {
  assert.equal(modelsFolderOf('coin'), examples);
  assert.equal(modelsFolderOf(join(packageRoot, 'games', 'coin', 'game.ts')), examples);
  assert.equal(modelsFolderOf('no-such-game'), examples);
});

test('modelsFolderOf() a game that brings a models file is the folder beside it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'condor-game-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'game.ts'), '');
  await mkdir(join(folder, 'models'));
  assert.equal(modelsFolderOf(join(folder, 'game.ts')), examples, 'a folder without a models file');
  await writeFile(join(folder, 'models', 'models.dev.yml'), 'models: []');
  assert.equal(modelsFolderOf(join(folder, 'game.ts')), join(folder, 'models'));
  assert.equal(modelsFolderOf(folder), join(folder, 'models'));
});

test('modelsFolderOf() a shipped game finds what lies beside its source, not its build', () => {
  assert.equal(modelsFolderOf('synth'), join(packageRoot, 'games', 'synth', 'models'));
});
