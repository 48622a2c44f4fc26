// Everything a game or a model author may import, and nothing else.

export type { Calendar, Weekday } from './domain/calendar.ts';
export { defineGame } from './domain/define-game.ts';
export type * from './domain/game.ts';
export { type BaselineContext, type BaselineRuleOptions, baselineRule } from './scoring/baseline-rule.ts';
export { crps } from './scoring/crps.ts';
export { asProbability, type Compiled, compileDensity, type Density, type Leaf } from './scoring/density.ts';
export { cdf, normal, pdf } from './scoring/distribution.ts';
