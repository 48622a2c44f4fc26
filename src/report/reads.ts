// The repository as the routes see it: each read has a deadline, only so many run at once, and whether the
// database answers is known. It adds no knowledge of what is read.

import type { ReportRepository } from '../domain/repositories.ts';
import type { Log } from '../lib/log.ts';
import { withDeadline } from './deadline.ts';

/** The database did not answer; the error handler answers 503. */
export class DatabaseAway extends Error {}

/** More is asked at once than we let into the database; the error handler answers 503. */
export class TooManyReads extends Error {}

export interface ReadLimits {
  /** The web UI gives up after 15 s, so an answer later than this serves nobody. */
  readonly deadlineMs: number;
  /** Reads at work in the database at once. */
  readonly runningMax: number;
  /** Reads that may wait for their turn; beyond it callers are told to come again. */
  readonly waitingMax: number;
}

const defaults: ReadLimits = { deadlineMs: 10_000, runningMax: 8, waitingMax: 64 };

export interface Reads extends ReportRepository {
  /** Whether the last read of leaderboard or counts was answered; null before the first. */
  isReachable(): boolean | null;
  /** Called whenever that changes. */
  onReachable(listener: (reachable: boolean) => void): void;
}

export function guardReads(repository: ReportRepository, log: Log, limits: Partial<ReadLimits> = {}): Reads {
  const { deadlineMs, runningMax, waitingMax } = { ...defaults, ...limits };
  const gate = createGate(runningMax, waitingMax);
  const listeners: ((reachable: boolean) => void)[] = [];
  let reachable: boolean | null = null;

  function noteReachable(now: boolean, cause?: unknown) {
    if (reachable === now) return;
    if (!now) log.warn({ err: cause }, 'the database does not answer; pages show the last board');
    else if (reachable === false) log.info('the database answers again');
    reachable = now;
    for (const listener of listeners) listener(now);
  }

  async function read<T>(what: string, query: () => Promise<T>): Promise<T> {
    try {
      return await withDeadline(gate(query), deadlineMs);
    } catch (cause) {
      if (cause instanceof TooManyReads) throw cause;
      throw new DatabaseAway(`Cannot read ${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
    }
  }

  /** A read small enough that its failure says something about the database, not about the question. */
  async function probe<T>(what: string, query: () => Promise<T>): Promise<T> {
    try {
      const value = await read(what, query);
      noteReachable(true);
      return value;
    } catch (error) {
      if (error instanceof DatabaseAway) noteReachable(false, error.cause);
      throw error;
    }
  }

  return {
    leaderboard: () => probe('the leaderboard', () => repository.leaderboard()),
    models: () => read('the models', () => repository.models()),
    snapshots: (...query) => read('snapshots', () => repository.snapshots(...query)),
    predictions: (...query) => read('predictions', () => repository.predictions(...query)),
    diagnostics: (...query) => read('diagnostics', () => repository.diagnostics(...query)),
    stats: () => probe('the counts', () => repository.stats()),
    isReachable: () => reachable,
    onReachable(listener) {
      listeners.push(listener);
    },
  };
}

/**
 * Runs at most `runningMax` at once, the rest in order. A slot is free when its query has settled, not when
 * its caller gave up: what counts is the work in the database.
 */
function createGate(runningMax: number, waitingMax: number): <T>(query: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (query) => {
    if (running >= runningMax) {
      if (waiting.length >= waitingMax)
        throw new TooManyReads(`Cannot read just now: ${waitingMax} reads are waiting already`);
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running++;
    }
    try {
      return await query();
    } finally {
      // The slot passes to the next in line, so nobody can slip in between.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
