// One turn of the score worker: settle what is due, publish the boards that became complete, read answers
// that have come in. A turn keeps nothing that it could not read again; repeating one changes nothing.

import type { Competition, MarketClock } from '../domain/clock.ts';
import type { BoardRepository } from '../domain/repositories.ts';
import { wallNow } from '../lib/clock.ts';
import { checkAnswers } from './check-answers.ts';
import { publishBoards } from './publish-boards.ts';
import { type SettleDeps, settleDue } from './settle-due.ts';

export interface PassDeps extends SettleDeps {
  readonly boards: BoardRepository;
  /** Wall time, for pacing only. */
  readonly wall?: () => number;
}

export interface PassResult {
  readonly committed: number;
  readonly published: number;
  readonly checked: number;
  /** True when another turn would find work at once. */
  readonly hasMore: boolean;
}

/** What market time the competition has reached, as predict last wrote it. */
export interface Now {
  readonly competition: Competition;
  readonly clock: MarketClock;
}

// Well within the minute promised for verdicts; in a fast replay most rounds have settled by then, and
// their answers need not be read twice.
const checkEverySeconds = 10;

/** Makes the turn: call it with what `SettlementRepository.competition` says. */
export function createPass(deps: PassDeps): (current: Now, signal: AbortSignal) => Promise<PassResult> {
  const { wall = wallNow } = deps;
  const publishDeps = { ...deps, own: deps.versions.own };
  let checkAt = Number.NEGATIVE_INFINITY;
  /** Boards that the turn before has completed and did not get to. */
  let owed: { readonly current: Now; readonly completeBefore: number } | null = null;

  /** Publishes them while the threads are at the next rounds, which belong to later boards. */
  async function publishOwed(settling: Promise<unknown>, signal: AbortSignal): Promise<number> {
    let published = 0;
    let isSettling = true;
    const end = () => {
      isSettling = false;
    };
    settling.then(end, end);
    while (owed !== null && isSettling) {
      const result = await publishBoards(publishDeps, owed.current, owed.completeBefore, signal);
      published += result.published;
      if (!result.hasMore) owed = null;
    }
    return published;
  }

  return async function pass(current, signal) {
    // The clock was read before the rounds are: all that predict wrote before it is visible to them.
    const settling = settleDue(deps, current, signal);
    const [settled, early] = await Promise.allSettled([settling, publishOwed(settling, signal)]);
    if (settled.status === 'rejected') throw settled.reason;
    if (early.status === 'rejected') throw early.reason;
    const { committed, completeBefore, hasMore: hasRounds } = settled.value;
    owed = { current, completeBefore };
    let { published, hasMore: hasBoards } = { published: 0, hasMore: true };
    if (!hasRounds) {
      ({ published, hasMore: hasBoards } = await publishBoards(publishDeps, current, completeBefore, signal));
      owed = null;
    }
    let check = { checked: 0, hasMore: false };
    if (wall() >= checkAt && !signal.aborted) {
      check = await checkAnswers(deps, current.clock, { isBehind: hasRounds }, signal);
      if (!check.hasMore) checkAt = wall() + checkEverySeconds;
    }
    return {
      committed,
      published: published + early.value,
      checked: check.checked,
      hasMore: hasRounds || hasBoards || check.hasMore,
    };
  };
}
