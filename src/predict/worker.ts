// Builds the predict worker from its parts and takes it through its phases: what an earlier run left
// behind, history, the fleet, a replay or warm-up when one is due, then live.

import type { Competition } from '../domain/clock.ts';
import type { Game } from '../domain/game.ts';
import type { Price } from '../domain/price.ts';
import { gameVersion } from '../domain/version.ts';
import { createFeed } from '../feeds/choose.ts';
import type { PriceFeed } from '../feeds/feed.ts';
import { simulatedAssets } from '../feeds/simulated.ts';
import { createFleet } from '../fleet/create-fleet.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { type Clock, runningClock, sleep, untilAborted, wallNow } from '../lib/clock.ts';
import { Refusal, type Worker } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { watchStalls } from '../lib/stall.ts';
import { interruptedAnswers } from './ask.ts';
import { createJournal } from './journal.ts';
import { Market } from './market.ts';
import { Members } from './members.ts';
import { type Plan, type PlanOptions, planOf } from './plan.ts';
import { type PlayDeps, playLive, playRecorded } from './play.ts';
import { Schedule } from './schedule.ts';
import { watchSkew } from './skew.ts';
import { livePrices, readAll, recordedPrices } from './source.ts';
import { openPredictStorage, type PredictStorage } from './storage.ts';
import { onFleetEvent } from './turn.ts';

export interface PredictOptions extends PlanOptions {
  readonly databaseUrl: string;
  readonly crunchId?: string | undefined;
  readonly orchestratorUrl: string;
  readonly prices: string;
  readonly seed: number;
  readonly boardEverySeconds?: number | undefined;
  readonly expectedModels: number;
  readonly fleetThreads: number;
  readonly binanceRestUrl?: string | undefined;
  readonly binanceStreamUrl?: string | undefined;
}

const tickTimeoutMs = 60_000; // the reference coordinator's; a mailbox keeps merging meanwhile
const setupTimeoutMs = 60_000; // a model may load weights
const gatherWarmupMs = 15_000; // a model that never comes up must not keep the page empty
const gatherFleetMs = 60_000; // a replay waits this long for its models
const rejoinMs = 5_000; // a restarted worker waits this long for the members it knows
const healthEveryMs = 60_000;
const overlapCandles = 5; // candles of one instant may have arrived apart when we stopped
const stopJournalMs = 3_000;

/** Starts the worker. Resolves once it runs; `done` rejects when it can't go on. */
export async function startPredictWorker(options: PredictOptions, log: Log): Promise<Worker> {
  const stopping = new AbortController();
  const storage = openPredictStorage(options.databaseUrl, log);
  const done = run(options, storage, log, stopping.signal);
  done.catch(() => {}); // runWorker looks at it; a rejection before that is not unhandled
  return {
    done,
    async stop() {
      stopping.abort();
      await done.catch(() => {});
      await storage.close();
    },
  };
}

