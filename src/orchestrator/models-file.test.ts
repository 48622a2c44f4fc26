import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { packageRoot } from '../lib/package-root.ts';
import { modelsFileOf, parseModelsFile, readModelsFile } from './models-file.ts';

test('readModelsFile() reads the shipped models: four for each of two crunches', async () => {
  const entries = await readModelsFile(modelsFileOf(join(packageRoot, 'models')));
  for (const crunch of ['condorgame', 'coin']) {
    const ours = entries.filter(({ crunchId }) => crunchId === crunch);
    assert.equal(ours.length, 4);
    assert.equal(new Set(ours.map(({ modelName }) => modelName)).size, 4);
  }
});

test('readModelsFile() names the file that is not there', async () => {
  await assert.rejects(
    readModelsFile('/nowhere/models.dev.yml'),
    /Cannot read models file "\/nowhere\/models.dev.yml": ENOENT/,
  );
});

test('parseModelsFile() takes the platform format, numbers as ids and unknown keys included', () => {
  const text = `models:
  - {id: 7, name: x, submission_id: a/b, crunch_id: 12, cruncher_id: w, desired_state: RUNNING, signature: s}`;
  assert.deepEqual(parseModelsFile(text, 'f'), [
    {
      id: '7',
      crunchId: '12',
      submissionId: 'a/b',
      resourceId: null,
      hardwareType: 'CPU',
      desiredState: 'RUNNING',
      modelName: null,
      cruncherId: 'w',
      cruncherName: null,
    },
  ]);
  assert.deepEqual(parseModelsFile('', 'f'), []);
  assert.deepEqual(parseModelsFile('models:', 'f'), []);
});

test('parseModelsFile() complains about every fault with entry, value present and wanted', () => {
  const text = `models:
  - {id: "7", submission_id: ../../etc, crunch_id: condorgame, desired_state: ON}
  - {submission_id: /abs, crunch_id: condorgame, desired_state: RUNNING, model_name: [1]}
  - 3`;
  const lines = [
    'Cannot use models file "f":',
    '  models[0] (id "7"): submission_id is "../../etc", wanted a file or folder below the models directory: no "..", not absolute',
    '  models[0] (id "7"): desired_state is "ON", wanted RUNNING or STOPPED',
    '  models[1]: id is missing, wanted text or a whole number',
    '  models[1]: submission_id is "/abs", wanted a file or folder below the models directory: no "..", not absolute',
    '  models[1]: model_name is [1], wanted text of at most 16384 characters',
    '  models[2] is 3, wanted an entry: id, submission_id, crunch_id, desired_state, …',
  ];
  assert.throws(() => parseModelsFile(text, 'f'), { message: lines.join('\n') });
  const twice = '{id: 1, submission_id: a, crunch_id: c, desired_state: RUNNING}';
  assert.throws(() => parseModelsFile(`models: [${twice}, ${twice}]`, 'f'), /id "1" is used twice, wanted once/);
  assert.throws(() => parseModelsFile('models: 3', 'f'), /models is 3, wanted a list of entries/);
  assert.throws(() => parseModelsFile('- 3', 'f'), /the file is \[3\], wanted "models:" and a list of entries/);
  assert.throws(() => parseModelsFile('models: [', 'f'), /Cannot use models file "f":\n {2}Flow sequence/);
});
