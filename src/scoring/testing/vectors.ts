// Reads the reference vectors, for the tests of every rule they hold. What they are: their own README, and `meta`.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { testData } from '../../lib/test-data.ts';

/** Of a test that needs the vectors: false, or why it is skipped. */
export const skipVectors: false | string =
  testData() === null ? 'no reference vectors: set CONDOR_TEST_DATA to the folder of test data' : false;

export type Expectation = 'value' | 'finite' | 'pole' | 'refuse' | 'either' | 'value-or-unsupported';

/** What the reference does where it gives no number. */
export interface Raised {
  readonly error: string;
  readonly message: string;
}

export interface GridVector {
  readonly x: number;
  readonly t_min: number;
  readonly t_max: number;
  readonly num_points: number;
  readonly value: number | Raised | { readonly timeout: true };
}

export interface ScoringVector {
  readonly id: number;
  readonly tag: string;
  readonly name?: string;
  readonly spec: unknown;
  readonly x: number;
  /** With a Python number; `pdf_np`, where it differs, with a numpy one, as both scorers call it. */
  readonly pdf: number | Raised;
  readonly pdf_np?: number | Raised;
  readonly crps: readonly GridVector[];
  readonly expect: Expectation;
}

export interface ExactVector {
  readonly spec: unknown;
  readonly x: number;
  readonly t_min: number;
  readonly t_max: number;
  readonly exact_full: number;
  readonly exact_trunc: number;
}

/** @throws Error when the test data is not there: see `skipVectors`. */
export function scoringVectors(): readonly ScoringVector[] {
  return read('scoring-vectors.json');
}

/** @throws Error when the test data is not there: see `skipVectors`. */
export function exactVectors(): readonly ExactVector[] {
  return read('crps-exact.json');
}

function read<T>(name: string): readonly T[] {
  const folder = testData();
  assert.ok(folder !== null, `Cannot read ${name}: there is no test data`);
  const file = JSON.parse(readFileSync(join(folder, 'scoring', name), 'utf8'), revive) as { cases: T[] };
  return file.cases;
}

/** `{"$f": "NaN"}` in a specification and `"NaN"` as a result are how the vectors write what JSON can't. */
function revive(key: string, value: unknown): unknown {
  if (typeof value === 'object' && value !== null && '$f' in value) return Number(value.$f);
  const isResult = key === 'x' || key === 'pdf' || key === 'pdf_np' || key === 'value';
  return isResult && typeof value === 'string' ? Number(value) : value;
}

/** Names of the families in a specification. */
export function familiesIn(spec: unknown): readonly string[] {
  if (typeof spec !== 'object' || spec === null) return [];
  const { name, components } = spec as { name?: unknown; components?: unknown };
  const own = typeof name === 'string' ? [name] : [];
  if (!Array.isArray(components)) return own;
  return [...own, ...components.flatMap((component) => familiesIn(component?.density))];
}

/** |a − b| relative to b; 0 when they are the same, infinities included. */
export function relativeError(actual: number, expected: number): number {
  return actual === expected ? 0 : Math.abs(actual - expected) / Math.abs(expected);
}