async function run(options: PredictOptions, storage: PredictStorage, log: Log, signal: AbortSignal): Promise<void> {
  const { game } = options;
  const assets = game.assets.map(({ symbol }) => symbol);
  let clock: Clock = runningClock();
  const now = () => clock.now();

  const known = await storage.competition(signal);
  if (signal.aborted) return;
  const feed = await createFeed({
    prices: options.prices,
    seed: options.seed,
    assets: simulatedAssets(game),
    candleSeconds: game.candleSeconds,
    clock: { now, sleepUntil: (instant, stop) => clock.sleepUntil(instant, stop) },
    log,
    world: known?.world,
    binance: {
      ...(options.binanceRestUrl && { restUrl: options.binanceRestUrl }),
      ...(options.binanceStreamUrl && { streamUrl: options.binanceStreamUrl }),
    },
  }).catch((error: Error) => {
    throw new Refusal(error.message, { cause: error });
  });
  const competition = await storage.openCompetition(wantedCompetition(options, feed));
  const version = gameVersion(game);
  await storage.saveGameVersion(version.id, version.data);
  const state = await storage.load();
  const plan = planOf(options, feed.span, state.clock);

  const stalls = watchStalls();
  const skew = watchSkew(() => storage.databaseNow(), log);
  await skew.start(signal);
  const journal = createJournal((entries) => storage.write(entries), log);
  for (const round of state.openRounds) {
    journal.push(interruptedAnswers(round));
    log.warn({ roundId: round.roundId }, 'a round was interrupted by a restart: void, ours');
  }
  const market = new Market(game, feed.alwaysOpen);
  const members = new Members(game.graceSeconds, state.memberships);
  const knownIds = members.ids();
  for (const modelId of knownIds) {
    const membership = members.gone(modelId, plan.startsAt);
    if (membership) journal.push({ type: 'membership', membership });
  }
  if (plan.kind === 'replay') clock = plan.clock;

  const history = await readHistory(feed, assets, plan.startsAt, { storage, game, log, signal });
  for (const prices of chunks(market.append(history), 20_000)) {
    journal.push({ type: 'prices', prices, receivedAt: wallNow() });
  }
  const fleet = createFleet(
    {
      orchestratorUrl: options.orchestratorUrl,
      crunchId: options.crunchId ?? game.crunchId,
      className: game.className,
      tickRequests: (cursor, upTo) => market.tickRequests(cursor, upTo),
      answerMaxBytes: game.answerMaxBytes,
      tickTimeoutMs,
      setupTimeoutMs,
      threads: options.fleetThreads,
      onEvent: (event) => onFleetEvent(event, Math.floor(now()), { members, journal, log }),
    },
    { log },
  );
  const schedule = new Schedule(game, plan.startsAt, state.lastSlots);
  const deps: PlayDeps = {
    game,
    gameVersion: version.id,
    market,
    members,
    schedule,
    fleet,
    journal,
    log,
    wallNow,
    stalls,
    skew,
    score: storage.score,
    boardEverySeconds: competition.boardEverySeconds,
  };
  const health = setInterval(() => {
    log.info(
      {
        ...stalls.takeDelays(),
        skewSeconds: skew.seconds(),
        journal: journal.health(),
        fleet: fleet.health(),
        feed: feed.health(),
      },
      'health',
    );
  }, healthEveryMs);
  health.unref();

  try {
    await fleet.start();
    fleet.tick(market.position);
    await gather(fleet, plan, options.expectedModels, knownIds, log, signal);
    if (plan.kind === 'replay') {
      journal.push({
        type: 'clock',
        clock: {
          now: plan.startsAt,
          speed: plan.replay.speed,
          mode: plan.replay.mode,
          startedAt: plan.replay.startedAt,
        },
      });
      const source = recordedPrices(feed, assets, {
        from: plan.startsAt,
        candleSeconds: game.candleSeconds,
        knownUntil: plan.knownUntil,
        log,
        signal,
      });
      const endedAt = await playRecorded(plan.replay, source, plan.clock, deps, signal);
      if (signal.aborted) return;
      if (plan.replay.mode === 'replay') {
        const { speed, startedAt } = plan.replay;
        journal.push({ type: 'clock', clock: { now: endedAt, speed, mode: 'ended', startedAt } });
        await journal.flushed();
        log.info({ endedAt: new Date(endedAt * 1000).toISOString() }, 'the replay has ended');
        return await untilAborted(signal);
      }
      clock = runningClock();
      log.info({}, 'the warm-up has ended: live from now on');
    }
    const live = livePrices(feed, assets, log);
    // What closed between the history above and the first push.
    const missed = await readAll(feed, assets, market.newestAt - overlapCandles * game.candleSeconds, now(), {
      log,
      signal,
    });
    const fresh = market.append(missed);
    if (fresh.length > 0) journal.push({ type: 'prices', prices: fresh, receivedAt: wallNow() });
    fleet.tick(market.position);
    await playLive(live, clock, plan.startedAt, deps, signal);
    await live.stop();
  } finally {
    clearInterval(health);
    stalls.stop();
    await fleet.stop();
    await journal.stop(stopJournalMs);
  }
}

function wantedCompetition({ game, seed, boardEverySeconds }: PredictOptions, feed: PriceFeed): Competition {
  return {
    game: game.name,
    world: feed.world,
    seed,
    boardEverySeconds: boardEverySeconds ?? game.boardEverySeconds,
    alwaysOpen: feed.alwaysOpen,
  };
}

/** The game's history up to `until`: what the database has, then the feed. */
async function readHistory(
  feed: PriceFeed,
  assets: readonly string[],
  until: number,
  { storage, game, log, signal }: { storage: PredictStorage; game: Game; log: Log; signal: AbortSignal },
): Promise<readonly Price[]> {
  const from = until - game.historySeconds;
  const stored = await storage.prices(assets, feed.source, from, until);
  const newestAt = stored.at(-1)?.pricedAt;
  const restFrom = newestAt === undefined ? from : newestAt - overlapCandles * game.candleSeconds;
  const rest = await readAll(feed, assets, restFrom, until, { log, signal });
  return [...stored, ...rest];
}

/** Before market time moves: a replay waits for all its models, a restarted worker for the members it knows. */
async function gather(
  fleet: Pick<Fleet, 'ready'>,
  plan: Plan,
  expectedModels: number,
  knownIds: readonly string[],
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  const wanted = Math.max(plan.kind === 'replay' ? expectedModels : 0, knownIds.length);
  const gatherMs = plan.kind === 'replay' && plan.replay.mode === 'replay' ? gatherFleetMs : gatherWarmupMs;
  const withinMs = plan.kind === 'replay' && knownIds.length === 0 ? gatherMs : rejoinMs;
  const pollMs = 20;
  for (let waitedMs = 0; fleet.ready().length < wanted && !signal.aborted; waitedMs += pollMs) {
    if (waitedMs >= withinMs) {
      log.warn({ ready: fleet.ready().length, wanted, withinMs }, 'going on without some models');
      return;
    }
    await sleep(pollMs, signal);
  }
}

function* chunks<T>(items: readonly T[], size: number): Iterable<readonly T[]> {
  for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
