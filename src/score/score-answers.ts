// What happens inside a scoring thread: raw bytes in, verdicts and numbers out. Total: whatever a stranger
// sent, each answer gets a number or a reason, and nothing rises out of here because of one.

import type { Forecast, Game, Json, Outcome, Question, ShadowRule } from '../domain/game.ts';
import type { VariantName } from '../domain/prediction.ts';
import type { StoredPrediction } from '../domain/repositories.ts';
import { type ForecastLimits, readForecast } from '../scoring/forecast.ts';
import { decompressAnswer } from '../storage/codec.ts';
import { calibrate, calibrationNumbers } from './calibrate.ts';
import { type RealizedHours, realizedHours, sumByHour } from './hours.ts';

/** The answer of one model as it is stored. */
export interface PackedAnswer {
  readonly type: VariantName;
  readonly codec: 'br' | 'raw';
  readonly payload: Uint8Array;
  /** Bytes after decompression, as predict counted them. */
  readonly bytes: number;
}

export interface AnswersTask {
  readonly question: Question;
  /** Longest answer after decompression, bytes. */
  readonly maxBytes: number;
  readonly minScale: number;
  /** What densities the rule takes. Default `exact`. */
  readonly kind?: NonNullable<ForecastLimits['kind']>;
  /** Most components of one density. Default readForecast's. */
  readonly leavesMax?: number;
  /** What happened and what was known; null = look at validity alone. */
  readonly outcome: { readonly realized: readonly Outcome[]; readonly context: Json } | null;
  /** Names of the shadow rules to compute beside the game's own. Default none. */
  readonly shadowRules?: readonly string[];
  /** Leaves shadow rules and diagnostics out: one of them may have brought a thread down. Default false. */
  readonly bare?: boolean;
  readonly answers: readonly PackedAnswer[];
}

/** By index of the answers. With an outcome, each array holds as many numbers an answer as is said there. */
export interface AnswersResult {
  /** NaN where there is a reason, and everywhere when only validity was asked. */
  readonly scores: Float64Array;
  /** Why an answer is no valid forecast; null for a valid one. */
  readonly reasons: readonly (string | null)[];
  /** One for each shadow rule; NaN where the answer is missing under it. */
  readonly shadows: Float64Array;
  /** What each hour adds to the score (see `realizedHours`); NaN where it is not known. */
  readonly hours: Float64Array;
  /** `calibrationNumbers` of them (see `calibrate`). */
  readonly calibrations: Float64Array;
}

export interface BaselineResult {
  /** The baseline's score under the same rule, or why there is none. */
  readonly score: number | string;
  /** Under each shadow rule; NaN where there is none. */
  readonly shadows: Float64Array;
  readonly hours: Float64Array;
}

export type ScoringGame = Pick<Game, 'score' | 'baseline'> & { readonly shadowRules?: readonly ShadowRule[] };

/** Verdicts, and scores when the task carries an outcome. Never throws. */
export function scoreAnswers(game: ScoringGame, task: AnswersTask): AnswersResult {
  const { answers, outcome } = task;
  const scoring = outcome === null ? null : prepare(game, task, outcome);
  const count = answers.length;
  const result = {
    scores: new Float64Array(count).fill(Number.NaN),
    reasons: new Array<string | null>(count).fill(null),
    shadows: new Float64Array(count * (task.shadowRules?.length ?? 0)).fill(Number.NaN),
    hours: new Float64Array(count * (scoring?.hours.steps.length ?? 0)).fill(Number.NaN),
    calibrations: new Float64Array(scoring === null ? 0 : count * calibrationNumbers),
  };
  const row = (values: Float64Array, i: number) => {
    const width = values.length / count;
    return values.subarray(i * width, (i + 1) * width);
  };
  for (const [i, packed] of answers.entries()) {
    const forecast = readAnswer(packed, task);
    if (typeof forecast === 'string') result.reasons[i] = cleanReason(forecast);
    else if (scoring !== null) {
      const into = { shadows: row(result.shadows, i), hours: row(result.hours, i) };
      const score = scoreForecast(forecast, scoring, into);
      if (typeof score === 'string') result.reasons[i] = score;
      else result.scores[i] = score;
      if (typeof score === 'number' && !scoring.bare) {
        calibrate(forecast, scoring.realized, row(result.calibrations, i));
      }
    }
  }
  return result;
}

