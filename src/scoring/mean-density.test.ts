import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testData } from '../lib/test-data.ts';
import { compileDensity, type Density, type Leaf } from './density.ts';
import { normalDensity } from './distribution.ts';
import { meanDensity } from './mean-density.ts';

const data = testData();
const skip = data === null ? 'no reference vectors (CONDOR_TEST_DATA)' : false;

interface Vector {
  readonly id: number;
  readonly spec: unknown;
  readonly x: number | string;
  readonly pdf: unknown;
  readonly pdf_np?: unknown;
  readonly expect: string;
}

test('meanDensity() agrees with the reference to 1e-9, alone and over all vectors', { skip }, () => {
  const densities: Density[] = [];
  const x: number[] = [];
  let sum = 0;
  for (const { id, spec, x: at, pdf, pdf_np = pdf, expect } of vectors()) {
    const compiled = compileDensity(spec);
    if (!compiled.ok || !expect.startsWith('value') || typeof pdf_np !== 'number') continue;
    const value = meanDensity([compiled.density], [Number(at)]);
    const error = value === pdf_np ? 0 : Math.abs(value - pdf_np) / Math.abs(pdf_np);
    assert.ok(error <= 1e-9, `vector ${id} is ${value}, expected ${pdf_np}`);
    densities.push(compiled.density);
    x.push(Number(at));
    sum += pdf_np;
  }
  assert.equal(densities.length, 2197);
  assert.ok(Math.abs(meanDensity(densities, x) / (sum / x.length) - 1) <= 1e-9);
});

function vectors(): readonly Vector[] {
  const text = readFileSync(join(data as string, 'scoring', 'scoring-vectors.json'), 'utf8');
  return (JSON.parse(text, revive) as { cases: Vector[] }).cases;
}

/** `{"$f": "NaN"}` is how the vectors write a number that JSON has not. */
function revive(_key: string, value: unknown): unknown {
  return value instanceof Object && '$f' in value ? Number(value.$f) : value;
}

test('meanDensity() leaves out the steps without x, and is NaN when none is left', () => {
  const narrow = normalDensity(0, 0.001);
  const wide = normalDensity(0, 0.002);
  const scored = meanDensity([narrow, wide], [0.0005, 0.001]);
  assert.equal(meanDensity([narrow, wide, wide], [0.0005, 0.001, Number.NaN]), scored);
  assert.ok(Number.isNaN(meanDensity([narrow, wide], [Number.NaN, Number.NaN])));
  assert.ok(Number.isNaN(meanDensity([], [])));
});

test('meanDensity() takes weights as they are', () => {
  const [leaf] = normalDensity(0, 0.001).leaves as [Leaf];
  const value = meanDensity([normalDensity(0, 0.001)], [0.0002]);
  for (const weight of [-1, 0, 0.5, 1e6]) {
    const scaled = meanDensity([{ leaves: [{ ...leaf, weight }] }], [0.0002]);
    assert.ok(Math.abs(scaled - weight * value) <= 1e-12 * Math.abs(weight * value));
  }
});

test('meanDensity() refuses another number of x than of densities', () => {
  assert.throws(() => meanDensity([normalDensity(0, 1)], [0, 0]), /one x for each of 1, has 2/);
});
