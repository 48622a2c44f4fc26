// A whole scoring rule for a game: exact CRPS in units of a baseline that is known before the round. The
// game supplies constants; nothing here knows which game that is.

import type { Forecast, GameDefinition, Json, Outcome, PricesBefore, Question } from '../domain/game.ts';
import { crps } from './crps.ts';
import type { Density } from './density.ts';
import { normalDensity } from './distribution.ts';

export interface BaselineRuleOptions {
  /** The game's candle: volatility is per candle. */
  readonly candleSeconds: number;
  /** Volatility of a candle where the past is too short, by asset; > 0. */
  readonly fallbackVolatility: Readonly<Record<string, number>>;
  /** Fewest one-candle returns to estimate from. Default 360. */
  readonly returnsMin?: number;
  /** Smallest volatility: a market that stands still must not divide by nothing. Default 1e-6. */
  readonly volatilityMin?: number;
  /** As the game's own `change`. Default `log-return`. */
  readonly change?: GameDefinition['change'];
}

/** What the rule knows at a round's start; stored with the round. */
export type BaselineContext = {
  /** v: the volatility of one candle. */
  readonly v: number;
  /** How many one-candle returns there were. */
  readonly returns: number;
  /** P: the last price before the round. Only where changes are price differences. */
  readonly price?: number;
};

/**
 * The judgement of a game, to be spread into its definition:
 *
 * - `context`: v = √(mean of squared one-candle log-returns), over the prices it is given, from at least
 *   `returnsMin` returns, else the asset's fallback, and at least `volatilityMin`. A return over a gap is
 *   none.
 * - `baseline`: N(0, σ_s) for every step of s seconds, σ_s = v·√(s / candleSeconds), times the last price before
 *   the round where changes are price differences. Any model may copy it.
 * - `score`: mean over the scored steps of CRPS / e0, e0 = σ_s/√π being the baseline's own expected CRPS
 *   (∫F(1 − F)). Lower is better, about 1 for a calibrated forecast; NaN when no step is scored.
 * - `points`: 100·(baselineScore − score). Higher is better, 0 is as good as the baseline, one point is one
 *   per cent of the score. Additive over a scale fixed beforehand, so the rule stays proper.
 *
 * Source: spec/scoring.md 2; CRPS after Gneiting & Raftery, JASA 102, 2007.
 * @throws RangeError from `context` when an asset has no fallback volatility > 0, or when changes are price
 * differences and there is no price before the round.
 */
export function baselineRule(
  options: BaselineRuleOptions,
): Required<Pick<GameDefinition, 'context' | 'baseline' | 'score' | 'points' | 'pointsByHour'>> {
  const { candleSeconds } = options;
  return {
    context: (question, pricesBefore) => baselineContext(question, pricesBefore, options),
    baseline: (question, context) => baselineForecast(question, candleScale(context), candleSeconds),
    score: (forecast, outcome, context, parts) =>
      meanScaledCrps(forecast, outcome, candleScale(context), { candleSeconds, parts }),
    points: (scores, baselineScore) => scores.map((score) => 100 * (baselineScore - score)),
    pointsByHour: (own, _points, baseline) =>
      own.hours.map((part, hour) => 100 * ((baseline.hours[hour] as number) - part)), // of the same steps
  };
}

function baselineContext(
  { asset }: Question,
  { pricedAt, price }: PricesBefore,
  { candleSeconds, fallbackVolatility, returnsMin = 360, volatilityMin = 1e-6, change }: BaselineRuleOptions,
): BaselineContext {
  let squares = 0;
  let returns = 0;
  for (let i = 1; i < price.length; i++) {
    if ((pricedAt[i] as number) - (pricedAt[i - 1] as number) !== candleSeconds) continue;
    const logReturn = Math.log(price[i] as number) - Math.log(price[i - 1] as number);
    squares += logReturn * logReturn;
    returns++;
  }
  const fallback = fallbackVolatility[asset];
  if (!(fallback !== undefined && fallback > 0)) {
    throw new RangeError(`Cannot estimate the volatility of "${asset}": its fallback must be > 0, is ${fallback}`);
  }
  const v = Math.max(volatilityMin, returns < returnsMin ? fallback : Math.sqrt(squares / returns));
  if (change !== 'difference') return { v, returns };
  const last = price.at(-1);
  if (last === undefined) {
    throw new RangeError(`Cannot tell how far the price of "${asset}" moves: there is no price before the round`);
  }
  return { v, returns, price: last };
}

/** σ of a candle, in the unit of the game's changes. */
function candleScale(context: Json): number {
  const { v, price = 1 } = context as BaselineContext; // what `context` returned, back from the database
  return v * price;
}

/** σ_s for a step of s seconds. */
function stepScale(candle: number, stepSeconds: number, candleSeconds: number): number {
  return candle * Math.sqrt(stepSeconds / candleSeconds);
}

function baselineForecast({ horizonSeconds, stepsSeconds }: Question, candle: number, candleSeconds: number): Forecast {
  return {
    steps: stepsSeconds.map((stepSeconds) => {
      const density: Density = normalDensity(0, stepScale(candle, stepSeconds, candleSeconds));
      return { stepSeconds, densities: new Array<Density>(Math.round(horizonSeconds / stepSeconds)).fill(density) };
    }),
  };
}

function meanScaledCrps(
  forecast: Forecast,
  outcome: readonly Outcome[],
  candle: number,
  { candleSeconds, parts }: { readonly candleSeconds: number; readonly parts: readonly Float64Array[] | undefined },
): number {
  let sum = 0;
  let scored = 0;
  for (const [j, { stepSeconds, x }] of outcome.entries()) {
    const step = forecast.steps.find((candidate) => candidate.stepSeconds === stepSeconds);
    if (step === undefined) return Number.NaN;
    const e0 = stepScale(candle, stepSeconds, candleSeconds) / Math.sqrt(Math.PI);
    for (let i = 0; i < x.length; i++) {
      const realized = x[i] as number;
      if (Number.isNaN(realized)) continue;
      const score = crps(step.densities[i] as Density, realized) / e0;
      if (parts) (parts[j] as Float64Array)[i] = score;
      sum += score;
      scored++;
    }
  }
  for (const part of parts ?? []) for (let i = 0; i < part.length; i++) part[i] = (part[i] as number) / scored;
  return sum / scored; // NaN when nothing is scored
}
