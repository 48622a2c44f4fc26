import assert from 'node:assert/strict';
import { test } from 'node:test';
import condor from '../../games/condor/game.ts';
import { canonicalJson, gameVersion } from './version.ts';

test('canonicalJson() sorts keys at every level and keeps the order of lists', () => {
  assert.equal(canonicalJson({ b: [{ y: 1, x: 2 }, 3], a: null }), '{"a":null,"b":[{"x":2,"y":1},3]}');
});

test('gameVersion() is the SHA-256 of the data part, which survives JSON', () => {
  const { id, data } = gameVersion(condor);
  assert.match(id, /^[0-9a-f]{64}$/);
  assert.deepEqual(JSON.parse(JSON.stringify(data)), data);
  assert.equal(canonicalJson(data).includes('function'), false);
});

test('gameVersion() changes with the data and not with the functions', () => {
  const { id } = gameVersion(condor);
  assert.equal(gameVersion({ ...condor, points: () => [] }).id, id);
  assert.notEqual(gameVersion({ ...condor, responseSeconds: 61 }).id, id);
  assert.notEqual(gameVersion({ ...condor, rule: { ...condor.rule, version: 2 } }).id, id);
});
