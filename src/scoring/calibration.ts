// Why forecasts scored as they did: where outcomes fell in them, and which part of the CRPS is width and which is
// missing to one side.

import type { Calibration } from '../domain/settlement.ts';
import { crps } from './crps.ts';
import { asProbability, type Density } from './density.ts';
import { cdf } from './distribution.ts';
import { quantile } from './quantile.ts';

export interface CalibrationTally {
  add(density: Density, y: number): void;
  /** Null when some density was no probability law, or nothing was added. */
  result(): Calibration | null;
}

export function createCalibrationTally(): CalibrationTally {
  const pitCounts = new Array<number>(20).fill(0);
  const covered: [number, number, number] = [0, 0, 0];
  let [steps, dispersion, overPrediction, underPrediction, isLaw] = [0, 0, 0, 0, true];
  return {
    add(density, y) {
      const passed = asProbability(density);
      if (!passed.ok) isLaw = false;
      if (!passed.ok) return;
      const law = passed.density;
      const u = cdf(law, y);
      pitCounts[Math.min(19, Math.floor(20 * u))] = (pitCounts[Math.min(19, Math.floor(20 * u))] as number) + 1;
      for (const [i, level] of [0.5, 0.8, 0.95].entries()) {
        if (Math.abs(u - 0.5) <= level / 2) covered[i] = (covered[i] as number) + 1;
      }
      const median = quantile(law, 0.5);
      const width = crps(law, median);
      const rest = crps(law, y) - width;
      dispersion += width;
      if (y < median) overPrediction += rest;
      else underPrediction += rest;
      steps++;
    },
    result() {
      if (!isLaw || steps === 0) return null;
      return {
        steps,
        pitCounts,
        covered,
        dispersion: dispersion / steps,
        overPrediction: overPrediction / steps,
        underPrediction: underPrediction / steps,
      };
    },
  };
}
