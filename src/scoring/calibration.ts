// Why forecasts scored as they did: where outcomes fell in them, and which part of the CRPS is width and which is
// missing to one side. It runs for every density of every answer, so a lone law costs little beside its CRPS.

import type { Calibration } from '../domain/settlement.ts';
import { crps } from './crps.ts';
import { missOf } from './crps-parts.ts';
import { asProbability, type Density } from './density.ts';
import { cdf } from './distribution.ts';
import { tailQuantile } from './quantile.ts';

export interface CalibrationTally {
  /** `score`: crps(density, y) where it is already known. Nothing throws: what has no CRPS makes the result null. */
  add(density: Density, y: number, score?: number): void;
  /** Null when some density was no probability law or had no finite CRPS, or when nothing was added. */
  result(): Calibration | null;
}

const bins = 20;
// F(y) is within this of ½ inside the central interval.
const fiftyReach = 0.25;
const eightyReach = 0.4;
const ninetyFiveReach = 0.475;

/**
 * Counts PIT u = F(y) in twentieths of [0, 1] (u = 1 in the last), outcomes inside the central intervals of 50, 80
 * and 95 % (ends included), and means of the parts of the CRPS as `crpsParts` splits it. Source: Gneiting,
 * Balabdaoui & Raftery, J. R. Stat. Soc. B 69, 2007; spec/scoring.md 4.5, 4.6.
 */
export function createCalibrationTally(): CalibrationTally {
  const pitCounts = new Array<number>(bins).fill(0);
  let [steps, fifty, eighty, ninetyFive] = [0, 0, 0, 0];
  let [dispersion, overPrediction, underPrediction] = [0, 0, 0];
  let isCalibrated = true;
  let last: Centre | null = null; // a forecast often repeats one density for all its steps

  function count(density: Density, y: number, known: number | undefined): void {
    const passed = asProbability(density);
    const score = !passed.ok ? Number.NaN : (known ?? crps(passed.density, y));
    if (!passed.ok || !Number.isFinite(score)) {
      isCalibrated = false;
      return;
    }
    if (last?.density !== density) last = centreOf(density, passed.density);
    const { law, median } = last;
    const u = cdf(law, y);
    const bin = Math.min(bins - 1, Math.floor(bins * u));
    pitCounts[bin] = (pitCounts[bin] as number) + 1;
    const reach = Math.abs(u - 0.5);
    if (reach <= fiftyReach) fifty++;
    if (reach <= eightyReach) eighty++;
    if (reach <= ninetyFiveReach) ninetyFive++;
    const width = widthOf(last, y, score);
    dispersion += width;
    if (y < median) overPrediction += Math.max(0, score - width);
    else underPrediction += Math.max(0, score - width);
    steps++;
  }

  return {
    add(density, y, score) {
      if (!isCalibrated) return;
      try {
        count(density, y, score);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error; // only: this density has no CRPS
        isCalibrated = false;
      }
    },
    result() {
      if (!isCalibrated || steps === 0) return null;
      return {
        steps,
        pitCounts: [...pitCounts],
        covered: [fifty, eighty, ninetyFive],
        dispersion: dispersion / steps,
        overPrediction: overPrediction / steps,
        underPrediction: underPrediction / steps,
      };
    },
  };
}

/** What does not depend on the outcome. */
interface Centre {
  /** As it was given: what a repetition is told by. */
  readonly density: Density;
  readonly law: Density;
  readonly median: number;
  /** CRPS(F, median); NaN until known. */
  dispersion: number;
}

function centreOf(density: Density, law: Density): Centre {
  const [only] = law.leaves;
  if (law.leaves.length !== 1 || only === undefined || only.law.crps === undefined) {
    return { density, law, median: tailQuantile(law.leaves, 0.5, -1, true), dispersion: Number.NaN };
  }
  // Most laws that models send are symmetric about their loc.
  const z =
    only.law.cdf(0) === 0.5 && only.law.pdf(0) > 0
      ? 0
      : tailQuantile([{ ...only, weight: 1, loc: 0, scale: 1 }], 0.5, -1, true);
  return { density, law, median: only.loc + only.scale * z, dispersion: only.scale * only.law.crps(z) };
}

/**
 * CRPS(F, median). From the score by what y adds to it, as the closed or short integral of that is cheaper than a
 * second CRPS; not where little of the score would be left.
 */
function widthOf(centre: Centre, y: number, score: number): number {
  if (!Number.isNaN(centre.dispersion)) return centre.dispersion;
  const { law, median } = centre;
  const width = score - missOf(law.leaves, median, y);
  centre.dispersion = width > 0.1 * score ? width : crps(law, median);
  return centre.dispersion;
}
