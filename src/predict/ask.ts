// One round from the question to the journal: what is asked, of whom, and every outcome as a row. The
// answers are not looked into here; score does that.

import type { Game, Question } from '../domain/game.ts';
import { roundId } from '../domain/grid.ts';
import type { StoredPrediction } from '../domain/repositories.ts';
import type { Fault, Round } from '../domain/round.ts';
import { pricesBefore } from '../domain/series.ts';
import { encodeCall } from '../fleet/encode.ts';
import type { CallOutcome, Fleet } from '../fleet/fleet.ts';
import type { Log } from '../lib/log.ts';
import type { StallWatch } from '../lib/stall.ts';
import { compressAnswer } from '../storage/codec.ts';
import type { Journal } from './journal.ts';
import type { Market } from './market.ts';
import type { DueSlot } from './schedule.ts';

export interface AskDeps {
  readonly game: Game;
  readonly gameVersion: string;
  readonly market: Market;
  readonly fleet: Pick<Fleet, 'ask'>;
  readonly journal: Pick<Journal, 'push' | 'recorded'>;
  readonly log: Log;
  readonly stalls: Pick<StallWatch, 'longestSince'>;
}

export interface AskOptions {
  readonly memberIds: readonly string[];
  /** Members not asked, because they hold up a replay; recorded as timed out. */
  readonly setAside: ReadonlySet<string>;
  readonly askedAt: number;
  readonly responseMs: number;
  /** Market seconds that pass in a second of wall time while models answer; 0 when market time stands still. */
  readonly speed: number;
  readonly warmup: boolean;
}

/** A live round during which our own main thread stood still longer than this is void, ours. */
const stallMostMs = 1_000;
/** A healthy database records a round in 2 ms; this much of a start tolerance of 2 s can be given away. */
const recordMs = 200;

/** Asks everybody and journals the round and its answers. Resolves with the ids that timed out; never rejects because of a model. */
export async function askRound(slot: DueSlot, deps: AskDeps, options: AskOptions): Promise<readonly string[]> {
  const { fleet, journal, log } = deps;
  const opened = openOrSkip(slot, deps, options);
  if (opened === null) return [];
  const { round, request } = opened;
  journal.push({ type: 'round', round });
  // Live, recorded first, so that a crash leaves a round that is known to have been asked; unless the database
  // is sick. A replay that is cut off plays the slot again.
  if (options.speed === 1) await journal.recorded(recordMs);
  const askedWallMs = performance.now();
  const askedIds = round.memberIds.filter((id) => !options.setAside.has(id));
  const outcomes = await fleet.ask(askedIds, request, options.responseMs);
  const isStalled = options.speed === 1 && deps.stalls.longestSince(askedWallMs) > stallMostMs;
  // Stopping ends open questions, and that is not the models' doing.
  const isInterrupted = [...outcomes.values()].some(
    (outcome) => outcome.status === 'failed' && outcome.cause === 'interrupted',
  );
  const fault: Fault | null = isInterrupted ? 'interrupted' : isStalled ? 'stalled' : null;
  if (isInterrupted) log.warn({ roundId: round.roundId }, 'a round was interrupted by our stopping: void, ours');
  else if (fault) log.error({ roundId: round.roundId, stallMostMs }, 'our main thread stood still: the round is void');
  const predictions = await Promise.all(
    round.memberIds.map((modelId) => toStored(round, modelId, outcomes.get(modelId), options)),
  );
  journal.push({ type: 'answers', roundId: round.roundId, resolvableAt: round.resolvableAt, fault, predictions });
  return predictions.filter(({ status }) => status === 'timeout').map(({ modelId }) => modelId);
}

/** What a round without answers gets when it is found at a start: void through us, for everybody. */
export function interruptedAnswers(round: Round) {
  const predictions = round.memberIds.map(
    (modelId): StoredPrediction => ({ ...noAnswer(round.roundId, modelId), status: 'failed', cause: 'interrupted' }),
  );
  return {
    type: 'answers',
    roundId: round.roundId,
    resolvableAt: round.resolvableAt,
    fault: 'interrupted',
    predictions,
  } as const;
}

/** The round and what to ask; null when the game throws, which costs this slot and nothing else. */
function openOrSkip(
  slot: DueSlot,
  deps: AskDeps,
  options: AskOptions,
): { readonly round: Round; readonly request: Uint8Array } | null {
  const { game, journal, log } = deps;
  const { profile, asset, startedAt } = slot;
  const { horizonSeconds, stepsSeconds } = profileOf(game, profile);
  const question: Question = { asset, horizonSeconds, stepsSeconds, startedAt };
  try {
    return {
      round: openRound(slot, question, deps, options),
      request: encodeCall(game.requests.predict(question)),
    };
  } catch (error) {
    log.error({ err: error, profile, asset, startedAt }, 'the game cannot ask: the slot is skipped, ours');
    const skip = { profile, asset, fromSlot: startedAt, toSlot: startedAt, slots: 1, reason: 'game-error' } as const;
    journal.push({ type: 'skip', skip });
    return null;
  }
}

function openRound(
  slot: DueSlot,
  question: Question,
  { game, gameVersion, market }: AskDeps,
  options: AskOptions,
): Round {
  const { asset, startedAt } = slot;
  const before = pricesBefore(market.series(asset), market.calendar(asset), startedAt, game.contextSeconds);
  return {
    roundId: roundId(slot),
    profile: slot.profile,
    asset: slot.asset,
    startedAt: slot.startedAt,
    resolvableAt: startedAt + question.horizonSeconds,
    gameVersion,
    ruleName: game.rule.name,
    ruleVersion: game.rule.version,
    askedAt: options.askedAt,
    lastPricedAt: Number.isFinite(market.newestAt) ? market.newestAt : null,
    scoredSteps: slot.scoredSteps,
    context: game.context(question, before),
    memberIds: options.memberIds,
    warmup: options.warmup,
  };
}

async function toStored(
  { roundId, askedAt }: Round,
  modelId: string,
  outcome: CallOutcome | undefined,
  { speed, setAside }: AskOptions,
): Promise<StoredPrediction> {
  const row = noAnswer(roundId, modelId);
  if (setAside.has(modelId))
    return { ...row, status: 'timeout', cause: 'busy', detail: 'set aside: it held up the replay' };
  if (outcome === undefined || outcome.status === 'absent') {
    return { ...row, status: 'absent', cause: 'absent', detail: outcome?.detail ?? null };
  }
  const { status, deploymentId, latencyUs, queuedUs } = outcome;
  const answeredAt = latencyUs === null ? null : askedAt + ((queuedUs + latencyUs) / 1e6) * speed;
  const ended = { ...row, deploymentId, latencyUs, queuedUs, answeredAt };
  if (status !== 'success') return { ...ended, status, cause: outcome.cause, detail: outcome.detail };
  const { type, bytes } = outcome.answer;
  const { codec, payload } = await compressAnswer(bytes);
  return { ...ended, status, variantType: type, codec, payload, payloadBytes: bytes.length };
}

function noAnswer(roundId: string, modelId: string): StoredPrediction {
  return {
    roundId,
    modelId,
    deploymentId: null,
    status: 'absent',
    cause: null,
    detail: null,
    answeredAt: null,
    latencyUs: null,
    queuedUs: null,
    variantType: null,
    codec: null,
    payload: null,
    payloadBytes: 0,
  };
}

function profileOf(game: Game, name: string) {
  const profile = game.profiles.find((candidate) => candidate.name === name);
  if (!profile)
    throw new Error(`Cannot ask profile "${name}": the game has ${game.profiles.map((p) => p.name).join(', ')}`);
  return profile;
}
