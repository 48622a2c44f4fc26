// Every family against scipy 1.10.1 itself: random parameters, points in the bulk and in both tails, density and
// both tails of the distribution. One Python process answers for all of them.
//
// Small tails are where scipy is not a reference: where it works a tail out as one less a number near one, all it has
// is that number's rounding. That our own tails are right there is shown without it, by integrating densities
// (src/scoring/families/scipy.test.ts).

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../lib/package-root.ts';
import { python } from '../lib/python.ts';
import { allowedBy, type Value } from '../lib/scipy-allowances.ts';
import { shapesOf } from '../lib/scipy-shapes.ts';
import { seededRandom } from '../lib/seeded.ts';

const setsPerFamily = 40;
const toleranceRelative = 1e-9;

/** What this file uses of the package's index. */
interface Package {
  compileDensity(spec: unknown): { ok: true; density: Density } | { ok: false; reason: string };
  pdf(density: Density, x: number): number;
  cdf(density: Density, x: number): number;
}

interface Density {
  readonly leaves: readonly { readonly law: Law }[];
}

interface Law {
  readonly from: number;
  readonly to: number;
  cdf(z: number): number;
  upper(z: number): number;
}

interface Answer {
  readonly pdf: readonly (number | string)[];
  readonly cdf: readonly (number | string)[];
  readonly sf: readonly (number | string)[];
}

const values: readonly Value[] = ['pdf', 'cdf', 'sf'];

let scorer: Package;
let scipy: Scipy | null = null;
let missing = '';

before(async () => {
  scorer = await import(pathToFileURL(join(packageRoot, 'dist', 'src', 'index.js')).href);
  const found = await python();
  if (found.path === null) missing = found.missing;
  else scipy = startScipy(found.path);
});

after(() => scipy?.stop());

for (const [name, draw] of Object.entries(shapesOf)) {
  test(`pdf(), cdf() and the upper tail of ${name} agree with scipy 1.10.1`, async (t) => {
    if (scipy === null) return t.skip(missing);
    const random = seededRandom(seedOf(name));
    const names = await scipy.shapeNames(name);
    const sets = names.length === 0 ? 1 : setsPerFamily;
    const complaints: string[] = [];
    for (let set = 0; set < sets; set++) {
      const shapes = draw(random);
      const params = Object.fromEntries(names.map((shape, i) => [shape, shapes[i]]));
      const compiled = scorer.compileDensity({ type: 'scipy', name, params });
      assert.ok(compiled.ok, compiled.ok ? '' : `${name} ${shapes.join(' ')}: ${compiled.reason}`);
      const { density } = compiled;
      const { law } = density.leaves[0] as { law: Law };
      const xs = pointsOf(law);
      const ours = {
        pdf: (x: number) => scorer.pdf(density, x),
        cdf: (x: number) => scorer.cdf(density, x),
        sf: law.upper,
      };
      const theirs = await scipy.values({ name, shapes, xs });
      for (const value of values) {
        for (const [i, x] of xs.entries()) {
          const expected = Number(theirs[value][i]);
          const excess = excessOf(ours[value], x, expected, name, value, shapes);
          if (excess > 1) complaints.push(`${value}(${x}; ${shapes}) is ${ours[value](x)}, scipy: ${expected}`);
        }
      }
    }
    assert.deepEqual(complaints, []);
  });
}

/** How many times the allowed difference lies between our value and scipy's. */
function excessOf(
  ours: (x: number) => number,
  x: number,
  expected: number,
  name: string,
  value: Value,
  shapes: readonly number[],
): number {
  const own = ours(x);
  if (Object.is(own, expected) || own === expected) return 0;
  // Nobody can do better than the rounding of x: what two units in its last place change is allowed.
  const ulps = 2 * Number.EPSILON * Math.abs(x);
  const conditioning = Math.abs(ours(x + ulps) - ours(x - ulps));
  const allowed =
    toleranceRelative * Math.abs(expected) +
    (Number.isFinite(conditioning) ? conditioning : 0) +
    1e-300 + // beside denormal numbers
    allowedBy(name, value, shapes, x, own);
  return Math.abs(own - expected) / allowed;
}

/** Points where either tail holds these probabilities, and one beyond each end of the support. */
function pointsOf(law: Law): readonly number[] {
  const tails = [1e-12, 1e-6, 1e-3, 0.05, 0.3];
  const points = [0.5, ...tails].map((p) => pointAt(law.cdf, p, law.from, law.to));
  points.push(...tails.map((p) => -pointAt((x) => law.upper(-x), p, -law.to, -law.from)));
  points.push(law.from - 1, law.to + 1);
  return points.filter((x) => Math.abs(x) < 1e100);
}

/** By bisection of `ascending`, in a scale that knows 1e-100 as well as 1e100. */
function pointAt(ascending: (x: number) => number, p: number, from: number, to: number): number {
  const scaled = (x: number) => Math.asinh(Math.max(-1e150, Math.min(1e150, x)) * 1e100);
  let [low, high] = [scaled(from), scaled(to)];
  for (let step = 0; step < 60; step++) {
    const middle = 0.5 * (low + high);
    if (ascending(Math.sinh(middle) / 1e100) < p) low = middle;
    else high = middle;
  }
  return Math.max(from, Math.min(to, Math.sinh(high) / 1e100));
}

function seedOf(name: string): number {
  return [...name].reduce((seed, letter) => Math.imul(seed, 31) + letter.charCodeAt(0), 7);
}

interface Scipy {
  /** What a family's parameters are called, in scipy's order. */
  shapeNames(name: string): Promise<readonly string[]>;
  values(query: { name: string; shapes: readonly number[]; xs: readonly number[] }): Promise<Answer>;
  stop(): void;
}

function startScipy(interpreter: string): Scipy {
  const script = join(packageRoot, 'test', 'lib', 'scipy-values.py');
  const child = spawn(interpreter, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (query: object) => {
    child.stdin.write(`${JSON.stringify(query)}\n`);
    const { done, value } = await answers.next();
    if (done === true) throw new Error(`Cannot ask scipy for ${JSON.stringify(query)}: its process has ended`);
    return JSON.parse(value);
  };
  return {
    shapeNames: async (name) => (await ask({ name })).shapes,
    values: ask,
    stop: () => {
      child.kill('SIGKILL');
    },
  };
}
