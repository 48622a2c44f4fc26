import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from './duration.ts';

test('parseDuration() reads seconds, minutes, hours and days', () => {
  assert.deepEqual(['90s', '30m', '48h', '7d'].map(parseDuration), [90, 1_800, 172_800, 604_800]);
});

test('parseDuration() names what it was given and what it wants', () => {
  for (const text of ['', '48', 'h', '0h', '-1h', '1.5h', '1w', '1h30m']) {
    assert.throws(() => parseDuration(text), new RegExp(`Cannot read duration "${text.replace('.', '\\.')}": wanted`));
  }
});
