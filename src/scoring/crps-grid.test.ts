import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { testData } from '../lib/test-data.ts';
import { crpsGrid } from './crps-grid.ts';
import { compileDensity, type Density, type Leaf } from './density.ts';
import { normalDensity } from './distribution.ts';
import { families } from './families.ts';
import { crpsGridPlain } from './grid/plain.ts';
import { type Grid, gridPoints, pointsBelow } from './grid/points.ts';
import type { Law } from './law.ts';

const data = testData();
const skip = data === null ? 'no reference vectors (CONDOR_TEST_DATA)' : false;

interface Vector {
  readonly id: number;
  readonly spec: unknown;
  readonly expect: 'value' | 'finite' | 'pole' | 'refuse' | 'either' | 'value-or-unsupported';
  readonly crps: readonly {
    readonly x: number | string;
    readonly t_min: number;
    readonly t_max: number;
    readonly num_points: number;
    readonly value: unknown;
  }[];
}

test('crpsGrid() agrees with the reference to 1e-9 on every finite vector', { skip }, () => {
  const counted = { agreed: 0, refused: 0, free: 0, unknown: 0 };
  for (const { id, spec, expect, crps } of vectors()) {
    const compiled = compileDensity(spec);
    for (const { x, t_min, t_max, num_points, value } of crps) {
      const grid = { min: t_min, max: t_max, points: num_points };
      if (!compiled.ok) {
        if (/is not supported yet/.test(compiled.reason)) counted.unknown++;
        else counted.refused++;
        continue;
      }
      if (num_points < 2) {
        assert.throws(() => crpsGrid(compiled.density, Number(x), grid), RangeError);
        counted.refused++;
        continue;
      }
      const score = crpsGrid(compiled.density, Number(x), grid);
      if (typeof value === 'number') {
        const error = score === value ? 0 : Math.abs(score - value) / Math.abs(value);
        assert.ok(error <= 1e-9, `vector ${id} at ${x} is ${score}, expected ${value}`);
        counted.agreed++;
      } else {
        if (expect === 'finite') assert.ok(Number.isFinite(score), `vector ${id} at ${x} is ${score}`);
        counted.free++;
      }
    }
  }
  assert.deepEqual(counted, { agreed: 3008, refused: 386, free: 56, unknown: 0 });
});

function vectors(): readonly Vector[] {
  const text = readFileSync(join(data as string, 'scoring', 'scoring-vectors.json'), 'utf8');
  return (JSON.parse(text, revive) as { cases: Vector[] }).cases;
}

/** `{"$f": "NaN"}` is how the vectors write a number that JSON has not. */
function revive(_key: string, value: unknown): unknown {
  return value instanceof Object && '$f' in value ? Number(value.$f) : value;
}

test('crpsGrid() the fast way agrees with the plain one to 1e-9 on 10,000 random mixtures', () => {
  const random = generator(20_260_101);
  let differing = 0;
  for (let i = 0; i < 10_000; i++) {
    const grid = randomGrid(random);
    const density = randomMixture(random, grid);
    const y = randomOutcome(random, grid);
    const fast = crpsGrid(density, y, grid);
    const plain = crpsGridPlain(density, y, gridPoints(grid));
    if (fast !== plain) differing++;
    const error = fast === plain ? 0 : Math.abs(fast - plain) / Math.abs(plain);
    assert.ok(error <= 1e-9, `mixture ${i} is ${fast}, plain ${plain}: ${show(density)} at ${y} on ${show(grid)}`);
  }
  assert.ok(differing > 5_000, `only ${differing} went the fast way`);
});

/** From 0 to 1. Marsaglia's xorshift32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** From nearly nothing to very much, most often around 1. */
function logUniform(random: () => number, decades: number): number {
  return 10 ** (decades * (random() - 0.5) * 2);
}

function pick<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T;
}

function randomGrid(random: () => number): Grid {
  const half = logUniform(random, 3);
  const points = pick(random, [2, 3, 5, 17, 32, 33, 64, 128, 255, 256, 257, 511]);
  const middle = pick(random, [0, 0, 0, half * (random() - 0.5), half * 5, -half * 200, half * 1e9]);
  return { min: middle - half, max: middle + half, points };
}

function randomMixture(random: () => number, { min, max, points }: Grid): Density {
  const width = max - min;
  const spacing = width / (points - 1);
  const leaves = Array.from({ length: 1 + Math.floor(random() * 5) }, (): Leaf => {
    const name = pick(random, ['norm', 'norm', 'laplace', 't']);
    const shapes = name === 't' ? [pick(random, [0.3, 1, 2, 2.5, 3, 4.71, 30, 255, 1000])] : [];
    const loc = pick(random, [
      min + width * random(), // anywhere on the grid
      min + width * (3 * random() - 1), // or beside it
      min + spacing * Math.floor(points * random()), // or on a point
      0.5 * (min + max),
    ]);
    const scale = pick(random, [width * 0.07, spacing * logUniform(random, 1), width * logUniform(random, 4)]);
    const weight =
      random() < 0.02 ? 1e6 : pick(random, [random(), random(), random(), 0, 1, 3 * random(), -0.3 * random()]);
    return { weight, name, law: families.get(name)?.law(shapes) as Law, loc, scale, shapes };
  });
  return { leaves };
}

