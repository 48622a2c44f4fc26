// Every reference vector, by what its `expect` says. Families that are still missing would show here by name:
// nothing is left out silently.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { crps } from './crps.ts';
import { type Compiled, compileDensity } from './density.ts';
import { pdf } from './distribution.ts';
import { scipyFamilies } from './families/scipy.ts';
import { families } from './families.ts';
import {
  exactVectors,
  familiesIn,
  relativeError,
  type ScoringVector,
  scoringVectors,
  skipVectors,
} from './testing/vectors.ts';

const skip = skipVectors;

const refused = [
  ...'rice vonmises vonmises_line ncx2 genhyperbolic geninvgauss norminvgauss ncf nct gausshyper ksone'.split(' '),
  ...'kstwo kstwobign tukeylambda levy_stable studentized_range'.split(' '),
];

/** Counts by family what was checked and what was not, so that nothing is left out unnoticed. */
class Tally {
  readonly checked = new Map<string, number>();
  readonly skipped = new Map<string, number>();

  add(which: 'checked' | 'skipped', spec: unknown) {
    for (const name of new Set(familiesIn(spec))) this[which].set(name, (this[which].get(name) ?? 0) + 1);
  }

  /** Only the sixteen may be skipped; until the families of scipy are there, those as well. */
  assertComplete(t: TestContext) {
    t.diagnostic(`checked by family: ${[...this.checked].map(([name, count]) => `${name} ${count}`).join(', ')}`);
    const strangers = [...this.skipped.keys()].filter((name) => !refused.includes(name) && !families.has(name));
    if (scipyFamilies.size > 0) assert.deepEqual(strangers, []);
    for (const name of families.keys())
      assert.ok(!this.skipped.has(name) || strangers.length > 0, `${name} is skipped`);
  }
}

/** Refused as one of the sixteen, or because its family is still to come. */
function isSkipped(compiled: Compiled, spec: unknown): boolean {
  if (compiled.ok) return false;
  const isToCome = scipyFamilies.size === 0 && familiesIn(spec).some((name) => !families.has(name));
  return /unsupported distribution/.test(compiled.reason) || (isToCome && /continuous dist/.test(compiled.reason));
}

/** What is wrong with our answer to a vector; null when nothing is. */
function complaint({ spec, x, pdf: reference, pdf_np: numpy, expect }: ScoringVector): string | null {
  const compiled = compileDensity(spec);
  if (expect === 'refuse') return compiled.ok ? 'is accepted, must be refused' : null;
  if (!compiled.ok) return expect === 'either' ? null : `is refused: ${compiled.reason}`;
  const value = pdf(compiled.density, x);
  if (expect === 'either') return Number.isFinite(value) || Number.isNaN(x) ? null : `is ${value} at ${x}`;
  if (expect === 'pole') {
    // A Pareto law begins at loc + scale, which is loc itself where scale is below its rounding: z is 0 there, not 1.
    const isInfinite = Number(numpy ?? reference) === Number.POSITIVE_INFINITY && !familiesIn(spec).includes('pareto');
    if (isInfinite) return value === Number.POSITIVE_INFINITY ? null : `is ${value}, must be Infinity`;
    return value >= 0 ? null : `is ${value}, must be a density or Infinity`;
  }
  if (expect === 'finite') return Number.isFinite(value) && value >= 0 ? null : `is ${value}, must be finite`;
  const expected = Number(numpy ?? reference);
  const error = relativeError(value, expected);
  return error <= 1e-9 ? null : `is ${value}, must be ${expected}: ${error} apart`;
}

test('compileDensity() and pdf() do what each scoring vector expects', { skip }, (t) => {
  const tally = new Tally();
  const complaints: string[] = [];
  for (const vector of scoringVectors()) {
    const compiled = compileDensity(vector.spec);
    if (vector.expect !== 'refuse' && isSkipped(compiled, vector.spec)) {
      tally.add('skipped', vector.spec);
      continue;
    }
    tally.add('checked', vector.spec);
    const wrong = complaint(vector);
    if (wrong !== null)
      complaints.push(`${vector.id} ${vector.tag} ${JSON.stringify(vector.spec).slice(0, 200)} ${wrong}`);
  }
  tally.assertComplete(t);
  assert.deepEqual(complaints, []);
});

test('crps() agrees with 30-digit references to 1e-10', { skip }, (t) => {
  const tally = new Tally();
  const complaints: string[] = [];
  for (const { spec, x, t_min: min, t_max: max, exact_full: full, exact_trunc: truncated } of exactVectors()) {
    const compiled = compileDensity(spec);
    if (isSkipped(compiled, spec)) {
      tally.add('skipped', spec);
      continue;
    }
    assert.ok(compiled.ok);
    tally.add('checked', spec);
    const [whole, part] = [crps(compiled.density, x), crps(compiled.density, x, { min, max })];
    const [a, b] = [relativeError(whole, full), relativeError(part, truncated)];
    if (!(a <= 1e-10)) complaints.push(`${JSON.stringify(spec)} at ${x} is ${whole}, must be ${full}: ${a}`);
    if (!(b <= 1e-10))
      complaints.push(`${JSON.stringify(spec)} at ${x} in ${min} to ${max} is ${part}, must be ${truncated}: ${b}`);
  }
  tally.assertComplete(t);
  assert.deepEqual(complaints, []);
});
