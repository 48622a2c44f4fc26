// Outcome, volatility, baseline, CRPS and points of settled rounds.

import type { CheckOptions, Complain } from './check-options.ts';
import { groupBy, isNear } from './check-options.ts';
import { openSteps } from './check-rounds.ts';
import { type DensityJson, lawOf } from './distributions.ts';
import type { AssetFacts, ProfileFacts } from './game-facts.ts';
import { answerOf, type PredictionRow, type RoundRow, type SettlementRow } from './played.ts';
import { type Prices, priceAt, volatilityBefore } from './prices.ts';
import { crpsByQuadrature } from './quadrature.ts';

// An exact rule may be 1e-10 off (scoring 2); the quadrature here is good to some 1e-13.
const scoreTolerance = 1e-9;
// One rounding of a subtraction and of a product, of numbers up to some 1e4.
const pointsTolerance = 1e-10;

/** Returns the predictions that were integrated. */
export function checkScores(options: CheckOptions, complain: Complain): readonly { readonly modelId: string }[] {
  const { played, facts, integratedEach } = options;
  const settlements = new Map(played.settlements.map((settlement) => [settlement.roundId, settlement]));
  const answers = groupBy(played.predictions, ({ roundId }) => roundId);
  const scores = new Map(played.scores.map((score) => [`${score.roundId} ${score.modelId}`, score]));
  if (scores.size !== played.scores.length) complain('a prediction has several scores');
  const invalid = new Set(
    played.verdicts.flatMap((row) => (row.verdict === 'valid' ? [] : [`${row.roundId} ${row.modelId}`])),
  );
  const picked = new Set(pickRounds(played.rounds, integratedEach));
  const integrated: { readonly modelId: string }[] = [];

  for (const round of played.rounds) {
    const settlement = settlements.get(round.roundId);
    if (settlement?.state !== 'settled') {
      complain(`round ${round.roundId} is ${settlement?.state ?? 'not settled'}: ${settlement?.reason}`);
      continue;
    }
    const asset = facts.assets.find(({ symbol }) => symbol === round.asset);
    const profile = facts.profiles.find(({ name }) => name === round.profile);
    if (!asset || !profile) continue; // has been complained about: no such round is expected
    const outcome = outcomeOf(options, round, asset, profile, complain);
    if (!outcome) continue;
    const baselineScore = checkSettlement(options, round, settlement, outcome, complain);
    for (const prediction of answers.get(round.roundId) ?? []) {
      const key = `${round.roundId} ${prediction.modelId}`;
      const score = scores.get(key);
      if (!score) {
        complain(`${key} has no score`);
        continue;
      }
      const isMissing = prediction.status !== 'success' || invalid.has(key);
      if (score.answered === isMissing) complain(`${key}: answered is ${score.answered}`);
      if (isMissing) {
        if (score.points !== facts.missingPoints) complain(`${key} is missing and has ${score.points} points`);
        continue;
      }
      // Points follow from the two scores, for every row; that the scores are right is integrated for some.
      const points = 100 * ((settlement.baselineScore ?? Number.NaN) - (score.score ?? Number.NaN));
      if (!isNear(score.points, points, pointsTolerance)) complain(`${key} has ${score.points} points, not ${points}`);
      if (!picked.has(round)) continue;
      const own = scoreOf(prediction, profile, outcome);
      if (!isNear(score.score, own, scoreTolerance)) complain(`${key} has score ${score.score}, integrated ${own}`);
      if (!isNear(score.points, 100 * (baselineScore - own), 100 * scoreTolerance)) {
        complain(`${key} has ${score.points} points, integrated ${100 * (baselineScore - own)}`);
      }
      integrated.push(prediction);
    }
  }
  return integrated;
}

/** The same number of rounds of each asset and profile, spread over the whole time. */
function pickRounds(rounds: readonly RoundRow[], each: number): readonly RoundRow[] {
  const kinds = groupBy(rounds, ({ profile, asset }) => `${profile}.${asset}`);
  return [...kinds.values()].flatMap((own) =>
    own.filter((_, i) => Math.floor((i * each) / own.length) !== Math.floor(((i - 1) * each) / own.length)),
  );
}

interface OutcomeFacts {
  /** Step number → realized log-return, of the steps that count. */
  readonly x: ReadonlyMap<number, number>;
  /** Expected CRPS of the baseline, and its standard deviation, for one step. */
  readonly e0: number;
  readonly sigma: number;
  readonly v: number;
  readonly priceAtStart: number | null;
  readonly priceAtEnd: number | null;
  readonly firstPricedAt: number;
  readonly lastPricedAt: number;
}

