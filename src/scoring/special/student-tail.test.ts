import assert from 'node:assert/strict';
import { test } from 'node:test';
import beta from '@stdlib/math-base-special-beta';
import betainc from '@stdlib/math-base-special-betainc';
import fc from 'fast-check';
import { studentLogTail, studentPdf, studentPeak, studentUpper } from './student-tail.ts';

test('studentUpper() agrees with the incomplete beta function', () => {
  const nu = fc.double({ min: 0.1, max: 60, noNaN: true });
  const z = fc.oneof(fc.double({ min: 0, max: 9, noNaN: true }), fc.double({ min: 9, max: 1e6, noNaN: true }));
  fc.assert(
    fc.property(nu, z, (df, at) => {
      const square = at * at;
      const expected =
        square < df
          ? 0.5 * betainc(square / (df + square), 0.5, df / 2, true, true)
          : 0.5 * betainc(df / (df + square), df / 2, 0.5, true, false);
      if (expected < 1e-290) return; // denormal: relative accuracy is lost on both sides
      assert.ok(Math.abs(studentUpper(at, df) / expected - 1) < 1e-12, `P(X > ${at}) with df ${df}`);
    }),
    { numRuns: 1000 },
  );
});

test('studentUpper() has the closed forms of one and two degrees of freedom', () => {
  for (const z of [0, 0.1, 0.1249, 0.1251, 1, 7.99, 8.01, 100, 1e9, 1e20]) {
    const cauchy = Math.atan2(1, z) / Math.PI;
    assert.ok(Math.abs(studentUpper(z, 1) / cauchy - 1) < 1e-13, `df 1 at ${z}`);
    const root = Math.sqrt(2 + z * z);
    const two = 1 / (root * (root + z)); // ½(1 − z/√(2 + z²)), without the cancellation
    assert.ok(Math.abs(studentUpper(z, 2) / two - 1) < 1e-13, `df 2 at ${z}`);
  }
});

test('studentUpper() stays right far out, where z² overflows', () => {
  assert.ok(Math.abs(studentUpper(1e200, 1) * 1e200 * Math.PI - 1) < 1e-12);
  assert.ok(Math.abs(Math.exp(studentLogTail(Math.log(1e12), 3)) / studentUpper(1e12, 3) - 1) < 1e-12);
  assert.equal(studentUpper(Number.POSITIVE_INFINITY, 3), 0);
});

test('studentPdf() is finite for large degrees of freedom, where Γ overflows', () => {
  assert.ok(Math.abs(studentPdf(0, 1e9) * Math.sqrt(2 * Math.PI) - 1) < 1e-8);
  assert.ok(Math.abs(studentPdf(0, 400) - 0.3986930196379293) < 1e-14);
});

test('studentPeak() is the density at 0', () => {
  for (const nu of [0.01, 0.3, 1, 2, 3, 4.71, 10, 63.9, 64, 65, 200, 256]) {
    const expected = 1 / (Math.sqrt(nu) * beta(0.5, nu / 2));
    assert.ok(
      Math.abs(studentPeak(nu) / expected - 1) <= 5e-14,
      `of ${nu} is ${studentPeak(nu)}, expected ${expected}`,
    );
  }
});
