// How market time passes. Replay: step by step, each candle end and each opening a barrier, as fast as
// models and score allow or at a given speed. Live: whenever a price arrives, and every second.

import { addOpenSeconds } from '../domain/calendar.ts';
import type { MarketClock } from '../domain/clock.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { type Clock, sleep } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { LiveSource, PriceSource } from './source.ts';
import { type TurnDeps, type TurnOptions, turn } from './turn.ts';

export interface PlayDeps extends Omit<TurnDeps, 'fleet'> {
  readonly fleet: Pick<Fleet, 'ask' | 'tick' | 'idle'>;
  readonly score: ScoreProgress;
  readonly boardEverySeconds: number;
}

/** How far score is, read from the database. */
export interface ScoreProgress {
  /** The newest board instant published; null before the first. */
  passedUntil(): Promise<number | null>;
  /** Rounds neither settled nor void. */
  openRounds(): Promise<number>;
}

/**
 * Score may be this far behind a replay. Boards are made from data up to their own instant (see
 * score/pass.ts), so the lead changes no digit; it lets both workers use a core each.
 */
const leadBoardsMost = 60;
const leadSecondsMost = 3_600;
/** A warm-up must end even when score doesn't run: it then goes on, this slow, half a lead at a time. */
const warmupWaitMostMs = 2_000;
/** A restarted model is back within 2 s, one whose orchestrator was restarted within 10 s. */
const returnMostMs = 20_000;
const returnPollMs = 50;
const pollMs = 5;
/** Prices of one instant come within this of each other; waiting for them saves three ticks of four. */
const gatherMs = 200;
const heartbeatSeconds = 1;

export interface Replay {
  readonly mode: 'warmup' | 'replay';
  readonly speed: number;
  readonly startedAt: number;
  /** The instant market time stands at; its turn has not been taken. */
  readonly from: number;
  /** Rounds and ticks are played before this. */
  readonly until: number;
  /** Market time must end here, whatever waits: the recording's last price, or never. */
  readonly pricesEndAt: number;
  /** Whether the next instant can be played yet (a warm-up ends when it has caught up with the wall clock). */
  readonly reaches: (instant: number) => boolean;
  readonly responseMs: number;
}

/** Plays recorded prices. Resolves with the instant it ended at. */
export async function playRecorded(
  replay: Replay,
  source: PriceSource,
  clock: Clock & { set?(instant: number): void },
  deps: PlayDeps,
  signal: AbortSignal,
): Promise<number> {
  const { candleSeconds } = deps.game;
  const { mode, speed, startedAt, responseMs } = replay;
  const setAside = new Set<string>();
  const lost = new Set<string>();
  const options = { mode, speed, responseMs, setAside };
  let now = replay.from;
  while (!signal.aborted) {
    if (clock.set) clock.set(now);
    else await clock.sleepUntil(now, signal);
    const plays = now < replay.until;
    if (plays) await membersReturn(deps, lost, signal);
    await turn(now, await source.take(now), deps, { ...options, plays });
    await barrier(now, replay, setAside, deps, signal);
    deps.journal.push({ type: 'clock', clock: { now, speed, mode, startedAt } });
    if ((!plays || now >= replay.pricesEndAt) && (await hasEnded(now, replay, deps, signal))) break;
    const next = Math.min(now - (now % candleSeconds) + candleSeconds, deps.schedule.nextOpeningAt() ?? Infinity);
    if (!replay.reaches(next)) break;
    now = next;
  }
  return now;
}

/** Plays live until `signal` aborts. Rounds run beside the loop; nothing here waits for one. */
export async function playLive(
  source: LiveSource,
  clock: Clock,
  startedAt: number,
  deps: PlayDeps,
  signal: AbortSignal,
): Promise<void> {
  const options: TurnOptions = {
    mode: 'live',
    speed: 1,
    responseMs: deps.game.responseSeconds * 1000,
    setAside: new Set(),
    plays: true,
  };
  let saidAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    const now = clock.now();
    turn(now, await source.take(now), deps, options).catch((error: unknown) =>
      deps.log.error({ err: error }, 'a turn failed'),
    );
    if (now - saidAt >= heartbeatSeconds) {
      const clockRow: MarketClock = { now: Math.floor(now), speed: 1, mode: 'live', startedAt };
      deps.journal.push({ type: 'clock', clock: clockRow });
      saidAt = now;
    }
    const opening = deps.schedule.nextOpeningAt() ?? Infinity;
    const wakeAt = Math.min(opening, Math.floor(now) + heartbeatSeconds);
    const woken = new AbortController();
    const onStop = () => woken.abort();
    signal.addEventListener('abort', onStop, { once: true });
    const isEarly = await Promise.race([
      source.arrival().then(() => true),
      clock.sleepUntil(wakeAt, woken.signal).then(() => false),
    ]);
    woken.abort();
    signal.removeEventListener('abort', onStop);
    if (isEarly) await sleep(Math.min(gatherMs, deps.game.candleSeconds * 100), signal);
  }
}

