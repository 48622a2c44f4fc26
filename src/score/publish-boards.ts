// The second part of a pass: a board for each board instant that market time has passed and whose rounds
// are all settled, in order, none left out. And, once boards are in time, the daily check of the windows they
// are made from.

import type { Competition, MarketClock } from '../domain/clock.ts';
import { buildLeaderboard } from '../domain/leaderboard.ts';
import type { BoardRepository } from '../domain/repositories.ts';
import { wallNow } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { OwnGame } from './versions.ts';

export interface PublishDeps {
  readonly own: OwnGame;
  readonly boards: BoardRepository;
  readonly log: Log;
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
  { own: { game, gameVersion }, boards, log, wall = wallNow }: PublishDeps,
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
    if (signal.aborted) return { published, hasMore: false };
    if (asOf > clock.now || asOf >= completeBefore) {
      return { published, hasMore: passed !== null && (await checkWindows(boards, log, passed)) };
    }
    if (wall() > stopAt) return { published, hasMore: true };
    const isDone = await boards.publish(asOf, {
      windows: game.windows,
      ruleName: game.rule.name,
      shadowRules: game.shadowRules,
      snapshot: isSnapshot(asOf, every, game.snapshotEverySeconds),
      build: (input) => buildLeaderboard(input, { asOf, game, gameVersion, competition }),
    });
    const before = passed;
    passed = isDone ? asOf : await boards.passedUntil();
    if (isDone) published++;
    else if (passed === before) return { published, hasMore: false }; // another worker is at it
  }
}

const differencesSaid = 10; // of one slice: what spoils thousands of sums shows in the first few

/**
 * Compares one slice of the windows behind the board at `asOf`, when one is due, and says what was wrong with it:
 * one slice a turn, so that the next board waits for no more than that. Returns whether there was one.
 */
async function checkWindows(boards: BoardRepository, log: Log, asOf: number): Promise<boolean> {
  const comparison = await boards.compareWindows(asOf);
  if (comparison === null) return false;
  const { differences, ...slice } = comparison;
  for (const { modelId, window, kept, computed } of differences.slice(0, differencesSaid)) {
    log.error({ ...slice, modelId, window, kept, computed }, 'a window differs from its scores; it is put right');
  }
  if (differences.length > differencesSaid) {
    log.error({ ...slice, differences: differences.length }, 'more windows differ from their scores');
  }
  return true;
}

/** The first multiple of `every` later than `t`. */
function nextInstant(t: number, every: number): number {
  return (Math.floor(t / every) + 1) * every;
}

/** Whether a multiple of the snapshot interval lies within the board interval that ends at `asOf`. */
function isSnapshot(asOf: number, boardEvery: number, snapshotEvery: number): boolean {
  return Math.floor(asOf / snapshotEvery) > Math.floor((asOf - boardEvery) / snapshotEvery);
}
