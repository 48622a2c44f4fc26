// The scoring threads: rounds are cut into tasks, tasks are spread over threads, and an answer that brings
// its thread down is found, named and left behind.

import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { StoredPrediction } from '../domain/repositories.ts';
import type { Log } from '../lib/log.ts';
import { type AnswerOutcome, collectRound, outcomesOf, type RoundResult } from './round-result.ts';
import { type AnswersTask, type BaselineResult, type PackedAnswer, packedAnswer } from './score-answers.ts';
import type { ThreadResult, ThreadTask } from './thread.ts';

/** A round as the threads need it. */
export type RoundTask = Omit<AnswersTask, 'answers' | 'bare'> & { readonly roundId: string };

/** Predictions of one round in model-id order, page by page. */
export type PredictionPages = Iterable<readonly StoredPrediction[]> | AsyncIterable<readonly StoredPrediction[]>;

/** What settling and checking need of the threads. */
export interface ScoringThreads {
  /**
   * Reads, and with an outcome scores, the successful predictions of one round. A page is asked for once the one
   * before it is done with, so no more than one is in memory.
   * @throws Error when the game can't be loaded in a thread, or the threads have been closed.
   */
  scoreRound(task: RoundTask, pages: PredictionPages): Promise<RoundResult>;
  /** Rounds worth working on at the same time. */
  readonly width: number;
  /** Ends the threads, abandoning what they are at. */
  close(): Promise<void>;
}

export interface ThreadsOptions {
  /** Name or path; each thread loads it for itself. */
  readonly game: string;
  /** Default: the machine's cores, at most 8. */
  readonly threads?: number;
  readonly log: Log;
  /** After this long an answer that is scored alone is given up. Default 30 000: an honest one takes 1 to 20. */
  readonly answerTimeoutMs?: number;
}

const taskAnswersMax = 64; // a crash costs at most this many answers a second run
const taskBytesMax = 4 * 1024 * 1024; // compressed; keeps a task of long answers below a second

// A 1 MiB answer parses to some 30 MB, and beyond 128 it is an attack. Two threads share what the process may
// have (1 GB) with the rows on their way through it.
const heapsMb = 512;
const heapMb = { least: 128, most: 256 };
// What a task makes is dead by its end: with room for 64 answers of 100 KB, little of it is ever copied.
const youngHeapMb = 48;

