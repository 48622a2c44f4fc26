// What happens inside a scoring thread: raw bytes in, verdicts and numbers out. Total: whatever a stranger
// sent, each answer gets a number or a reason, and nothing rises out of here because of one.

import type { Forecast, Game, Json, Outcome, Question } from '../domain/game.ts';
import type { Answer, VariantName } from '../domain/prediction.ts';
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

/** Verdicts, and scores when the task carries an outcome. Never rejects. */
export async function scoreAnswers(game: Pick<Game, 'score'>, task: AnswersTask): Promise<AnswersResult> {
  const scores = new Float64Array(task.answers.length).fill(Number.NaN);
  const reasons: (string | null)[] = [];
  // The next answer is unpacked on libuv's threads while this one is read; not all at once, since each may
  // unpack to the longest allowed.
  let next = unpack(task.answers[0], task.maxBytes);
  for (let i = 0; i < task.answers.length; i++) {
    const answer = await next;
    next = unpack(task.answers[i + 1], task.maxBytes);
    const scored = answer.ok ? scoreAnswer(game, answer.value, task) : answer.reason;
    reasons.push(typeof scored === 'string' ? cleanReason(scored) : null);
    if (typeof scored === 'number') scores[i] = scored;
  }
  return { scores, reasons };
}

/** The baseline's score under the same rule, or why there is none. */
export function scoreBaseline(
  game: Pick<Game, 'score' | 'baseline'>,
  task: Pick<AnswersTask, 'question'> & { readonly outcome: NonNullable<AnswersTask['outcome']> },
): number | string {
  const baseline = attempt(() => game.baseline(task.question, task.outcome.context));
  return baseline.ok
    ? scoreForecast(game, baseline.value, task.outcome)
    : cleanReason(`could not be made: ${baseline.reason}`);
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
  if (!score.ok) return cleanReason(`could not be scored: ${score.reason}`);
  const isNumber = typeof score.value === 'number' && Math.abs(score.value) <= scoreMax;
  return isNumber ? score.value : cleanReason(`could not be scored: its score is ${score.value}`);
}

/** A score (NaN when none was asked for), or the reason why the answer is no valid forecast. */
function scoreAnswer(game: Pick<Game, 'score'>, answer: Answer, task: AnswersTask): number | string {
  const { question, minScale, maxBytes, outcome } = task;
  const { horizonSeconds, stepsSeconds } = question;
  const read = attempt(() => readForecast(answer, { horizonSeconds, stepsSeconds, minScale, bytesMax: maxBytes }));
  if (!read.ok) return `could not be read: ${read.reason}`;
  if (!read.value.ok) return read.value.reason;
  return outcome === null ? Number.NaN : scoreForecast(game, read.value.forecast, outcome);
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

async function unpack(packed: PackedAnswer | undefined, maxBytes: number): Promise<Attempt<Answer>> {
  if (packed === undefined) return { ok: false, reason: 'there is no answer' };
  try {
    const bytes = await decompressAnswer(packed.codec, packed.payload, maxBytes);
    return { ok: true, value: { type: packed.type, bytes } };
  } catch (error) {
    return { ok: false, reason: `could not be unpacked: ${messageOf(error)}` };
  }
}

/** What a stranger's bytes make a parser or a game throw is a value here. */
function attempt<T>(run: () => T): Attempt<T> {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'something was thrown';
}

const reasonMax = 300; // characters: a reason is for a person, and a parser may quote the whole payload

/** A reason may quote a stranger: what the database refuses (NUL), or what disguises text, is replaced. */
export function cleanReason(reason: string): string {
  const clean = reason.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\ufffd');
  return clean.length <= reasonMax ? clean : `${clean.slice(0, reasonMax - 1).replace(/\p{Cs}$/u, '')}…`;
}
