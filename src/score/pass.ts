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
  let checkAt = Number.NEGATIVE_INFINITY;

  return async function pass(current, signal) {
    // The clock was read before the rounds are: all that predict wrote before it is visible to them.
    const { committed, completeBefore, hasMore: hasRounds } = await settleDue(deps, current, signal);
    const { published, hasMore: hasBoards } = await publishBoards(
      { ...deps, own: deps.versions.own },
      current,
      completeBefore,
      signal,
    );
    let check = { checked: 0, hasMore: false };
    if (wall() >= checkAt && !signal.aborted) {
      check = await checkAnswers(deps, current.clock, { isBehind: hasRounds }, signal);
      if (!check.hasMore) checkAt = wall() + checkEverySeconds;
    }
    return { committed, published, checked: check.checked, hasMore: hasRounds || hasBoards || check.hasMore };
  };
}