export function createScoringThreads(options: ThreadsOptions): ScoringThreads {
  const { game, threads = Math.min(8, availableParallelism()), log, answerTimeoutMs = 30_000 } = options;
  const pool = new Piscina<ThreadTask, ThreadResult>({
    filename: new URL('./thread.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    resourceLimits: {
      maxOldGenerationSizeMb: Math.max(heapMb.least, Math.min(heapMb.most, Math.floor(heapsMb / threads))),
      maxYoungGenerationSizeMb: youngHeapMb,
    },
  });
  // A thread that dies without a task has no promise to reject; piscina starts another.
  pool.on('error', (error) => log.warn({ err: error }, 'a scoring thread died'));
  let isClosed = false;
  const running = new Set<AbortController>();
  const gate = createGate(threads); // piscina's own queue would let the waiting count as working

  /** The result, or undefined when the thread died or took too long over these answers. */
  function run(task: AnswersTask & { readonly baseline: boolean }): Promise<ThreadResult | undefined> {
    return gate(async () => {
      if (isClosed) throw new Error(closedMessage);
      const message: ThreadTask = { ...pack(task), game };
      const ending = new AbortController();
      running.add(ending);
      let isLate = false;
      const timer = setTimeout(
        () => {
          isLate = true;
          ending.abort();
        },
        task.answers.length > 1 ? 2 * answerTimeoutMs : answerTimeoutMs,
      );
      try {
        const transferList = [message.payloads.buffer as ArrayBuffer];
        return await pool.run(message, { signal: ending.signal, transferList });
      } catch (error) {
        if (isClosed) throw new Error(closedMessage, { cause: error });
        if (isLate || isThreadDeath(error)) return undefined;
        throw error;
      } finally {
        clearTimeout(timer);
        running.delete(ending);
      }
    });
  }

  /**
   * As `run`, but answers that bring a thread down, twice and alone, are invalid; the others count. The second
   * time an answer is scored without shadow rules and diagnostics: where one of these was at fault, the answer
   * is missing under it alone.
   */
  async function runGuarded(
    round: RoundTask,
    answers: readonly PackedAnswer[],
    baseline: boolean,
  ): Promise<{ readonly outcomes: readonly AnswerOutcome[]; readonly baseline: BaselineResult | null }> {
    const { roundId, ...task } = round;
    const whole = await run({ ...task, answers, baseline });
    if (whole) return { outcomes: outcomesOf(whole, answers.length), baseline: whole.baseline };
    log.warn({ round: roundId, answers: answers.length }, 'a scoring thread died or hung; trying answers one by one');
    const runTwice = async (own: readonly PackedAnswer[], isBaseline: boolean) =>
      (await run({ ...task, answers: own, baseline: isBaseline })) ??
      (await run({ ...task, answers: own, baseline: isBaseline, bare: true }));
    // One by one and not by halves: a hanging answer then costs its time limit twice, not six times.
    const [baselineResult, ...single] = await Promise.all([
      baseline ? runTwice([], true) : null,
      ...answers.map((answer) => runTwice([answer], false)),
    ]);
    return {
      outcomes: single.map((result) => (result && outcomesOf(result, 1)[0]) ?? { ok: false, reason: fatal }),
      baseline: baseline ? (baselineResult?.baseline ?? fatalBaseline) : null,
    };
  }

  return {
    width: threads + 1, // one more than threads, so that a thread need not wait for the database
    async scoreRound(task, pages) {
      const collected = collectRound(task);
      let isFirst = task.outcome !== null; // the baseline is scored with the first answers
      for await (const page of pages) {
        const answered = page.filter(({ status }) => status === 'success');
        const tasks = cutIntoTasks(answered.map(packedAnswer));
        const results = await Promise.all(tasks.map((answers, i) => runGuarded(task, answers, isFirst && i === 0)));
        if (results[0]?.baseline) collected.addBaseline(results[0].baseline);
        isFirst &&= results.length === 0;
        const outcomes = results.flatMap((result) => result.outcomes);
        for (const [i, { modelId }] of answered.entries()) collected.add(modelId, outcomes[i] as AnswerOutcome);
      }
      if (isFirst) collected.addBaseline((await runGuarded(task, [], true)).baseline ?? fatalBaseline);
      return collected.result();
    },
    async close() {
      isClosed = true;
      for (const ending of running) ending.abort();
      await pool.destroy();
    },
  };
}

const closedMessage = 'Cannot score: the scoring threads are closed';

/** The reason of an answer (or baseline) that alone brings its thread down. */
const fatal = 'could not be scored: it takes too long or too much memory';
const fatalBaseline: BaselineResult = { score: fatal, shadows: new Float64Array(), hours: new Float64Array() };

function cutIntoTasks(answers: readonly PackedAnswer[]): PackedAnswer[][] {
  const tasks: PackedAnswer[][] = [];
  let bytes = 0;
  for (const answer of answers) {
    const task = tasks.at(-1);
    if (task === undefined || task.length === taskAnswersMax || bytes + answer.payload.length > taskBytesMax) {
      tasks.push([answer]);
      bytes = answer.payload.length;
    } else {
      task.push(answer);
      bytes += answer.payload.length;
    }
  }
  return tasks;
}

/** Payloads are views of the database driver's buffers; posting one would copy all of its buffer. */
function pack<T extends AnswersTask>({ answers, ...task }: T) {
  const payloads = new Uint8Array(answers.reduce((sum, { payload }) => sum + payload.length, 0));
  let from = 0;
  const places = answers.map(({ payload, ...answer }) => {
    payloads.set(payload, from);
    from += payload.length;
    return { ...answer, from: from - payload.length, to: from };
  });
  return { ...task, payloads, answers: places };
}

/** Out of memory, or ended from within: the answer's doing. Anything else is ours. */
function isThreadDeath(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY' ||
    error.message.startsWith('worker exited with code')
  );
}

/** Runs at most `width` of what it is given at a time, the rest in order of arrival. */
function createGate(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running === width) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next)
        next(); // hands its place on
      else running--;
    }
  };
}
