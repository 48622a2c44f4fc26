// A short competition for the tests of this folder, as predict would write it minute by minute: prices with
// an outage and closed hours, members that come, go and return, answers of every kind, faults and skips.

import type { Competition } from '../domain/clock.ts';
import { scoredSteps, slotsBetween, roundId as toRoundId } from '../domain/grid.ts';
import type { Membership } from '../domain/model.ts';
import type { Cause, Status } from '../domain/prediction.ts';
import { compareModelIds } from '../domain/ranking.ts';
import type { JournalEntry, StoredPrediction } from '../domain/repositories.ts';
import type { Round } from '../domain/round.ts';
import { gameVersion } from '../domain/version.ts';
import game from './test-game.ts';

/** Monday. */
export const startedAt = Date.UTC(2026, 0, 5) / 1000;
const minutes = 60;
export const endedAt = startedAt + minutes * 60;

export const competition: Competition = {
  game: 'tiny',
  world: 'replay:scenario',
  seed: 1,
  boardEverySeconds: 60,
  alwaysOpen: [],
};

/** No prices of AAA at all in these minutes: longer than the game's patience. */
const outage = { from: 20, to: 31 };
/** One lost candle of AAA: a tie to the earlier. */
const lostMinute = 53;
export const modelIds = ['a', 'b', 'c', 'd', 'é\u{1f600}'] as const;

const own = gameVersion(game);

/** What predict writes, a batch for each minute of market time; the clock comes last in each. */
export function scenario(): readonly (readonly JournalEntry[])[] {
  return Array.from({ length: minutes + 1 }, (_, minute) => {
    const now = startedAt + minute * 60;
    const mode = minute === minutes ? 'ended' : 'replay';
    return [
      { type: 'prices', prices: pricesOf(minute, now), receivedAt: now },
      ...memberships(minute),
      ...(minute === outage.from ? [skip] : []),
      ...slotsBetween(game, now - 60, now).flatMap((slot) => roundEntries(slot, minute)),
      { type: 'clock', clock: { now, speed: Number.POSITIVE_INFINITY, mode, startedAt } },
    ] satisfies JournalEntry[];
  });
}

const skip: JournalEntry = {
  type: 'skip',
  skip: {
    profile: '5m',
    asset: 'AAA',
    fromSlot: startedAt + 25 * 60,
    toSlot: startedAt + 30 * 60,
    slots: 2,
    reason: 'stale-prices',
  },
};

function pricesOf(minute: number, pricedAt: number) {
  const isLost = minute === lostMinute || (minute >= outage.from && minute <= outage.to);
  const isClosed = minute > 40 && minute <= 50;
  return [
    ...(isLost ? [] : [{ asset: 'AAA', pricedAt, price: 100 + Math.sin(minute * 1.7) * 3, source: 'simulated' }]),
    ...(isClosed ? [] : [{ asset: 'BBB', pricedAt, price: 10 + Math.cos(minute * 0.9), source: 'simulated' }]),
  ];
}

const at = (minute: number) => startedAt + minute * 60;

/** `b` is gone from minute 12, leaves when its grace is over, and returns as new; the last model comes late. */
function membershipsAt(minute: number): readonly Membership[] {
  return [
    ...['a', 'c', 'd'].map((modelId) => ({ modelId, joinedAt: at(0), goneAt: null, leftAt: null })),
    { modelId: 'b', joinedAt: at(0), goneAt: minute >= 12 ? at(12) : null, leftAt: minute >= 22 ? at(22) : null },
    ...(minute >= 45 ? [{ modelId: 'b', joinedAt: at(45), goneAt: null, leftAt: null }] : []),
    ...(minute >= 10 ? [{ modelId: modelIds[4], joinedAt: at(10), goneAt: null, leftAt: null }] : []),
  ];
}

function memberships(minute: number): readonly JournalEntry[] {
  const known = new Set(
    (minute === 0 ? [] : membershipsAt(minute - 1)).map((membership) => JSON.stringify(membership)),
  );
  return membershipsAt(minute)
    .filter((membership) => !known.has(JSON.stringify(membership)))
    .flatMap((membership) => [model(membership), { type: 'membership', membership }]);
}

function model({ modelId, joinedAt }: Membership): JournalEntry {
  const names = { modelName: modelId, cruncherKey: modelId, cruncherId: modelId, cruncherName: modelId };
  return { type: 'model', model: { modelId, ...names }, seenAt: joinedAt };
}

/** A question and its answers. Questions of AAA in the outage are asked all the same: their prices are lost. */
function roundEntries(slot: { profile: string; asset: string; startedAt: number }, minute: number): JournalEntry[] {
  const profile = game.profiles.find(({ name }) => name === slot.profile);
  const calendar = game.assets.find(({ symbol }) => symbol === slot.asset)?.calendar;
  const steps = profile && scoredSteps(profile, calendar, slot.startedAt);
  if (!profile || !steps || minute + 3 > minutes) return [];
  const members = membershipsAt(minute)
    .filter(({ leftAt }) => leftAt === null)
    .toSorted((a, b) => compareModelIds(a.modelId, b.modelId));
  const round: Round = {
    ...slot,
    roundId: toRoundId(slot),
    resolvableAt: slot.startedAt + profile.horizonSeconds,
    gameVersion: own.id,
    ruleName: game.rule.name,
    ruleVersion: game.rule.version,
    askedAt: slot.startedAt,
    lastPricedAt: slot.startedAt,
    scoredSteps: steps,
    context: { minute },
    memberIds: members.map(({ modelId }) => modelId),
    warmup: minute < 5,
  };
  const predictions = members.map(({ modelId, goneAt }, i) => prediction(round, modelId, goneAt, profile, minute + i));
  const fault = minute === 35 ? 'interrupted' : null;
  const { roundId, resolvableAt } = round;
  return [
    { type: 'round', round },
    { type: 'answers', roundId, resolvableAt, fault, predictions },
  ];
}

function prediction(
  { roundId, askedAt }: Round,
  modelId: string,
  goneAt: number | null,
  { horizonSeconds, stepsSeconds }: { readonly horizonSeconds: number; readonly stepsSeconds: readonly number[] },
  variety: number,
): StoredPrediction {
  const [status, cause]: readonly [Status, Cause | null] =
    goneAt !== null
      ? ['absent', 'absent']
      : variety % 11 === 0
        ? ['timeout', 'timeout']
        : variety % 13 === 0
          ? ['failed', 'crashed']
          : ['success', null];
  const call = { roundId, modelId, deploymentId: 'd1', status, cause, detail: null, queuedUs: 10, latencyUs: variety };
  if (status !== 'success') {
    return { ...call, answeredAt: null, variantType: null, codec: null, payload: null, payloadBytes: 0 };
  }
  const loc = variety % 7 === 0 ? 'nonsense' : Math.sin(variety) * (modelId === 'a' ? 0.5 : 2);
  const density = { type: 'builtin', name: 'norm', params: { loc, scale: 1 } };
  const lists = stepsSeconds.map(
    (step) => [step, Array.from({ length: horizonSeconds / step }, () => density)] as const,
  );
  const payload = Buffer.from(JSON.stringify(lists.length === 1 ? lists[0]?.[1] : Object.fromEntries(lists)));
  return { ...call, answeredAt: askedAt, variantType: 'json', codec: 'raw', payload, payloadBytes: payload.length };
}
