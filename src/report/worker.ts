// Worker 3: builds the report's application over the database and serves it. It only reads, never exits
// because the database is away, and may be restarted at any time.

import type { Game } from '../domain/game.ts';
import type { ReportRepository } from '../domain/repositories.ts';
import { wallNow } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import { isWorthRetrying, listen, openDatabase } from '../storage/connect.ts';
import { requireSchema } from '../storage/migrate.ts';
import { createReportRepository } from '../storage/postgres/report.ts';
import { createReportApp } from './app.ts';
import { DeadlinePassed, withDeadline } from './deadline.ts';
import { serve } from './serve.ts';

export interface ReportWorkerOptions {
  readonly databaseUrl: string;
  readonly game: Game;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly log: Log;
}

export interface ReportWorker {
  /** What a person can open, for example `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Ends open streams and connections and closes the database, within seconds. */
  stop(): Promise<void>;
}

const connectionsMax = 8; // as many as the application lets read at once
const statementTimeoutMs = 9_000; // just under the application's own deadline, so that the server stops too
const startDeadlineMs = 3_000; // for the first word from the database; the pages needn't wait for it
const stopDeadlineMs = 3_000;

/**
 * Starts serving. With the database away it starts all the same: pages and `/healthz` say so, and it goes on
 * as soon as the database is there.
 * @throws Error when the port can't be had, or the database has another schema than this release knows.
 */
export async function startReportWorker(options: ReportWorkerOptions): Promise<ReportWorker> {
  const { databaseUrl, game, host, port, log } = options;
  const db = openDatabase(databaseUrl, {
    role: 'condor_report',
    applicationName: 'condor report',
    maxConnections: connectionsMax,
    statementTimeoutMs,
    log,
  });
  const stopping = new AbortController();
  const hints = new Set<() => void>();
  const closeDatabase = () => withDeadline(db.close(), stopDeadlineMs).catch(() => {}); // its statements end by themselves

  try {
    const checkSchema = untilItSucceeds(() => requireSchema(db));
    await withDeadline(checkSchema(), startDeadlineMs).catch((error: unknown) => {
      const isAway = error instanceof DeadlinePassed || isWorthRetrying(error);
      if (!isAway) throw error;
      log.warn({ err: error }, 'the database does not answer yet; serving all the same');
    });
    const app = await createReportApp({
      repository: afterCheck(createReportRepository(db), checkSchema),
      game,
      log,
      now: wallNow,
      onBoard: (listener) => hints.add(listener),
    });
    const url = await serve(app, host, port);
    const hintAll = () => {
      for (const hint of hints) hint();
    };
    const listening = listen(db, ['condor_board'], hintAll, stopping.signal);
    log.info({ url }, 'the report is served');
    return {
      url,
      async stop() {
        stopping.abort();
        await app.close();
        await listening;
        await closeDatabase();
      },
    };
  } catch (error) {
    stopping.abort();
    await closeDatabase();
    throw error;
  }
}

/** Runs `check` at each call until it has succeeded once; callers meanwhile share one run. */
function untilItSucceeds(check: () => Promise<void>): () => Promise<void> {
  let outcome: Promise<void> | null = null;
  return () => {
    outcome ??= check().catch((error: unknown) => {
      outcome = null;
      throw error;
    });
    return outcome;
  };
}

/** The repository behind a check, so that a database first seen late is not read under a wrong schema. */
function afterCheck(repository: ReportRepository, check: () => Promise<void>): ReportRepository {
  return {
    leaderboard: () => check().then(() => repository.leaderboard()),
    models: () => check().then(() => repository.models()),
    snapshots: (...query) => check().then(() => repository.snapshots(...query)),
    predictions: (...query) => check().then(() => repository.predictions(...query)),
    diagnostics: (...query) => check().then(() => repository.diagnostics(...query)),
    stats: () => check().then(() => repository.stats()),
  };
}
