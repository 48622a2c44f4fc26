// The whole-system check computes numbers of its own. Here those are held against the specification's
// golden values and the worked rounds on recorded prices, so that a pass of the check means something.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type DensityJson, lawOf } from '../lib/numbers/distributions.ts';
import { condorFacts } from '../lib/numbers/game-facts.ts';
import { isGoldOpen } from '../lib/numbers/gold-hours.ts';
import { priceAt, readCsvPrices, volatilityBefore } from '../lib/numbers/prices.ts';
import { crpsByQuadrature } from '../lib/numbers/quadrature.ts';
import { testData } from '../lib/test-data.ts';

const builtin = (name: string, params: Record<string, number>): DensityJson => ({ type: 'builtin', name, params });
const norm = (loc: number, scale: number) => builtin('norm', { loc, scale });
const t = (df: number, loc = 0, scale = 1) => builtin('t', { df, loc, scale });
const laplace = (loc: number, scale: number) => builtin('laplace', { loc, scale });
const mixture = (...parts: [number, DensityJson][]): DensityJson => ({
  type: 'mixture',
  components: parts.map(([weight, density]) => ({ weight, density })),
});

const golden: readonly (readonly [string, DensityJson, number, number])[] = [
  ['N(0, 1) at 0', norm(0, 1), 0, 0.233694977255],
  ['N(0, 1) at 0.5', norm(0, 1), 0.5, 0.331403531255],
  ['N(0, 1) at -2.3', norm(0, 1), -2.3, 1.743133585836],
  ['N(0.1, 0.02) at 0.15', norm(0.1, 0.02), 0.15, 0.038796373816],
  ['0.6 N(0, 1) + 0.4 N(2, 0.5) at 1', mixture([0.6, norm(0, 1)], [0.4, norm(2, 0.5)]), 1, 0.367252785042],
  ['t3 at 0.7', t(3), 0.7, 0.446821131272],
  ['t5 at 0.7', t(5), 0.7, 0.434575555572],
  ['t4(0.1, 2) at -1', t(4, 0.1, 2), -1, 0.747461360561],
  ['Laplace(0, 1) at 0.5', laplace(0, 1), 0.5, 0.356530659713],
  ['0.7 N(0, 1) + 0.3 Laplace(1, 2) at 0.5', mixture([0.7, norm(0, 1)], [0.3, laplace(1, 2)]), 0.5, 0.335730508212],
  ['0.5 t3 + 0.5 N(0, 2) at 1', mixture([0.5, t(3)], [0.5, norm(0, 2)]), 1, 0.624748038992],
];

for (const [name, density, x, expected] of golden) {
  test(`crpsByQuadrature() of ${name} is the specification's`, () => {
    const value = crpsByQuadrature(lawOf(density))(x);
    assert.ok(Math.abs(value - expected) < 1e-12, `${value} instead of ${expected}`); // given to 12 decimals
  });
}

test('crpsByQuadrature() is 2F − 1 steep, far out as well', () => {
  for (const density of [norm(0, 1), t(4.2), laplace(0, 1), mixture([0.9, norm(0, 1)], [0.1, norm(0, 3)])]) {
    const law = lawOf(density);
    const crps = crpsByQuadrature(law);
    for (const x of [-60, -9.5, -2, -0.3, 0.1, 1.7, 8, 41, 300]) {
      const slope = (crps(x + 1e-3) - crps(x - 1e-3)) / 2e-3;
      assert.ok(Math.abs(slope - (2 * law.cdf(x) - 1)) < 1e-6, `${JSON.stringify(density)} at ${x}: ${slope}`);
    }
  }
});

const data = testData();
const needsData = { skip: data === null && 'there is no recorded test data (CONDOR_TEST_DATA)' };
const recorded = () => readCsvPrices(join(data as string, 'prices'), ['BTC', 'ETH', 'XAU', 'SOL'], 60);

test('isGoldOpen() is the market the recorded gold prices come from', needsData, () => {
  const gold = recorded().get('XAU') as ReadonlyMap<number, number>;
  const [first, last] = [Math.min(...gold.keys()), Math.max(...gold.keys())];
  for (let at = first; at <= last; at += 60)
    assert.equal(gold.has(at), isGoldOpen(at), new Date(at * 1000).toISOString());
});

test('isGoldOpen() follows New York through a change of clocks', () => {
  const isOpen = (text: string) => isGoldOpen(Date.parse(text) / 1000);
  assert.deepEqual(
    ['2026-01-05T22:00:00Z', '2026-01-05T22:01:00Z', '2026-01-05T23:00:00Z', '2026-01-05T23:01:00Z'].map(isOpen),
    [true, false, false, true],
  );
  assert.deepEqual(
    ['2026-03-06T22:00:00Z', '2026-03-06T22:01:00Z', '2026-03-08T22:00:00Z', '2026-03-08T22:01:00Z'].map(isOpen),
    [true, false, false, true],
  );
  assert.deepEqual(
    ['2026-10-30T21:00:00Z', '2026-10-30T21:01:00Z', '2026-11-01T23:00:00Z', '2026-11-01T23:01:00Z'].map(isOpen),
    [true, false, false, true],
  );
});

test("the check works the specification's rounds out to 1e-12", needsData, () => {
  const { rounds } = JSON.parse(readFileSync(join(data as string, 'scoring', 'worked-rounds.json'), 'utf8')) as {
    rounds: readonly WorkedRound[];
  };
  const prices = recorded();
  const condor = rounds.filter(({ game }) => game === 'condor');
  assert.equal(condor.length, 2);
  for (const round of condor) {
    const { asset, startedAt, stepSeconds, horizonSeconds } = round;
    const facts = condorFacts.assets.find(({ symbol }) => symbol === asset);
    assert.ok(facts);
    const v = volatilityBefore(prices, facts, startedAt, 60);
    const sigma = v * Math.sqrt(stepSeconds / 60);
    const crps = crpsByQuadrature(
      lawOf(mixture(...round.forecast.map(([w, loc, scale]) => [w, norm(loc, scale)] as [number, DensityJson]))),
    );
    const baseline = crpsByQuadrature(lawOf(norm(0, sigma)));
    const count = horizonSeconds / stepSeconds;
    const price = (i: number) => priceAt(prices, asset, startedAt + i * stepSeconds, 60)?.price ?? Number.NaN;
    const x = Array.from({ length: count }, (_, i) => Math.log(price(i + 1)) - Math.log(price(i)));
    const e0 = sigma / Math.sqrt(Math.PI);
    const mean = (f: (x: number) => number) => x.reduce((sum, value) => sum + f(value), 0) / count / e0;
    const close = (found: number, wanted: number) => assert.ok(Math.abs(found - wanted) < 1e-12, `${found}, ${wanted}`);
    close(v, round.v);
    close(mean(crps), round.score);
    close(mean(baseline), round.baselineScore);
    assert.ok(Math.abs(100 * (mean(baseline) - mean(crps)) - round.points) < 1e-10);
  }
});

interface WorkedRound {
  readonly game: string;
  readonly asset: string;
  readonly startedAt: number;
  readonly horizonSeconds: number;
  readonly stepSeconds: number;
  readonly forecast: readonly (readonly [weight: number, loc: number, scale: number])[];
  readonly v: number;
  readonly score: number;
  readonly baselineScore: number;
  readonly points: number;
}
