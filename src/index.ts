// Everything a game or a model author may import, and nothing else.

export type { Calendar, Weekday } from './domain/calendar.ts';
export { defineGame } from './domain/define-game.ts';
export type * from './domain/game.ts';
export { type DensitySpecification, laplace, mixture, normal, studentT } from './runner/densities.ts';
export { Model } from './runner/model.ts';
export { type PricePoint, type PriceSeries, PriceStore, type PriceStoreOptions } from './runner/price-store.ts';
export { type BaselineContext, type BaselineRuleOptions, baselineRule } from './scoring/baseline-rule.ts';
export { crps, type Span } from './scoring/crps.ts';
export { crpsGrid, type Grid } from './scoring/crps-grid.ts';
export { type CrpsParts, crpsParts } from './scoring/crps-parts.ts';
export { asProbability, type Compiled, compileDensity, type Density, type Leaf } from './scoring/density.ts';
export { cdf, normalDensity, pdf } from './scoring/distribution.ts';
export { ensembleCrps } from './scoring/ensemble-crps.ts';
export { type IntervalScoreOptions, intervalScore, type WisOptions, wis } from './scoring/interval-score.ts';
export { type LogScoreFloor, logScore } from './scoring/log-score.ts';
export { meanDensity } from './scoring/mean-density.ts';
export { isCovered, pit } from './scoring/pit.ts';
export { quantile } from './scoring/quantile.ts';
export { scrps } from './scoring/scrps.ts';
export { asShadowRule, type JudgingPart } from './scoring/shadow.ts';
export { type ThresholdOptions, thresholdCrps } from './scoring/threshold-crps.ts';
