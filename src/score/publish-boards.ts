// The second part of a pass: a board for each board instant that market time has passed and whose rounds
// are all settled, in order, none left out.

import type { Competition, MarketClock } from '../domain/clock.ts';
import { buildLeaderboard } from '../domain/leaderboard.ts';
import type { BoardRepository } from '../domain/repositories.ts';
import { wallNow } from '../lib/clock.ts';
import type { OwnGame } from './versions.ts';

export interface PublishDeps {
  readonly own: OwnGame;
  readonly boards: BoardRepository;
  /** Wall time, to bound a turn. */
  readonly wall?: () => number;
}

export interface PublishResult {
  readonly published: number;
  /** True when there are more that could be published now. */
  readonly hasMore: boolean;
}

const turnSeconds = 2; // a worker days behind publishes thousands of boards; in between it settles and stops

/**
 * Publishes the boards after `passedUntil` that are not later than `clock.now` and earlier than
 * `completeBefore`. Board instants are the multiples of the competition's interval since the epoch, the
 * first one later than `clock.startedAt`.
 */
export async function publishBoards(
  { own: { game, gameVersion }, boards, wall = wallNow }: PublishDeps,
  { competition, clock }: { readonly competition: Competition; readonly clock: MarketClock },
  completeBefore: number,
  signal: AbortSignal,
): Promise<PublishResult> {
  const every = competition.boardEverySeconds;
  const stopAt = wall() + turnSeconds;
  let passed = await boards.passedUntil();
  let published = 0;
  for (;;) {
    const asOf = nextInstant(passed ?? clock.startedAt, every);
    if (asOf > clock.now || asOf >= completeBefore || signal.aborted) return { published, hasMore: false };
    if (wall() > stopAt) return { published, hasMore: true };
    const isDone = await boards.publish(asOf, {
      windows: game.windows,
      ruleName: game.rule.name,
      snapshot: isSnapshot(asOf, every, game.snapshotEverySeconds),
      build: (input) => buildLeaderboard(input, { asOf, game, gameVersion, competition }),
    });
    const before = passed;
    passed = isDone ? asOf : await boards.passedUntil();
    if (isDone) published++;
    else if (passed === before) return { published, hasMore: false }; // another worker is at it
  }
}

/** The first multiple of `every` later than `t`. */
function nextInstant(t: number, every: number): number {
  return (Math.floor(t / every) + 1) * every;
}

/** Whether a multiple of the snapshot interval lies within the board interval that ends at `asOf`. */
function isSnapshot(asOf: number, boardEvery: number, snapshotEvery: number): boolean {
  return Math.floor(asOf / snapshotEvery) > Math.floor((asOf - boardEvery) / snapshotEvery);
}
