// Calibration of one answer, as numbers that cross the thread boundary without becoming objects.

import type { Forecast, Outcome } from '../domain/game.ts';
import type { Calibration } from '../domain/settlement.ts';
import { createCalibrationTally } from '../scoring/calibration.ts';
import type { Density } from '../scoring/density.ts';

/** Steps, 20 PIT counts, 3 of coverage, 3 parts of the CRPS. */
export const calibrationNumbers = 27;

// Asking about a density costs with the square of its components, most of all where its CRPS has no closed form: the
// one at the outcome is known from scoring, the one at the median is not.
// This much is 317 densities of 14 components; what honest models send (3) is a twentieth of it. A limit in
// components and not in time, so that every worker says the same.
const squaresMax = 65_536;

/** Fills `into`; it stays all zeros where there is no calibration. Never throws. */
export function calibrate(forecast: Forecast, realized: readonly Outcome[], into: Float64Array): void {
  try {
    const tally = createCalibrationTally();
    let squares = 0;
    for (const [j, { x }] of realized.entries()) {
      const densities = forecast.steps[j]?.densities;
      for (let i = 0; i < x.length; i++) {
        const y = x[i] as number;
        if (Number.isNaN(y)) continue;
        const density = densities?.[i] as Density; // as many as steps, or there would be no forecast
        squares += density.leaves.length ** 2;
        if (squares > squaresMax) return;
        tally.add(density, y);
      }
    }
    const calibration = tally.result();
    if (calibration !== null) write(calibration, into);
  } catch {
    // A density of a compatible rule may have no CRPS or no median: there is nothing to say then.
  }
}

function write(calibration: Calibration, into: Float64Array): void {
  const { steps, pitCounts, covered, dispersion, overPrediction, underPrediction } = calibration;
  if (!Number.isFinite(dispersion + overPrediction + underPrediction)) return;
  into.set([steps, ...pitCounts, ...covered, dispersion, overPrediction, underPrediction]);
}

/** What `calibrate` has filled in. */
export function readCalibration(numbers: Float64Array): Calibration | null {
  const [steps = 0] = numbers;
  if (steps === 0) return null;
  const at = (i: number) => numbers[i] as number;
  return {
    steps,
    pitCounts: Array.from(numbers.subarray(1, 21)),
    covered: [at(21), at(22), at(23)],
    dispersion: at(24),
    overPrediction: at(25),
    underPrediction: at(26),
  };
}