function outcomeOf(
  { prices, facts: { candleSeconds } }: CheckOptions,
  round: RoundRow,
  asset: AssetFacts,
  profile: ProfileFacts,
  complain: Complain,
): OutcomeFacts | null {
  const { stepSeconds, horizonSeconds } = profile;
  const x = new Map<number, number>();
  const used: number[] = [];
  let [priceAtStart, priceAtEnd]: (number | null)[] = [null, null];
  for (const step of openSteps(profile, asset, round.startedAt) ?? []) {
    const from = priceAt(prices, asset.symbol, round.startedAt + (step - 1) * stepSeconds, candleSeconds);
    const to = priceAt(prices, asset.symbol, round.startedAt + step * stepSeconds, candleSeconds);
    if (!from || !to) {
      complain(`round ${round.roundId} was settled without a price for step ${step}`);
      return null;
    }
    if (step === 1) priceAtStart = from.price;
    if (step === horizonSeconds / stepSeconds) priceAtEnd = to.price;
    if (from.pricedAt === to.pricedAt) continue;
    used.push(from.pricedAt, to.pricedAt);
    x.set(step, Math.log(to.price) - Math.log(from.price));
  }
  const v = volatilityBefore(prices, asset, round.startedAt, candleSeconds);
  const sigma = v * Math.sqrt(stepSeconds / 60);
  return {
    x,
    v,
    sigma,
    e0: sigma / Math.sqrt(Math.PI),
    priceAtStart: priceAtStart ?? null,
    priceAtEnd: priceAtEnd ?? null,
    firstPricedAt: Math.min(...used),
    lastPricedAt: Math.max(...used),
  };
}

/** Returns the baseline's score. */
function checkSettlement(
  { prices, facts }: CheckOptions,
  round: RoundRow,
  settlement: SettlementRow,
  outcome: OutcomeFacts,
  complain: Complain,
): number {
  const { roundId, resolvableAt } = round;
  for (const field of ['priceAtStart', 'priceAtEnd', 'firstPricedAt', 'lastPricedAt'] as const) {
    if (settlement[field] !== outcome[field])
      complain(`${roundId}: ${field} is ${settlement[field]}, not ${outcome[field]}`);
  }
  const witness = witnessAfter(prices, round.asset, resolvableAt, facts.candleSeconds);
  if (settlement.settledAt !== witness)
    complain(`${roundId} was settled at ${settlement.settledAt}, witness ${witness}`);
  const stored = Object.values(round.context as Record<string, unknown>).find((value) => typeof value === 'number');
  if (!isNear(stored, outcome.v, 1e-12, 0)) complain(`${roundId} knew the volatility ${stored}, not ${outcome.v}`);
  const baseline = crpsByQuadrature(lawOf({ type: 'builtin', name: 'norm', params: { loc: 0, scale: outcome.sigma } }));
  const score = meanOf([...outcome.x.values()].map((x) => baseline(x) / outcome.e0));
  if (!isNear(settlement.baselineScore, score, scoreTolerance)) {
    complain(`${roundId} has baseline score ${settlement.baselineScore}, integrated ${score}`);
  }
  return score;
}

/** The first price later than `t`; a weekend and a holiday away at most. */
function witnessAfter(prices: Prices, asset: string, t: number, candleSeconds: number): number | null {
  const series = prices.get(asset);
  for (let at = t + candleSeconds; at <= t + 5 * 86_400; at += candleSeconds) if (series?.has(at)) return at;
  return null;
}

function scoreOf(
  prediction: PredictionRow,
  { horizonSeconds, stepSeconds }: ProfileFacts,
  outcome: OutcomeFacts,
): number {
  const densities = answerOf(prediction) as readonly DensityJson[];
  if (densities.length !== horizonSeconds / stepSeconds) return Number.NaN;
  const crpsOf = new Map<string, (x: number) => number>();
  const parts = [...outcome.x].map(([step, x]) => {
    const text = JSON.stringify(densities[step - 1]);
    let crps = crpsOf.get(text);
    if (!crps) {
      crps = crpsByQuadrature(lawOf(densities[step - 1] as DensityJson));
      crpsOf.set(text, crps);
    }
    return crps(x) / outcome.e0;
  });
  return meanOf(parts);
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
