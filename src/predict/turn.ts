// One turn of the predict worker: take in prices, tick every model, start the rounds that are due. It
// waits for nothing that leaves the process; what it starts is handed back.

import type { MarketClock } from '../domain/clock.ts';
import type { Game } from '../domain/game.ts';
import type { Price } from '../domain/price.ts';
import type { Fleet, FleetEvent } from '../fleet/fleet.ts';
import type { Log } from '../lib/log.ts';
import type { StallWatch } from '../lib/stall.ts';
import { modelEntries } from './announced.ts';
import { askRound } from './ask.ts';
import type { Journal } from './journal.ts';
import type { Market } from './market.ts';
import type { Members } from './members.ts';
import type { Schedule } from './schedule.ts';
import type { SkewWatch } from './skew.ts';

export interface TurnDeps {
  readonly game: Game;
  readonly gameVersion: string;
  readonly market: Market;
  readonly members: Members;
  readonly schedule: Schedule;
  readonly fleet: Pick<Fleet, 'ask' | 'tick'>;
  readonly journal: Journal;
  readonly log: Log;
  readonly wallNow: () => number;
  readonly stalls: Pick<StallWatch, 'longestSince'>;
  readonly skew: Pick<SkewWatch, 'isTolerable'>;
}

export interface TurnOptions {
  readonly mode: MarketClock['mode'];
  readonly speed: number;
  readonly responseMs: number;
  /** Models that hold up a replay. A round adds those that timed out in it. */
  readonly setAside: Set<string>;
  /** False once a bounded replay only waits for its last rounds: prices go on, ticks and questions don't. */
  readonly plays: boolean;
}

/** Takes the turn at market instant `now`. Resolves when every round it started has ended. */
export async function turn(now: number, prices: readonly Price[], deps: TurnDeps, options: TurnOptions): Promise<void> {
  const { market, members, journal, fleet } = deps;
  const fresh = market.append(prices);
  if (fresh.length > 0) journal.push({ type: 'prices', prices: fresh, receivedAt: deps.wallNow() });
  for (const membership of members.expire(now)) journal.push({ type: 'membership', membership });
  if (!options.plays) return;
  if (fresh.length > 0) fleet.tick(market.position);
  const { ask, skip } = deps.schedule.due(now, market, deps.skew.isTolerable() ? null : 'clock-skew');
  for (const gap of skip) {
    journal.push({ type: 'skip', skip: gap });
    deps.log.warn({ ...gap }, 'skipped a slot');
  }
  const memberIds = members.ids();
  if (memberIds.length === 0) return; // nobody to ask: no round
  await Promise.all(ask.map((slot) => playRound(slot, now, memberIds, deps, options)));
}

async function playRound(
  slot: Parameters<typeof askRound>[0],
  askedAt: number,
  memberIds: readonly string[],
  deps: TurnDeps,
  { mode, speed, responseMs, setAside }: TurnOptions,
): Promise<void> {
  const isReplay = mode !== 'live';
  const slow = await askRound(slot, deps, {
    memberIds,
    setAside: isReplay ? setAside : new Set(),
    askedAt,
    responseMs,
    speed: Number.isFinite(speed) ? speed : 0,
    warmup: mode === 'warmup',
  });
  for (const modelId of isReplay ? slow : []) {
    if (setAside.has(modelId)) continue;
    setAside.add(modelId);
    deps.log.error({ modelId, responseMs }, 'a model timed out in replay: it is set aside until the replay ends');
  }
}

/** Writes down what the fleet says: names, deployments, and who joins, comes back or leaves. */
export function onFleetEvent(
  event: FleetEvent,
  now: number,
  { members, journal, log }: Pick<TurnDeps, 'members' | 'journal' | 'log'>,
): void {
  if (event.type !== 'gone') journal.push(...modelEntries(event.model, now));
  if (event.type === 'announced') return;
  const modelId = event.type === 'ready' ? event.model.modelId : event.modelId;
  const membership = event.type === 'ready' ? members.ready(modelId, now) : members.gone(modelId, now);
  if (event.type === 'gone') log.warn({ modelId, reason: event.reason }, 'a model is gone');
  if (membership) journal.push({ type: 'membership', membership });
}
