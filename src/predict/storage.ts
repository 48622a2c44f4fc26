// Predict's way to the database: its own tables, past prices, and how far score is. While the database is
// away at a start, it waits; once running, the journal takes care of that.

import type { Competition } from '../domain/clock.ts';
import type { Json } from '../domain/game.ts';
import type { Price } from '../domain/price.ts';
import type { JournalEntry, PredictState } from '../domain/repositories.ts';
import { sleep } from '../lib/clock.ts';
import { Refusal } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { readDatabaseClock } from '../storage/clock.ts';
import { isWorthRetrying, openDatabase } from '../storage/connect.ts';
import { requireSchema } from '../storage/migrate.ts';
import { createBoardRepository } from '../storage/postgres/board.ts';
import { createPredictRepository } from '../storage/postgres/predict.ts';
import { createPriceRepository } from '../storage/postgres/prices.ts';
import { createReportRepository } from '../storage/postgres/report.ts';
import type { ScoreProgress } from './play.ts';

export interface PredictStorage {
  /** What the database was written for; null when it is new. Waits for the database; refuses a wrong schema. */
  competition(signal: AbortSignal): Promise<Competition | null>;
  /** @throws Refusal when the database belongs to another game or world. */
  openCompetition(wanted: Competition): Promise<Competition>;
  saveGameVersion(gameVersion: string, data: Json): Promise<void>;
  load(): Promise<PredictState>;
  write(entries: readonly JournalEntry[]): Promise<void>;
  /** In order of time. */
  prices(assets: readonly string[], source: string, from: number, to: number): Promise<readonly Price[]>;
  /** Unix seconds by the database's clock. */
  databaseNow(): Promise<number>;
  readonly score: ScoreProgress;
  close(): Promise<void>;
}

/** A write of 2,000 entries takes tens of milliseconds; a database that needs this long is as good as away. */
const statementTimeoutMs = 10_000;
const retryMs = 500;

export function openPredictStorage(databaseUrl: string, log: Log): PredictStorage {
  const db = openDatabase(databaseUrl, {
    role: 'condor_predict',
    applicationName: 'condor predict',
    statementTimeoutMs,
    log,
  });
  const predict = createPredictRepository(db);
  const prices = createPriceRepository(db);
  const boards = createBoardRepository(db);
  const reports = createReportRepository(db);

  return {
    async competition(signal) {
      for (let isSaid = false; !signal.aborted; ) {
        try {
          await requireSchema(db);
          return (await reports.stats()).competition;
        } catch (error) {
          if (!isWorthRetrying(error)) throw new Refusal((error as Error).message, { cause: error });
          if (!isSaid) log.warn({ err: error }, 'waiting for the database');
          isSaid = true;
          await sleep(retryMs, signal);
        }
      }
      return null;
    },
    openCompetition: (wanted) =>
      predict.openCompetition(wanted).catch((error: Error) => {
        throw isWorthRetrying(error) ? error : new Refusal(error.message, { cause: error });
      }),
    saveGameVersion: (gameVersion, data) => predict.saveGameVersion(gameVersion, data),
    load: () => predict.load(),
    write: (entries) => predict.write(entries),
    async prices(assets, source, from, to) {
      const all = await Promise.all(assets.map((asset) => prices.range(asset, source, from, to)));
      return all.flat().sort((a, b) => a.pricedAt - b.pricedAt);
    },
    databaseNow: () => readDatabaseClock(db),
    score: {
      passedUntil: () => boards.passedUntil(),
      openRounds: async () => (await reports.stats()).rounds.open,
    },
    close: () => db.close(),
  };
}