function randomOutcome(random: () => number, { min, max, points }: Grid): number {
  const on = gridPoints({ min, max, points }).at[Math.floor(points * random())] as number;
  return pick(random, [
    min + (max - min) * random(),
    min + (max - min) * (0.4 + 0.2 * random()),
    on,
    min - (max - min) * random(),
    max + (max - min) * random(),
    pick(random, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]),
  ]);
}

function show(value: unknown): string {
  return JSON.stringify(value, (key, part) => (key === 'law' ? undefined : part));
}

test('crpsGrid() keeps its relative accuracy where next to nothing is left', () => {
  // A law beside the grid: F is its far tail, and its square is all there is to add.
  const grid = { min: -10, max: 10, points: 256 };
  const far = normalDensity(25, 1.5);
  const score = crpsGrid(far, 11, grid);
  assert.equal(score, crpsGridPlain(far, 11, gridPoints(grid)));
  assert.ok(score > 0 && score < 1e-40, `is ${score}`);
});

test('crpsGrid() takes F as 1 from a pole on', () => {
  const law: Law = { ...(families.get('norm')?.law([]) as Law), pdf: (z) => (z === 0 ? Number.POSITIVE_INFINITY : 0) };
  const density: Density = { leaves: [{ weight: 1, name: 'pole', law, loc: 2, scale: 1, shapes: [] }] };
  const grid = { min: 0, max: 10, points: 11 };
  assert.equal(crpsGrid(density, 2, grid), 0);
  assert.equal(crpsGrid(density, 5, grid), 3); // one for each of the points 2, 3 and 4
  assert.equal(crpsGrid(density, 0, grid), 1.5); // and before the pole, the first point counting half
});

test('crpsGrid() counts an outcome beyond the grid as never or always reached', () => {
  const grid = { min: -8, max: 8, points: 129 };
  const density = normalDensity(1, 1);
  const never = crpsGrid(density, 9, grid);
  const always = crpsGrid(density, -9, grid);
  assert.equal(crpsGrid(density, Number.POSITIVE_INFINITY, grid), never);
  assert.equal(crpsGrid(density, Number.NaN, grid), never);
  assert.equal(crpsGrid(density, Number.NEGATIVE_INFINITY, grid), always);
  assert.ok(never < always);
});

test('crpsGrid() lets F fall under negative weights, never below 0', () => {
  const { leaves } = normalDensity(0, 1);
  const [leaf] = leaves as [Leaf];
  const down: Density = { leaves: [{ ...leaf, weight: -1 }] };
  const grid = { min: -8, max: 8, points: 129 };
  assert.equal(crpsGrid(down, 9, grid), 0);
  assert.equal(crpsGrid(down, -9, grid), 16);
});

test('crpsGrid() is 0 on a grid without width, a pole on it or not', () => {
  const law: Law = { ...(families.get('norm')?.law([]) as Law), pdf: () => Number.POSITIVE_INFINITY };
  const density: Density = { leaves: [{ weight: 1, name: 'pole', law, loc: 3, scale: 1, shapes: [] }] };
  assert.equal(crpsGrid(density, 3, { min: 3, max: 3, points: 4 }), 0);
});

test('crpsGrid() refuses a grid that is none', () => {
  const density = normalDensity(0, 1);
  for (const grid of [
    { min: 0, max: 1, points: 1 },
    { min: 0, max: 1, points: 2.5 },
    { min: 0, max: 1, points: 65_537 },
    { min: 1, max: 0, points: 2 },
    { min: Number.NaN, max: 0, points: 2 },
    { min: 0, max: Number.POSITIVE_INFINITY, points: 2 },
  ]) {
    assert.throws(() => crpsGrid(density, 0, grid), /Cannot lay a grid/);
  }
});

test('gridPoints() keeps few grids, and works each out once', () => {
  const grid = { min: -1, max: 1, points: 5 };
  const laid = gridPoints(grid);
  assert.deepEqual([...laid.at], [-1, -0.5, 0, 0.5, 1]);
  assert.equal(gridPoints({ ...grid }), laid);
  for (let i = 0; i < 100; i++) gridPoints({ min: -1, max: 2 + i, points: 5 });
  assert.deepEqual(gridPoints(grid), laid);
});

test('pointsBelow() counts the points below y, itself not', () => {
  const grid = gridPoints({ min: -1, max: 1, points: 5 });
  const counts = [-2, -1, -0.9, -0.5, -0.4, 0, 1, 1.1, Number.NaN].map((y) => pointsBelow(grid, y));
  assert.deepEqual(counts, [0, 0, 1, 1, 2, 2, 4, 5, 5]);
  assert.equal(pointsBelow(gridPoints({ min: 3, max: 3, points: 4 }), 3), 0);
});