/**
 * Market time waits for members that lost their connection: in a replay a restart of a second would
 * otherwise cost a model days. Those that don't come back in time are `lost`, and not waited for again
 * before they have returned.
 */
async function membersReturn({ members, log }: PlayDeps, lost: Set<string>, signal: AbortSignal): Promise<void> {
  const away = () => members.goneIds().filter((modelId) => !lost.has(modelId));
  for (const modelId of lost) if (!members.goneIds().includes(modelId)) lost.delete(modelId);
  if (away().length === 0) return;
  log.warn({ away: away(), returnMostMs }, 'market time waits for models to come back');
  for (let waitedMs = 0; waitedMs < returnMostMs && away().length > 0 && !signal.aborted; waitedMs += returnPollMs) {
    await sleep(returnPollMs, signal);
  }
  for (const modelId of away()) lost.add(modelId);
}

/** Market time stands still until every model has its ticks, the journal has room and score is not too far behind. */
async function barrier(
  now: number,
  { mode, startedAt, responseMs }: Replay,
  setAside: Set<string>,
  { fleet, journal, score, boardEverySeconds, log }: PlayDeps,
  signal: AbortSignal,
): Promise<void> {
  const late = await fleet.idle({ except: setAside, timeoutMs: responseMs, signal });
  for (const modelId of late) {
    setAside.add(modelId);
    log.error({ modelId, responseMs }, 'a model holds up the replay: it is set aside until the replay ends');
  }
  await journal.hasRoom();
  const leadSeconds = Math.max(boardEverySeconds, Math.min(leadBoardsMost * boardEverySeconds, leadSecondsMost));
  if (now % Math.ceil(leadSeconds / 2) !== 0) return; // asking costs a query
  await journal.flushed();
  const waitMostMs = mode === 'warmup' ? warmupWaitMostMs : Number.POSITIVE_INFINITY;
  await scorePasses(Math.max(startedAt, now - leadSeconds), { startedAt, score, log, signal, waitMostMs });
}

/** Resolves when score has published the board of `instant`, after `waitMostMs`, or when `signal` aborts. */
async function scorePasses(
  instant: number,
  {
    startedAt,
    score,
    log,
    signal,
    waitMostMs = Number.POSITIVE_INFINITY,
  }: {
    readonly startedAt: number;
    readonly score: ScoreProgress;
    readonly log: Log;
    readonly signal: AbortSignal;
    readonly waitMostMs?: number;
  },
): Promise<void> {
  for (let waitedMs = pollMs; !signal.aborted && waitedMs <= waitMostMs; waitedMs += pollMs) {
    const passed = await score.passedUntil().catch(() => null);
    if ((passed ?? startedAt) >= instant) return;
    if (waitedMs % 10_000 === 0) log.warn({ passed, instant }, 'market time waits for the score worker');
    await sleep(pollMs, signal);
  }
}

/** Whether a replay that only waits for its last rounds is over: all settled or void, or no price will come. */
async function hasEnded(now: number, replay: Replay, deps: PlayDeps, signal: AbortSignal): Promise<boolean> {
  if (now % deps.boardEverySeconds !== 0) return false; // it ends with a board
  if (now >= replay.pricesEndAt) return true;
  if (now < lastWitnessAt(deps)) return false;
  await deps.journal.flushed();
  await scorePasses(now, { startedAt: replay.startedAt, score: deps.score, log: deps.log, signal });
  return (await deps.score.openRounds()) === 0;
}

/** The instant by which the last round of each profile and asset has its witness, or its patience has run out. */
function lastWitnessAt({ game, market, schedule }: PlayDeps): number {
  let latest = Number.NEGATIVE_INFINITY;
  for (const { name, assets, horizonSeconds } of game.profiles) {
    for (const asset of assets) {
      const lastSlot = schedule.lastAskedAt(name, asset);
      if (lastSlot === null) continue;
      const resolvableAt = lastSlot + horizonSeconds;
      const witness = market.series(asset).firstAfter(resolvableAt)?.pricedAt;
      latest = Math.max(latest, witness ?? addOpenSeconds(market.calendar(asset), resolvableAt, game.patienceSeconds));
    }
  }
  return latest;
}
