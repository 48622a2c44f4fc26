import assert from 'node:assert/strict';
import test from 'node:test';
import { nameMax, publicName, publicText } from './public-text.ts';

test('publicText() removes control and bidi characters and keeps every script', () => {
  assert.equal(publicText('\u202Egnp.live\u202C\u0000\n evil\u2066', 80), 'gnp.live evil');
  assert.equal(publicText('  مرحبا 回帰 lévy 👩‍🔬 ', 80), 'مرحبا 回帰 lévy 👩‍🔬');
});

test('publicText() cuts by characters, never through one', () => {
  assert.equal(publicText('🦅🦅🦅🦅', 3), '🦅🦅…');
  assert.equal(publicText('abc', 3), 'abc');
  assert.equal(publicText('a\uD800b', 3), 'a\uFFFDb');
});

test('publicText() leaves markup as the characters it is', () => {
  assert.equal(publicText('<b>&amp;</b>', 80), '<b>&amp;</b>');
});

test('publicName() says something else where nothing is left', () => {
  assert.equal(publicName('\u202E\u0007 ', 'Unknown'), 'Unknown');
  assert.equal([...publicName('x'.repeat(3000), 'Unknown')].length, nameMax);
});