/** The baseline under the same rules. Never throws. */
export function scoreBaseline(
  game: ScoringGame,
  task: Omit<AnswersTask, 'outcome' | 'answers'> & { readonly outcome: NonNullable<AnswersTask['outcome']> },
): BaselineResult {
  const scoring = prepare(game, task, task.outcome);
  const shadows = new Float64Array(task.shadowRules?.length ?? 0).fill(Number.NaN);
  const hours = new Float64Array(scoring.hours.steps.length).fill(Number.NaN);
  const baseline = attempt(() => game.baseline(task.question, task.outcome.context));
  if (!baseline.ok) return { score: cleanReason(`could not be made: ${baseline.reason}`), shadows, hours };
  return { score: scoreForecast(baseline.value, scoring, { shadows, hours }), shadows, hours };
}

/** What scoring the answers of one task has in common. */
interface Scoring {
  readonly game: ScoringGame;
  readonly realized: readonly Outcome[];
  readonly context: Json;
  readonly bare: boolean;
  /** In the order asked for; undefined where this thread's game has none of that name. */
  readonly shadowRules: readonly (ShadowRule | undefined)[];
  readonly hours: RealizedHours;
  /** Filled anew by each answer. */
  readonly parts: readonly Float64Array[];
}

function prepare(
  game: ScoringGame,
  { question, shadowRules = [], bare = false }: Pick<AnswersTask, 'question' | 'shadowRules' | 'bare'>,
  { realized, context }: NonNullable<AnswersTask['outcome']>,
): Scoring {
  return {
    game,
    realized,
    context,
    bare,
    shadowRules: shadowRules.map((name) => game.shadowRules?.find((rule) => rule.name === name)),
    hours: realizedHours(question.startedAt, realized),
    parts: realized.map(({ x }) => new Float64Array(x.length)),
  };
}

// Far beyond any score of a real forecast, and small enough that no rule's points overflow: one absurd answer
// must not make the points of a round infinite.
const scoreMax = 1e150;

/** A finite score, or the reason why there is none; shadow rules and hours are told beside a score. */
function scoreForecast(
  forecast: Forecast,
  { game, realized, context, bare, shadowRules, hours, parts }: Scoring,
  into: { readonly shadows: Float64Array; readonly hours: Float64Array },
): number | string {
  for (const part of parts) part.fill(Number.NaN);
  const score = attempt(() => game.score(forecast, realized, context, parts));
  if (!score.ok) return cleanReason(`could not be scored: ${score.reason}`);
  if (!isScore(score.value)) return cleanReason(`could not be scored: its score is ${score.value}`);
  sumByHour(score.value, parts, hours, into.hours);
  if (bare) return score.value;
  for (const [k, rule] of shadowRules.entries()) {
    const shadow = attempt(() => rule?.score(forecast, realized, context));
    if (shadow.ok && isScore(shadow.value)) into.shadows[k] = shadow.value;
  }
  return score.value;
}

function isScore(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= scoreMax;
}

/** A success always has an answer; one without a payload is read as an empty one, and refused there. */
export function packedAnswer({ variantType, codec, payload, payloadBytes }: StoredPrediction): PackedAnswer {
  return {
    type: variantType ?? 'none',
    codec: codec ?? 'raw',
    payload: payload ?? new Uint8Array(),
    bytes: payloadBytes,
  };
}

/** The forecast in an answer, or the reason why there is none. */
export function readAnswer(packed: PackedAnswer, task: Omit<AnswersTask, 'answers'>): Forecast | string {
  const { question, maxBytes, minScale, kind, leavesMax } = task;
  const { horizonSeconds, stepsSeconds } = question;
  const unpacked = attempt(() => decompressAnswer(packed.codec, packed.payload, maxBytes, packed.bytes));
  if (!unpacked.ok) return `could not be unpacked: ${unpacked.reason}`;
  const limits: ForecastLimits = {
    horizonSeconds,
    stepsSeconds,
    minScale,
    bytesMax: maxBytes,
    ...(kind === undefined ? {} : { kind }),
    ...(leavesMax === undefined ? {} : { leavesMax }),
  };
  const read = attempt(() => readForecast({ type: packed.type, bytes: unpacked.value }, limits));
  if (!read.ok) return `could not be read: ${read.reason}`;
  return read.value.ok ? read.value.forecast : read.value.reason;
}

type Attempt<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** What a stranger's bytes make a parser or a game throw is a value here. */
function attempt<T>(run: () => T): Attempt<T> {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : 'something was thrown' };
  }
}

const reasonMax = 300; // characters: a reason is for a person, and a parser may quote the whole payload

/** A reason may quote a stranger: what the database refuses (NUL), or what disguises text, is replaced. */
export function cleanReason(reason: string): string {
  const clean = reason.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '\ufffd');
  return clean.length <= reasonMax ? clean : `${clean.slice(0, reasonMax - 1).replace(/\p{Cs}$/u, '')}…`;
}
