// What predict has to say to the database, kept in order in bounded memory and written in the background,
// so that a slow or dead database never delays a tick, a round or a model.
//
// States: idle (queue empty) → writing (one batch in flight) → idle, or → retrying (the batch stays at the
// head) until the database is back. When the bound is reached, answers lose their payloads first: their
// round becomes void through us, which is said loudly and counted.

import type { JournalEntry } from '../domain/repositories.ts';
import { sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { isWorthRetrying } from '../storage/connect.ts';

type Answers = Extract<JournalEntry, { type: 'answers' }>;

export interface Journal {
  push(...entries: readonly JournalEntry[]): void;
  /** Resolves when all pushed so far is written (or dropped). */
  flushed(): Promise<void>;
  /**
   * Resolves when all pushed so far is written, or after `withinMs`: at once when the database is away or
   * slow, so that whoever wants a record first never waits for a sick database twice.
   */
  recorded(withinMs: number): Promise<void>;
  /** Resolves when few enough entries wait that market time may go on. For replay, which would rather wait than drop. */
  hasRoom(): Promise<void>;
  health(): JournalHealth;
  /** Writes what waits, for at most `withinMs`, then gives up what is left (counted). */
  stop(withinMs: number): Promise<void>;
}

export interface JournalHealth {
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly droppedAnswers: number;
  readonly droppedEntries: number;
  readonly failures: number;
  /** Whether the last write went through. */
  readonly connected: boolean;
}

export interface JournalLimits {
  /** Payload bytes in memory. 256 MiB ≈ 30,000 compressed answers of 8.4 KB: 100 rounds of 300 models. */
  readonly bytes: number;
  /** Entries in memory; without payloads one is about 1 KB, so this is about 50 MB. */
  readonly entries: number;
}

const batchEntries = 2_000; // one transaction of about 2 MB without payloads
const batchBytes = 16 * 2 ** 20; // about 2,000 compressed answers: a second of COPY
const roomEntries = 500; // a replay keeps this much in flight so that the database is never idle
const retryFirstMs = 100;
const retryMostMs = 5_000; // the database's absence is noticed within this
const poisonTries = 3; // a batch the database refuses (not: can't be reached) is taken apart after this many

export function createJournal(
  write: (entries: readonly JournalEntry[]) => Promise<void>,
  log: Log,
  limits: JournalLimits = { bytes: 256 * 2 ** 20, entries: 50_000 },
): Journal {
  let queue: JournalEntry[] = [];
  let bytes = 0;
  let inFlight = 0;
  let writingSince = Number.POSITIVE_INFINITY;
  let connected = true;
  let failures = 0;
  let droppedAnswers = 0;
  let droppedEntries = 0;
  let loop: Promise<void> | null = null;
  const giveUp = new AbortController();
  const waiters = new Set<() => void>();

  function push(...entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      queue.push(entry);
      bytes += payloadBytes(entry);
    }
    if (bytes > limits.bytes) dropPayloads();
    if (queue.length > limits.entries) dropEntries();
    loop ??= drain().finally(() => {
      loop = null;
    });
  }

  async function drain(): Promise<void> {
    while (queue.length > 0 && !giveUp.signal.aborted) {
      const batch = takeBatch();
      inFlight = batch.length;
      writingSince = performance.now();
      await writeBatch(batch);
      inFlight = 0;
      writingSince = Number.POSITIVE_INFINITY;
      wakeWaiters();
    }
  }

  function takeBatch(): JournalEntry[] {
    let size = 0;
    let count = 0;
    for (const entry of queue) {
      if (count > 0 && (count >= batchEntries || size + payloadBytes(entry) > batchBytes)) break;
      size += payloadBytes(entry);
      count += 1;
    }
    const batch = queue.slice(0, count);
    queue = queue.slice(count);
    bytes -= size;
    return withNewestClockLast(batch);
  }

  async function writeBatch(batch: readonly JournalEntry[]): Promise<void> {
    for (let attempt = 1; !giveUp.signal.aborted; attempt += 1) {
      try {
        await write(batch);
        if (!connected) log.info({ waiting: queue.length }, 'the database is back');
        connected = true;
        return;
      } catch (error) {
        failures += 1;
        if (!isWorthRetrying(error) && attempt >= poisonTries) return writeApart(batch, error);
        if (connected) log.error({ err: error, waiting: queue.length + batch.length }, 'cannot write to the database');
        connected = false;
        const delayMs = Math.min(retryMostMs, retryFirstMs * 2 ** Math.min(attempt, 10));
        await sleep(delayMs, giveUp.signal);
      }
    }
    droppedEntries += batch.length;
  }

  /** The database answers but refuses the batch: every entry by itself, so that one bad entry costs only itself. */
  async function writeApart(batch: readonly JournalEntry[], cause: unknown): Promise<void> {
    if (batch.length === 1) {
      droppedEntries += 1;
      log.error({ err: cause, type: batch[0]?.type }, 'dropped an entry the database refuses');
      return;
    }
    for (const entry of batch) await writeBatch([entry]);
  }

  function dropPayloads(): void {
    for (const [index, entry] of queue.entries()) {
      if (bytes <= limits.bytes) return;
      if (entry.type !== 'answers' || payloadBytes(entry) === 0) continue;
      bytes -= payloadBytes(entry);
      droppedAnswers += entry.predictions.length;
      queue[index] = withoutPayloads(entry);
      log.error(
        { roundId: entry.roundId, droppedAnswers },
        'dropped the answers of a round: the database is away and memory is full',
      );
    }
  }

  function dropEntries(): void {
    const surplus = queue.length - limits.entries;
    droppedEntries += surplus;
    for (const entry of queue.slice(0, surplus)) bytes -= payloadBytes(entry);
    queue = queue.slice(surplus);
    log.error({ droppedEntries }, 'dropped the oldest entries: the database is away and memory is full');
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition() && !giveUp.signal.aborted) {
      await new Promise<void>((resolve) => waiters.add(resolve));
    }
  }

  /** Lets those who wait look again. */
  function wakeWaiters(): void {
    const waiting = [...waiters];
    waiters.clear();
    for (const wake of waiting) wake();
  }

  return {
    push,
    flushed: () => until(() => queue.length + inFlight === 0),
    async recorded(withinMs) {
      if (!connected || performance.now() - writingSince > withinMs) return;
      const timer = new AbortController();
      const written = until(() => queue.length + inFlight === 0 || timer.signal.aborted);
      await Promise.race([written, sleep(withinMs, timer.signal)]);
      timer.abort();
    },
    hasRoom: () => until(() => queue.length + inFlight <= roomEntries),
    health: () => ({
      waiting: queue.length + inFlight,
      waitingBytes: bytes,
      droppedAnswers,
      droppedEntries,
      failures,
      connected,
    }),
    async stop(withinMs) {
      const timer = setTimeout(() => {
        giveUp.abort();
        wakeWaiters();
      }, withinMs);
      await loop;
      clearTimeout(timer);
      droppedEntries += queue.length;
      if (droppedEntries > 0) log.error({ droppedEntries }, 'stopped with entries unwritten');
    },
  };
}

function payloadBytes(entry: JournalEntry): number {
  if (entry.type !== 'answers') return 0;
  return entry.predictions.reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0);
}

function withoutPayloads(entry: Answers): Answers {
  return {
    ...entry,
    fault: 'interrupted',
    predictions: entry.predictions.map((prediction) => ({
      ...prediction,
      status: 'failed',
      cause: 'interrupted',
      detail: null,
      variantType: null,
      codec: null,
      payload: null,
      payloadBytes: 0,
    })),
  };
}

/** Only the newest clock matters, and it promises that what precedes it is there: it goes last. */
function withNewestClockLast(batch: readonly JournalEntry[]): JournalEntry[] {
  const clock = batch.findLast(({ type }) => type === 'clock');
  if (clock === undefined) return [...batch];
  return [...batch.filter(({ type }) => type !== 'clock'), clock];
}
