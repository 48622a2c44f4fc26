// Every reference vector of the families that exist, by what its `expect` says.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testData } from '../lib/test-data.ts';
import { crps } from './crps.ts';
import { compileDensity } from './density.ts';
import { pdf } from './distribution.ts';

const data = testData();
const skip = data === null ? 'no reference vectors (CONDOR_TEST_DATA)' : false;

function cases<T>(name: string): readonly T[] {
  const file = JSON.parse(readFileSync(join(data as string, 'scoring', name), 'utf8'), revive) as { cases: T[] };
  return file.cases;
}

/** `{"$f": "NaN"}` is how the vectors write a number that JSON has not. */
function revive(_key: string, value: unknown): unknown {
  return value instanceof Object && '$f' in value ? Number(value.$f) : value;
}

const notYet = /is not supported yet|unsupported distribution/;

interface Vector {
  readonly id: number;
  readonly spec: unknown;
  readonly x: number | string;
  readonly pdf: unknown;
  readonly expect: 'value' | 'finite' | 'pole' | 'refuse' | 'either' | 'value-or-unsupported';
}

test('compileDensity() and pdf() do what each scoring vector expects', { skip }, () => {
  let checked = 0;
  for (const { id, spec, x, pdf: reference, expect } of cases<Vector>('scoring-vectors.json')) {
    const compiled = compileDensity(spec);
    if (!compiled.ok && notYet.test(compiled.reason)) continue;
    checked++;
    if (expect === 'refuse') {
      assert.ok(!compiled.ok, `vector ${id} must be refused`);
    } else if (expect !== 'either') {
      assert.ok(compiled.ok, `vector ${id} must be accepted, is refused: ${compiled.ok || compiled.reason}`);
      const value = pdf(compiled.density, Number(x));
      if (expect === 'finite') assert.ok(Number.isFinite(value), `vector ${id} must be finite, is ${value}`);
      else if (value !== reference) {
        const error = Math.abs(value - Number(reference)) / Math.abs(Number(reference));
        assert.ok(error <= 1e-9, `vector ${id} is ${value}, expected ${reference}`);
      }
    }
  }
  assert.ok(checked >= 690, `${checked} vectors checked`);
});

interface ExactCase {
  readonly spec: unknown;
  readonly x: number;
  readonly exact_full: number;
}

test('crps() agrees with 30-digit references to 1e-10', { skip }, () => {
  let checked = 0;
  for (const { spec, x, exact_full } of cases<ExactCase>('crps-exact.json')) {
    const compiled = compileDensity(spec);
    if (!compiled.ok && notYet.test(compiled.reason)) continue;
    assert.ok(compiled.ok);
    checked++;
    const value = crps(compiled.density, x);
    const error = Math.abs(value / exact_full - 1);
    assert.ok(error <= 1e-10, `${JSON.stringify(spec)} at ${x} is ${value}, expected ${exact_full}`);
  }
  assert.ok(checked >= 150, `${checked} cases checked`);
});
