// Decides what becomes of a round when it meets realized prices. The verdict depends on prices and market
// instants only, never on when somebody asks: whoever asks later with more prices gets the same answer.

import { addOpenSeconds, type Calendar } from './calendar.ts';
import type { Game, Outcome } from './game.ts';
import { scoredStepNumbers } from './grid.ts';
import type { Fault, Round } from './round.ts';
import type { PriceSeries } from './series.ts';

/** The part of a game that settlement depends on. */
export type SettlementGame = Pick<
  Game,
  'profiles' | 'candleSeconds' | 'toleranceCandles' | 'patienceSeconds' | 'change'
>;

export interface SettleOptions {
  readonly game: SettlementGame;
  /** The calendar in force for the round's asset; undefined = always open. */
  readonly calendar: Calendar | undefined;
  /** Prices of the round's asset, at least from its start (less the tolerance) on. */
  readonly series: PriceSeries;
  /** Market now: later prices are not looked at. */
  readonly now: number;
}

/**
 * `wait`: its prices are not all there, and its patience has not run out. `settled`: they are; `settledAt`
 * is the instant of the witness. `void`: it can't be scored; `settledAt` is the market instant at which
 * that became certain.
 */
export type RoundState =
  | { readonly state: 'wait'; readonly voidAt: number; readonly missing: string }
  | {
      readonly state: 'settled';
      readonly settledAt: number;
      /** In the order of the profile's step sizes. */
      readonly outcome: readonly Outcome[];
      readonly priceAtStart: number | null;
      readonly priceAtEnd: number | null;
      readonly firstPricedAt: number;
      readonly lastPricedAt: number;
    }
  | { readonly state: 'void'; readonly settledAt: number; readonly reason: string; readonly ours: boolean };

/**
 * The state of `round` at `now`. It is settled once a price later than its end (the witness) and a price
 * within the game's tolerance of each scored boundary are there. Patience is counted in the asset's open
 * time from the end; a witness later than its last instant does not count.
 * @throws Error when the game has no such profile.
 */
export function settleRound(
  round: Round & { readonly fault?: Fault | null; readonly faultReason?: string | null },
  { game, calendar, series, now }: SettleOptions,
): RoundState {
  if (round.fault) {
    const reason = round.faultReason ?? faultReasons[round.fault];
    return { state: 'void', settledAt: round.resolvableAt, reason, ours: true };
  }
  const toleranceSeconds = game.toleranceCandles * game.candleSeconds;
  const voidAt = voidInstant(round, game, calendar);
  const witness = series.firstAfter(round.resolvableAt);
  if (witness === undefined || witness.pricedAt > Math.min(now, voidAt)) {
    return waitOrVoid(`No price of ${round.asset} after ${iso(round.resolvableAt)}`, voidAt, now, game);
  }
  // Of the prices up to the witness alone: whatever comes later lies further from every boundary.
  const realized = realize(round, stepSizesOf(round, game), { series, toleranceSeconds, change: game.change });
  if (realized.state === 'missing') {
    const missing = `No price of ${round.asset} within ${toleranceSeconds} s of ${iso(realized.boundary)}`;
    return waitOrVoid(missing, voidAt, now, game);
  }
  const settledAt = witness.pricedAt;
  if (realized.state === 'unmoved') {
    const reason = `No step of ${round.asset} from ${iso(round.startedAt)} to ${iso(round.resolvableAt)} has two prices`;
    return { state: 'void', settledAt, reason, ours: false };
  }
  return { ...realized, settledAt };
}

/** When the patience for a round's prices ends: no later price makes a difference to it. */
export function voidInstant(
  round: Pick<Round, 'resolvableAt'>,
  game: Pick<SettlementGame, 'patienceSeconds'>,
  calendar: Calendar | undefined,
): number {
  return addOpenSeconds(calendar, round.resolvableAt, game.patienceSeconds);
}

const faultReasons: Readonly<Record<Fault, string>> = {
  interrupted: 'Our worker stopped while models were answering',
  stalled: 'Our worker stalled while models were answering',
  operator: 'An operator voided the round',
};

function waitOrVoid(missing: string, voidAt: number, now: number, game: SettlementGame): RoundState {
  if (now < voidAt) return { state: 'wait', voidAt, missing };
  const reason = `${missing} after ${game.patienceSeconds} s of patience`;
  return { state: 'void', settledAt: voidAt, reason, ours: false };
}

function stepSizesOf(round: Round, game: SettlementGame): readonly number[] {
  const profile = game.profiles.find(({ name }) => name === round.profile);
  if (profile) return profile.stepsSeconds;
  const names = game.profiles.map(({ name }) => `"${name}"`).join(', ');
  throw new Error(`Cannot settle round "${round.roundId}" of profile "${round.profile}": the game has ${names}`);
}

interface RealizeOptions {
  readonly series: PriceSeries;
  readonly toleranceSeconds: number;
  readonly change: Game['change'];
}

type Realized =
  | { readonly state: 'missing'; readonly boundary: number }
  | { readonly state: 'unmoved' }
  | Omit<Extract<RoundState, { state: 'settled' }>, 'settledAt'>;

/** Realized changes of all scored steps, or the first boundary without a price, or that no step is left. */
function realize(round: Round, stepSizes: readonly number[], options: RealizeOptions): Realized {
  const { series, toleranceSeconds, change } = options;
  const { startedAt, resolvableAt } = round;
  let [firstPricedAt, lastPricedAt] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let [priceAtStart, priceAtEnd]: [number | null, number | null] = [null, null];
  const outcome: Outcome[] = [];
  for (const stepSeconds of stepSizes) {
    const x = new Float64Array((resolvableAt - startedAt) / stepSeconds).fill(Number.NaN);
    for (const step of scoredStepNumbers(round.scoredSteps[stepSeconds] ?? [])) {
      const from = series.nearest(startedAt + (step - 1) * stepSeconds, toleranceSeconds);
      if (from === undefined) return { state: 'missing', boundary: startedAt + (step - 1) * stepSeconds };
      const to = series.nearest(startedAt + step * stepSeconds, toleranceSeconds);
      if (to === undefined) return { state: 'missing', boundary: startedAt + step * stepSeconds };
      if (step === 1) priceAtStart = from.price;
      if (step === x.length) priceAtEnd = to.price;
      if (from.pricedAt === to.pricedAt) continue; // one price at both ends says nothing: left out for everybody
      firstPricedAt = Math.min(firstPricedAt, from.pricedAt);
      lastPricedAt = Math.max(lastPricedAt, to.pricedAt);
      x[step - 1] = change === 'log-return' ? Math.log(to.price) - Math.log(from.price) : to.price - from.price;
    }
    outcome.push({ stepSeconds, x });
  }
  if (lastPricedAt === Number.NEGATIVE_INFINITY) return { state: 'unmoved' };
  return { state: 'settled', outcome, priceAtStart, priceAtEnd, firstPricedAt, lastPricedAt };
}

function iso(instant: number): string {
  return new Date(instant * 1000).toISOString().replace('.000Z', 'Z');
}
