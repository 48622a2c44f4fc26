import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanDetail } from './detail.ts';

test('cleanDetail() keeps one line of at most 500 characters without control and bidi characters', () => {
  assert.equal(cleanDetail(' a\n\tb\u202ec\u0000d\u2066 '), 'a bcd');
  assert.equal(cleanDetail('\u200b\u0007'), null);
  assert.equal(cleanDetail('x'.repeat(10_000))?.length, 500);
  assert.equal(cleanDetail(`${'x'.repeat(499)}😀`), 'x'.repeat(499));
});
