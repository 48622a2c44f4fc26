// The score worker: builds what a turn needs and turns it until stopped. It needs a database and a game
// and nothing else; everything it knows it reads from there, so it may run anywhere, several times at once,
// and be killed at any moment.

import { randomUUID } from 'node:crypto';
import type { Game } from '../domain/game.ts';
import { gameVersion } from '../domain/version.ts';
import type { PriceFeed } from '../feeds/feed.ts';
import { sleep, untilAborted, wallNow } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { loadGame } from '../load-game.ts';
import { type Database, isWorthRetrying, listen, openDatabase } from '../storage/connect.ts';
import { requireSchema } from '../storage/migrate.ts';
import { createBoardRepository } from '../storage/postgres/board.ts';
import { createPriceRepository } from '../storage/postgres/prices.ts';
import { createSettlementRepository } from '../storage/postgres/settlements.ts';
import { fillingFeed } from './filling-feed.ts';
import { runLoop } from './loop.ts';
import { createPass, type Now } from './pass.ts';
import { createSettlementPrices, sourceOf } from './prices.ts';
import { createScoringThreads, type ScoringThreads } from './threads.ts';
import { createGameVersions, createShadowAlarm, createVersionAlarm, type OwnGame } from './versions.ts';
import { createWakeup } from './wakeup.ts';

export interface ScoreWorkerOptions {
  readonly databaseUrl: string;
  /** Name of a shipped game, or the path of one. */
  readonly game: string;
  /** Scoring threads. Default: the machine's cores, at most 8. */
  readonly threads?: number;
  readonly log: Log;
  /** Stops the worker, as `stop` does. */
  readonly signal?: AbortSignal;
  /** Where prices that predict's feed lost may still be had. Default: the feed of the competition's world. */
  readonly feed?: PriceFeed;
  readonly binanceRestUrl?: string | undefined;
}

export interface ScoreWorker {
  /** Finishes or abandons what is at work, within 5 s. Nothing is lost: it is repeated by whoever comes next. */
  stop(): Promise<void>;
  /** Resolves when the worker has stopped. Rejects when it refuses to run: no such game, another schema. */
  readonly done: Promise<void>;
}

const finishMs = 2_000; // for the batch at work; then its threads are ended, and it is abandoned
const closeMs = 1_000;
const databaseRetryMs = 1_000;

/** Starts to score. A database that is away is waited for, at the start and whenever it goes. */
export function startScoreWorker(options: ScoreWorkerOptions): ScoreWorker {
  const stopping = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, stopping.signal]) : stopping.signal;
  const done = work(options, signal);
  done.catch(() => {}); // whoever awaits `done` or `stop` hears of it
  return {
    async stop() {
      stopping.abort();
      await done;
    },
    done,
  };
}

async function work(options: ScoreWorkerOptions, signal: AbortSignal): Promise<void> {
  const { databaseUrl, log, threads: threadCount } = options;
  const game = await loadGame(options.game);
  const own: OwnGame = { game, gameVersion: gameVersion(game).id };
  const db = openDatabase(databaseUrl, { role: 'condor_score', applicationName: 'condor score', log });
  const threads = createScoringThreads({
    game: options.game,
    log,
    ...(threadCount === undefined ? {} : { threads: threadCount }),
  });
  try {
    await waitForSchema(db, log, signal);
    const turning = turn(options, own, db, threads, signal);
    await Promise.race([turning, untilAborted(signal)]);
    await atMost(finishMs, turning);
    await threads.close();
    await atMost(closeMs, turning);
  } finally {
    await threads.close();
    await atMost(closeMs, db.close());
  }
}

/** One turn after another until `signal` aborts. */
async function turn(
  { log, feed, binanceRestUrl }: ScoreWorkerOptions,
  own: OwnGame,
  db: Database,
  threads: ScoringThreads,
  signal: AbortSignal,
): Promise<void> {
  const settlements = createSettlementRepository(db);
  const boards = createBoardRepository(db);
  const alarm = createVersionAlarm(log, own, wallNow);
  const shadowAlarm = createShadowAlarm(log);
  const versions = createGameVersions(own, (gameVersion) => settlements.gameVersion(gameVersion));
  const wakeup = createWakeup();
  const listening = listen(db, ['condor_predict'], () => wakeup.hint(), signal);
  log.info({ game: own.game.name, gameVersion: own.gameVersion }, 'scoring');
  await runLoop(
    {
      settlements,
      gameName: own.game.name,
      wakeup,
      log,
      createPass: ({ competition }: Now) => {
        const source = sourceOf(competition.world);
        const { candleSeconds }: Game = own.game;
        const filling = feed ?? fillingFeed(competition, own.game, log, { binanceRestUrl });
        const prices = createSettlementPrices({
          prices: createPriceRepository(db),
          source,
          candleSeconds,
          log,
          signal,
          ...(filling && { feed: filling }),
        });
        const token = () => randomUUID(); // decides who works, never a number
        return createPass({ versions, settlements, boards, prices, threads, log, alarm, shadowAlarm, token });
      },
    },
    signal,
  );
  await listening;
}

/** Resolves once the database is there with the schema of this release. @throws Error when it has another. */
async function waitForSchema(db: Database, log: Log, signal: AbortSignal): Promise<void> {
  for (let isSaid = false; !signal.aborted; isSaid = true) {
    try {
      return await requireSchema(db);
    } catch (error) {
      if (!isWorthRetrying(error)) throw error;
      if (!isSaid) log.warn({ err: error }, 'waiting for the database');
      await sleep(databaseRetryMs, signal);
    }
  }
}

/** Waits for `work`, but no longer than `ms`. */
async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  const finished = new AbortController();
  await Promise.race([work, sleep(ms, finished.signal)]).finally(() => finished.abort());
}
