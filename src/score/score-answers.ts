// What happens inside a scoring thread: raw bytes in, verdicts and numbers out. Total: whatever a stranger
// sent, each answer gets a number or a reason, and nothing rises out of here because of one.

import type { Forecast, Game, Json, Outcome, Question } from '../domain/game.ts';
import type { VariantName } from '../domain/prediction.ts';
import { readForecast } from '../scoring/forecast.ts';
import { decompressAnswer } from '../storage/codec.ts';

/** The answer of one model as it is stored. */
export interface PackedAnswer {
  readonly type: VariantName;
  readonly codec: 'br' | 'raw';
  readonly payload: Uint8Array;
}

export interface AnswersTask {
  readonly question: Question;
  /** Longest answer after decompression, bytes. */
  readonly maxBytes: number;
  readonly minScale: number;
  /** What happened and what was known; null = look at validity alone. */
  readonly outcome: { readonly realized: readonly Outcome[]; readonly context: Json } | null;
  readonly answers: readonly PackedAnswer[];
}

/** By index of the answers. */
export interface AnswersResult {
  /** NaN where there is a reason, and everywhere when only validity was asked. */
  readonly scores: Float64Array;
  /** Why an answer is no valid forecast; null for a valid one. */
  readonly reasons: readonly (string | null)[];
}

/** Verdicts, and scores when the task carries an outcome. */
export function scoreAnswers(game: Pick<Game, 'score'>, task: AnswersTask): AnswersResult {
  const scores = new Float64Array(task.answers.length).fill(Number.NaN);
  const reasons = task.answers.map((answer, i) => {
    const read = attempt(() => readAnswer(answer, task));
    if (!read.ok) return cut(`could not be read: ${read.reason}`);
    if (!read.value.ok) return cut(read.value.reason);
    if (task.outcome === null) return null;
    const scored = scoreForecast(game, read.value.forecast, task.outcome);
    if (typeof scored === 'string') return cut(scored);
    scores[i] = scored;
    return null;
  });
  return { scores, reasons };
}

/** The baseline's score under the same rule, or why there is none. */
export function scoreBaseline(
  game: Pick<Game, 'score' | 'baseline'>,
  task: Pick<AnswersTask, 'question'> & { readonly outcome: NonNullable<AnswersTask['outcome']> },
): number | string {
  const baseline = attempt(() => game.baseline(task.question, task.outcome.context));
  return baseline.ok ? scoreForecast(game, baseline.value, task.outcome) : cut(`could not be made: ${baseline.reason}`);
}

// Far beyond any score of a real forecast, and small enough that no rule's points overflow: one absurd answer
// must not make the points of a round infinite.
const scoreMax = 1e150;

/** A finite score, or the reason why there is none. */
function scoreForecast(
  game: Pick<Game, 'score'>,
  forecast: Forecast,
  { realized, context }: NonNullable<AnswersTask['outcome']>,
): number | string {
  const score = attempt(() => game.score(forecast, realized, context));
  if (!score.ok) return cut(`could not be scored: ${score.reason}`);
  const isNumber = typeof score.value === 'number' && Math.abs(score.value) <= scoreMax;
  return isNumber ? score.value : cut(`could not be scored: its score is ${score.value}`);
}

function readAnswer({ type, codec, payload }: PackedAnswer, { question, minScale, maxBytes }: AnswersTask) {
  const { horizonSeconds, stepsSeconds } = question;
  const bytes = decompressAnswer(codec, payload, maxBytes);
  return readForecast({ type, bytes }, { horizonSeconds, stepsSeconds, minScale });
}

/** A stack overflow or a parser's complaint about a stranger's bytes is a value here. */
function attempt<T>(
  run: () => T,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string } {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : 'something was thrown' };
  }
}

const reasonMax = 300; // characters: a reason is for a person, and a parser may quote the whole payload

function cut(reason: string): string {
  return reason.length <= reasonMax ? reason : `${reason.slice(0, reasonMax - 1)}…`;
}
