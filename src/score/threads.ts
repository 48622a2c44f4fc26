// The scoring threads: rounds are cut into tasks, tasks are spread over threads, and an answer that brings
// its thread down is found, named and left behind.

import { availableParallelism } from 'node:os';
import { Piscina } from 'piscina';
import type { Verdict } from '../domain/prediction.ts';
import type { StoredPrediction } from '../domain/repositories.ts';
import type { Log } from '../lib/log.ts';
import type { AnswersTask, PackedAnswer } from './score-answers.ts';
import type { ThreadResult, ThreadTask } from './thread.ts';

/** A round as the threads need it. */
export type RoundTask = Omit<AnswersTask, 'answers'> & { readonly roundId: string };

export interface RoundResult {
  /** The baseline's score, or why there is none; null when there is no outcome. */
  readonly baseline: number | string | null;
  /** One for each successful prediction, in their order. */
  readonly verdicts: readonly Verdict[];
  /** Raw scores of the valid ones, by model id; empty when there is no outcome. */
  readonly scores: ReadonlyMap<string, number>;
}

/** What settling and checking need of the threads. */
export interface ScoringThreads {
  /**
   * Reads, and with an outcome scores, the successful predictions of one round.
   * @throws Error when the game can't be loaded in a thread, or the threads have been closed.
   */
  scoreRound(task: RoundTask, predictions: readonly StoredPrediction[]): Promise<RoundResult>;
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
const threadHeapMb = 512; // a 1 MiB answer parses to some 30 MB; beyond this it is an attack

export function createScoringThreads(options: ThreadsOptions): ScoringThreads {
  const { game, threads = Math.min(8, availableParallelism()), log, answerTimeoutMs = 30_000 } = options;
  const pool = new Piscina<ThreadTask, ThreadResult>({
    filename: new URL('./thread.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    resourceLimits: { maxOldGenerationSizeMb: threadHeapMb },
  });
  // A thread that dies without a task has no promise to reject; piscina starts another.
  pool.on('error', (error) => log.warn({ err: error }, 'a scoring thread died'));
  const closing = new AbortController();
  const gate = createGate(threads); // piscina's own queue would let the waiting count as working

  /** The result, or undefined when the thread died or took too long over these answers. */
  function run(
    task: RoundTask,
    answers: readonly PackedAnswer[],
    baseline: boolean,
  ): Promise<ThreadResult | undefined> {
    return gate(async () => {
      const message = { ...pack(task, answers), game, baseline };
      const timeout = AbortSignal.timeout(answers.length > 1 ? 2 * answerTimeoutMs : answerTimeoutMs);
      try {
        const signal = AbortSignal.any([timeout, closing.signal]);
        return await pool.run(message, { signal, transferList: [message.bytes.buffer as ArrayBuffer] });
      } catch (error) {
        if (closing.signal.aborted) throw new Error('Cannot score: the scoring threads are closed', { cause: error });
        if (timeout.aborted || isThreadDeath(error)) return undefined;
        throw error;
      }
    });
  }

  /** As `run`, but answers that bring a thread down, twice and alone, are invalid; the others count. */
  async function runGuarded(
    task: RoundTask,
    answers: readonly PackedAnswer[],
    baseline: boolean,
  ): Promise<ThreadResult> {
    const whole = await run(task, answers, baseline);
    if (whole) return whole;
    log.warn(
      { round: task.roundId, answers: answers.length },
      'a scoring thread died or hung; trying answers one by one',
    );
    // One by one and not by halves: a hanging answer then costs its time limit twice, not six times.
    const [baselineResult, ...single] = await Promise.all([
      baseline ? runTwice(task, [], true) : null,
      ...answers.map((answer) => runTwice(task, [answer], false)),
    ]);
    return {
      baseline: baseline ? (baselineResult?.baseline ?? fatal) : null,
      scores: Float64Array.from(single, (result) => result?.scores[0] ?? Number.NaN),
      reasons: single.map((result) => (result ? (result.reasons[0] ?? null) : fatal)),
    };
  }

  async function runTwice(task: RoundTask, answers: readonly PackedAnswer[], baseline: boolean) {
    return (await run(task, answers, baseline)) ?? (await run(task, answers, baseline));
  }

  return {
    width: threads + 1, // one more than threads, so that a thread need not wait for the database
    async scoreRound(task, predictions) {
      const answered = predictions.flatMap((prediction) => {
        const answer = answerOf(prediction);
        return answer ? [{ modelId: prediction.modelId, answer }] : [];
      });
      const tasks = cutIntoTasks(answered.map(({ answer }) => answer));
      if (tasks.length === 0 && task.outcome !== null) tasks.push([]); // the baseline is scored all the same
      const results = await Promise.all(
        tasks.map((answers, i) => runGuarded(task, answers, i === 0 && task.outcome !== null)),
      );
      const reasons = results.flatMap((result) => result.reasons);
      const scores = results.flatMap((result) => [...result.scores]);
      return {
        baseline: results[0]?.baseline ?? null,
        verdicts: answered.map(({ modelId }, i) => verdictOf(task.roundId, modelId, reasons[i] ?? null)),
        scores: new Map(
          answered.flatMap(({ modelId }, i) => {
            const score = scores[i];
            return score === undefined || Number.isNaN(score) ? [] : [[modelId, score] as const];
          }),
        ),
      };
    },
    async close() {
      closing.abort();
      await pool.destroy();
    },
  };
}

/** The reason of an answer (or baseline) that alone brings its thread down. */
const fatal = 'could not be scored: it takes too long or too much memory';

/** A success always has an answer; one without a payload is read as an empty one, and refused there. */
function answerOf({ status, variantType, codec, payload }: StoredPrediction): PackedAnswer | undefined {
  if (status !== 'success') return undefined;
  return { type: variantType ?? 'none', codec: codec ?? 'raw', payload: payload ?? new Uint8Array() };
}

function verdictOf(roundId: string, modelId: string, reason: string | null): Verdict {
  return { roundId, modelId, verdict: reason === null ? 'valid' : 'invalid', reason };
}

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
function pack(task: RoundTask, answers: readonly PackedAnswer[]): Omit<ThreadTask, 'game' | 'baseline'> {
  const bytes = new Uint8Array(answers.reduce((sum, { payload }) => sum + payload.length, 0));
  let from = 0;
  const places = answers.map(({ type, codec, payload }) => {
    bytes.set(payload, from);
    from += payload.length;
    return { type, codec, from: from - payload.length, to: from };
  });
  const { question, maxBytes, minScale, outcome } = task;
  return { question, maxBytes, minScale, outcome, bytes, answers: places };
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
