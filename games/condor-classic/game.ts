// Condor classic: condor's questions under the original game's rule, which averages how much density a forecast put
// where the price went. Here for those who compare with the original; the README beside this file says what the
// rule can be made to reward.

import { asShadowRule, type Density, defineGame, meanDensity, pdf } from 'condor-coordinator';
import condor from '../condor/game.ts';

export default defineGame({
  // Assets, profiles, windows, calls and baseline (shown, never ranking) are condor's.
  ...condor,
  name: 'condor-classic',

  rule: {
    name: 'condor-classic',
    version: 1,
    kind: 'compatible',
    direction: 'higher',
    missingPoints: 0,
    note: 'Improper and kept for compatibility: the mean of densities rewards needles, a point mass on the likeliest change beats every honest forecast. Unlike the original it scores the steps within open market hours only. The ranks of condor’s exact rule stand beside it.',
  },

  // The mean over the scored steps of pdf(x), per unit of log-return. Not finite (a pole under the outcome, or no
  // step that could be scored): the answer has failed.
  score(forecast, outcome, _context, parts) {
    const [step] = forecast.steps;
    const [realized] = outcome;
    if (step === undefined || realized === undefined) return Number.NaN;
    const score = meanDensity(step.densities, realized.x);
    if (!Number.isFinite(score)) return Number.NaN;
    if (parts?.[0]) shareOut(step.densities, realized.x, parts[0]);
    return score;
  },
  points: (scores) => scores,
  pointsByHour: ({ hours }) => hours,

  shadowRules: [asShadowRule(condor)],
});

/** What each step adds to the mean. */
function shareOut(densities: readonly Density[], x: Float64Array, part: Float64Array): void {
  const scored = x.reduce((count, change) => count + (Number.isNaN(change) ? 0 : 1), 0);
  for (const [i, change] of x.entries()) part[i] = pdf(densities[i] as Density, change) / scored;
}
