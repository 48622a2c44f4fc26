// Whether lying pays, found by search: the exact expectation of a rule over a known law, least (or not) where the law
// itself is reported.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crps } from './crps.ts';
import { crpsGrid } from './crps-grid.ts';
import type { Density } from './density.ts';
import { normalDensity, pdf } from './distribution.ts';
import { integrateBetween } from './integrals/crps-quadrature.ts';
import { intervalScore, wis } from './interval-score.ts';
import { logScore } from './log-score.ts';
import { meanDensity } from './mean-density.ts';
import { quantile } from './quantile.ts';
import { scrps } from './scrps.ts';
import { leafOf, lone, mixtureOf, movedBy } from './testing/densities.ts';
import { thresholdCrps } from './threshold-crps.ts';

/** A loss: rules whose higher values are better are negated. */
interface Rule {
  readonly loss: (report: Density, y: number) => number;
  /** Outcomes where the loss bends or jumps. */
  readonly kinks?: (report: Density) => readonly number[];
}

const light: Readonly<Record<string, Density>> = {
  normal: normalDensity(0.3, 1.2),
  laplace: lone('laplace', -0.2, 0.8),
  't of five': lone('t', 0, 0.9, 5),
  'skewed normals': mixtureOf([0.75, leafOf('norm', 0, 0.6)], [0.25, leafOf('norm', 1.5, 1.4)]),
};

/** E loss(report, Y), Y ~ truth within 30 of 0: beyond there is 1e-6 of the heaviest law above. */
function expectedLoss({ loss, kinks }: Rule, truth: Density, report: Density): number {
  const points = [-30, ...(kinks?.(report) ?? []), 30].sort((a, b) => a - b);
  const leaves = [...truth.leaves, ...report.leaves];
  return points.slice(1).reduce((sum, to, i) => {
    const span = [points[i] as number, to] as const;
    return sum + integrateBetween(leaves, span, (y) => pdf(truth, y) * loss(report, y));
  }, 0);
}

interface Lie {
  readonly shift: number;
  /** ln of the stretch. */
  readonly widening: number;
  readonly loss: number;
}

/** Compass search over location and scale from a lie, down to steps of 0.01; at most 200 evaluations. */
function bestLie(rule: Rule, truth: Density): Lie {
  const at = (shift: number, widening: number): Lie => ({
    shift,
    widening,
    loss: expectedLoss(rule, truth, movedBy(truth, shift, Math.exp(widening))),
  });
  let best = at(0.37, 0.45);
  let evaluations = 1;
  for (let step = 0.32; step >= 0.01 && evaluations < 200; ) {
    const before = best;
    for (const [x, y] of [
      [step, 0],
      [-step, 0],
      [0, step],
      [0, -step],
    ] as const) {
      const next = at(before.shift + x, Math.max(-5, before.widening + y));
      evaluations++;
      if (next.loss < best.loss) best = next;
    }
    if (best === before) step /= 2;
  }
  return best;
}

const alphas = [0.1, 0.5];
const ends = (report: Density) => [0.05, 0.25, 0.5, 0.75, 0.95].map((p) => quantile(report, p));
const proper: Readonly<Record<string, Rule>> = {
  crps: { loss: crps },
  scrps: { loss: (report, y) => -scrps(report, y) },
  logScore: { loss: (report, y) => logScore(report, y) },
  wis: { loss: (report, y) => wis(report, y, { alphas }), kinks: ends },
  intervalScore: { loss: (report, y) => intervalScore(report, y, { alpha: 0.5 }), kinks: ends },
};

for (const [name, rule] of Object.entries(proper)) {
  test(`${name}() is best, by search, for the law that outcomes follow`, () => {
    for (const [truthName, truth] of Object.entries(light)) {
      const honest = expectedLoss(rule, truth, truth);
      const { shift, widening, loss } = bestLie(rule, truth);
      assert.ok(loss >= honest - 1e-7, `${truthName}: a lie gains ${honest - loss}`);
      assert.ok(Math.abs(shift) < 0.02 && Math.abs(widening) < 0.02, `${truthName}: best at ${shift}, ${widening}`);
    }
  });
}

test('thresholdCrps() is best, by search, for the law that outcomes follow', () => {
  for (const [tail, truth] of [
    ['left', normalDensity(0.3, 1.2)],
    ['right', lone('laplace', -0.2, 0.8)],
  ] as const) {
    const rule: Rule = {
      loss: (report, y) => thresholdCrps(report, y, { threshold: 0.5, tail }),
      kinks: () => [0.5],
    };
    const honest = expectedLoss(rule, truth, truth);
    const { shift, widening, loss } = bestLie(rule, truth);
    assert.ok(loss >= honest - 1e-7, `${tail}: a lie gains ${honest - loss}`);
    assert.ok(Math.abs(shift) < 0.05 && Math.abs(widening) < 0.05, `${tail}: best at ${shift}, ${widening}`);
  }
});

test('logScore() with a floor is best for the law under the floor that outcomes follow', () => {
  const reference = normalDensity(0, 4);
  const own = normalDensity(0.3, 1.2);
  const truth = mixtureOf([0.9, leafOf('norm', 0.3, 1.2)], [0.1, leafOf('norm', 0, 4)]);
  const rule: Rule = { loss: (report, y) => logScore(report, y, { reference, epsilon: 0.1 }) };
  const honest = expectedLoss(rule, truth, own);
  for (const shift of [-0.3, -0.05, 0, 0.05, 0.3]) {
    for (const stretch of [0.5, 0.9, 1, 1.1, 2]) {
      if (shift === 0 && stretch === 1) continue;
      assert.ok(expectedLoss(rule, truth, normalDensity(0.3 + shift, 1.2 * stretch)) > honest, `${shift}, ${stretch}`);
    }
  }
});

test('meanDensity() is found to reward needles', () => {
  const rule: Rule = { loss: (report, y) => -meanDensity([report], [y]) };
  const truth = normalDensity(0.3, 1.2);
  const { widening, loss } = bestLie(rule, truth);
  // E f(Y) of the truth is 1/(2σ√π); a point mass on the mode gets the density there, √2 times that.
  const honest = expectedLoss(rule, truth, truth);
  assert.ok(Math.abs(honest * 2 * 1.2 * Math.sqrt(Math.PI) + 1) < 1e-6);
  assert.ok(widening < -2, `best width e^${widening}`);
  assert.ok(loss < 1.4 * honest && loss > Math.SQRT2 * honest, `${loss / honest} times`);
});

test('crpsGrid() is found to reward a lie where the scale is near the spacing', () => {
  const grid = { min: -6, max: 6, points: 13 };
  const rule: Rule = {
    loss: (report, y) => crpsGrid(report, y, grid),
    kinks: () => Array.from({ length: grid.points }, (_, j) => grid.min + j),
  };
  const truth = normalDensity(0.3, 1);
  const honest = expectedLoss(rule, truth, truth);
  const { shift, widening, loss } = bestLie(rule, truth);
  assert.ok(loss < 0.99 * honest, `best ${loss}, honest ${honest}, at ${shift}, ${widening}`);
  assert.ok(
    expectedLoss({ loss: crps }, truth, movedBy(truth, shift, Math.exp(widening))) > 1.001 / Math.sqrt(Math.PI),
  );
});
