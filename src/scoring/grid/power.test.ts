import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inversePower } from './power.ts';

test('inversePower() is u to the power −p, to 1e-13', () => {
  let compared = 0;
  for (const p of [0.5, 0.505, 1, 1.75, 2, 2.6, 3.5, 17, 128.5]) {
    for (let i = -400; i <= 400; i++) {
      for (const u of [1 + 2 ** (i / 8), 1 + Math.abs(i) / 128]) {
        const expected = u ** -p;
        if (expected < 1e-300) continue;
        const error = Math.abs(inversePower(u, p) / expected - 1);
        assert.ok(error <= 1e-13, `${u} to the power −${p} is ${error} off`);
        compared++;
      }
    }
  }
  assert.ok(compared > 10_000);
});

test('inversePower() is 0 where nothing is left', () => {
  assert.equal(inversePower(Number.POSITIVE_INFINITY, 0.5), 0);
  assert.equal(inversePower(1e300, 128), 0);
  assert.equal(inversePower(1, 3), 1);
});
