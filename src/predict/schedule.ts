// Which rounds start now. A slot opens when the candle that ends at it has arrived for its asset, or a
// fixed wait after it; a slot that can't be asked properly is skipped, ours, and never asked later.

import { openSeconds } from '../domain/calendar.ts';
import type { Game } from '../domain/game.ts';
import { scoredSteps, slotsBetween } from '../domain/grid.ts';
import type { ScoredSteps, Skip, SkipReason, Slot } from '../domain/round.ts';
import type { Market } from './market.ts';

export interface DueSlot extends Slot {
  readonly scoredSteps: ScoredSteps;
}

export interface Due {
  readonly ask: readonly DueSlot[];
  /** One for each gap that began or grew. */
  readonly skip: readonly Skip[];
}

/** Prices older than this, in open time, are no base for a question. */
const staleCandles = 3;

export class Schedule {
  readonly #game: Game;
  readonly #lastSlots: Map<string, number>;
  readonly #gaps = new Map<string, Skip>();
  readonly #lastAsked = new Map<string, number>();
  #pending: DueSlot[] = [];
  #checkedUntil: number;
  #isFirst: boolean;

  /**
   * Slots from `startAt` on. `lastSlots`: newest slot asked or skipped by an earlier run, by
   * `{profile}.{asset}`; where there is one, slots missed since then count as skipped.
   */
  constructor(game: Game, startAt: number, lastSlots: Readonly<Record<string, number>>) {
    this.#game = game;
    const keys = game.profiles.flatMap(({ name, assets }) => assets.map((asset) => `${name}.${asset}`));
    const before = startAt - game.candleSeconds;
    this.#lastSlots = new Map(keys.map((key) => [key, lastSlots[key] ?? before]));
    this.#isFirst = keys.some((key) => key in lastSlots);
    this.#checkedUntil = Math.min(before, ...this.#lastSlots.values());
  }

  /** What is due at `now`. Where `refusal` is given, slots that would be asked are skipped for that reason. */
  due(now: number, market: Market, refusal: SkipReason | null = null): Due {
    for (const slot of slotsBetween(this.#game, this.#checkedUntil, now)) this.#consider(slot, market);
    this.#checkedUntil = Math.max(this.#checkedUntil, now);
    const ask: DueSlot[] = [];
    const skip = new Map<string, Skip>();
    this.#pending = this.#pending.filter((slot) => {
      const judged = this.#judge(slot, now, market);
      const verdict = judged === 'ask' && refusal ? refusal : judged;
      if (verdict === 'wait') return true;
      this.#lastSlots.set(keyOf(slot), slot.startedAt);
      if (verdict === 'ask') {
        this.#gaps.delete(keyOf(slot));
        this.#lastAsked.set(keyOf(slot), slot.startedAt);
        ask.push(slot);
      } else {
        skip.set(keyOf(slot), this.#extendGap(slot, verdict));
      }
      return false;
    });
    this.#isFirst = false;
    return { ask, skip: [...skip.values()] };
  }

  /** When a waiting slot opens without its candle; null when none waits. */
  nextOpeningAt(): number | null {
    const first = this.#pending[0];
    return first ? first.startedAt + this.#game.candleWaitSeconds : null;
  }

  /** Newest slot handed out to be asked; null before the first. */
  lastAskedAt(profile: string, asset: string): number | null {
    return this.#lastAsked.get(`${profile}.${asset}`) ?? null;
  }

  #consider(slot: Slot, market: Market): void {
    if (slot.startedAt <= (this.#lastSlots.get(keyOf(slot)) ?? Number.NEGATIVE_INFINITY)) return;
    const profile = this.#game.profiles.find(({ name }) => name === slot.profile);
    const scored = profile && scoredSteps(profile, market.calendar(slot.asset), slot.startedAt);
    if (scored) this.#pending.push({ ...slot, scoredSteps: scored }); // otherwise the market is closed: nobody's fault
  }

  #judge(slot: DueSlot, now: number, market: Market): 'ask' | 'wait' | SkipReason {
    if (now > slot.startedAt + this.#game.startToleranceSeconds) return this.#isFirst ? 'worker-down' : 'late-start';
    const newestAt = market.series(slot.asset).last()?.pricedAt ?? Number.NEGATIVE_INFINITY;
    if (newestAt >= slot.startedAt) return 'ask';
    if (now < slot.startedAt + this.#game.candleWaitSeconds) return 'wait';
    const isStale =
      newestAt === Number.NEGATIVE_INFINITY ||
      openSeconds(market.calendar(slot.asset), newestAt, now) > staleCandles * this.#game.candleSeconds;
    return isStale ? 'stale-prices' : 'ask';
  }

  #extendGap(slot: Slot, reason: SkipReason): Skip {
    const open = this.#gaps.get(keyOf(slot));
    const gap: Skip =
      open?.reason === reason
        ? { ...open, toSlot: slot.startedAt, slots: open.slots + 1 }
        : {
            profile: slot.profile,
            asset: slot.asset,
            fromSlot: slot.startedAt,
            toSlot: slot.startedAt,
            slots: 1,
            reason,
          };
    this.#gaps.set(keyOf(slot), gap);
    return gap;
  }
}

function keyOf({ profile, asset }: Pick<Slot, 'profile' | 'asset'>): string {
  return `${profile}.${asset}`;
}
