import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanName, cruncherKey } from './model.ts';

test('cleanName() keeps letters of every script and composes them', () => {
  assert.equal(cleanName('  Zoe\u0301 量子 🐦 ', 'x'), 'Zoé 量子 🐦');
});

test('cleanName() removes control, bidirectional and invisible characters', () => {
  assert.equal(cleanName('a\u202Eb\u2066c\u200Bd\u0000e\u001B[31m\uFEFF', 'x'), 'abcde[31m');
  assert.equal(cleanName('line\n\ttwo\u2028three', 'x'), 'line two three');
  assert.equal(cleanName('half \uD800 pair', 'x'), 'half  pair');
});

test('cleanName() leaves escaping to whoever shows it', () => {
  assert.equal(cleanName('<b>bold</b>', 'x'), '<b>bold</b>');
});

test('cleanName() bounds the length in characters, never inside one', () => {
  assert.equal(cleanName('🐦'.repeat(100), 'x'), '🐦'.repeat(64));
  assert.equal(cleanName('abc', 'x', 2), 'ab');
});

test('cleanName() falls back when nothing is left', () => {
  assert.equal(cleanName(' \u200B\n', 'model 7'), 'model 7');
  assert.equal(cleanName(undefined, 'model 7'), 'model 7');
  assert.equal(cleanName({ toString: () => 'sly' }, 'model 7'), 'model 7');
});

test('cruncherKey() is the wallet, else the id, else unknown; never a name', () => {
  assert.equal(cruncherKey({ wallet: '0xab', cruncherId: '7', modelId: 'm' }), '0xab');
  assert.equal(cruncherKey({ wallet: '', cruncherId: '7', modelId: 'm' }), '7');
  assert.equal(cruncherKey({ wallet: null, cruncherId: undefined, modelId: 'm' }), 'unknown:m');
});
