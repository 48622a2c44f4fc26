// The report worker's HTTP application, from what it uses. Testable without a port (`app.inject()`), without
// a database (any ReportRepository will do).

import { type FastifyError, type FastifyInstance, type FastifyReply, fastify } from 'fastify';
import type { Game } from '../domain/game.ts';
import type { ReportRepository } from '../domain/repositories.ts';
import type { Log } from '../lib/log.ts';
import { type BoardCacheOptions, type BoardVersion, createBoardCache } from './board-cache.ts';
import { addDiagnostics } from './diagnostics.ts';
import { addEvents, createEventHub, type EventLimits, formatEvent } from './events.ts';
import { createMarket } from './market.ts';
import { addPage, contentSecurityPolicy } from './page.ts';
import { InvalidQuery } from './query.ts';
import { DatabaseAway, guardReads, type ReadLimits, TooManyReads } from './reads.ts';
import { addReports } from './reports.ts';
import { addV1 } from './v1.ts';

export interface ReportDeps {
  readonly repository: ReportRepository;
  readonly game: Game;
  readonly log: Log;
  /** Wall time, unix seconds: how old a cached read is, and how far a warm-up has come. */
  readonly now: () => number;
  /** Calls `listener` when there may be a new board; a hint, missing one costs a few seconds. */
  readonly onBoard: (listener: () => void) => void;
}

export interface ReportLimits {
  readonly reads?: Partial<ReadLimits>;
  readonly board?: Partial<BoardCacheOptions>;
  readonly events?: Partial<EventLimits>;
}

/** The application, ready for `inject` or `listen`. Its timers start with `ready` and end with `close`. */
export async function createReportApp(deps: ReportDeps, limits: ReportLimits = {}): Promise<FastifyInstance> {
  const { repository, game, log, now, onBoard } = deps;
  const reads = guardReads(repository, log, limits.reads);
  const board = createBoardCache({ reads, game, log, now }, limits.board);
  const market = createMarket({ reads, now });
  const hub = createEventHub(limits.events);

  const app = fastify({
    forceCloseConnections: true, // open event streams don't hold up closing
    bodyLimit: 1024, // nothing here takes a body
    requestTimeout: 10_000, // a request line and headers arrive at once or never
    // 1,000 ids of 24 characters fit in one request's address.
    http: { maxHeaderSize: 32 * 1024 },
    // An address that can't be decoded never reaches a route; fastify's types for this reply fit no value.
    frameworkErrors: (_error, _request, reply) =>
      (reply as unknown as FastifyReply).code(400).send({ detail: 'Bad Request' }),
  });

  addHeaders(app);
  addErrors(app, log);
  addReports(app, { reads, board, market, game });
  addV1(app, { board, market, game, now });
  addDiagnostics(app, { reads, board, game });
  addEvents(app, hub, () => boardEvent(board.current()) + databaseEvent(reads.isReachable() ?? true));
  await addPage(app);

  board.onVersion((version) => hub.send(boardEvent(version)));
  reads.onReachable((reachable) => hub.send(databaseEvent(reachable)));
  onBoard(() => board.hint());
  app.addHook('onReady', async () => {
    board.start();
    hub.start();
  });
  app.addHook('preClose', async () => {
    board.stop();
    hub.stop();
  });
  return app;
}

/** `board`: there is a version to fetch. Data: `{asOf, version, official}`; asOf is null before the first board. */
function boardEvent(version: BoardVersion | null): string {
  if (version === null) return '';
  const asOf = version.leaderboard?.asOf ?? null;
  const official = version.leaderboard?.official ?? false;
  return formatEvent('board', { asOf, version: version.version, official }, version.version);
}

/** `database`: whether it answers. Data: `{reachable}`. */
function databaseEvent(reachable: boolean): string {
  return formatEvent('database', { reachable });
}

function addHeaders(app: FastifyInstance) {
  // Everything here is public and read-only, so any page may read it, without credentials.
  const cors = {
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'etag, x-condor-every-seconds, x-condor-cut-before',
    'cross-origin-resource-policy': 'cross-origin',
  };
  const security = {
    'content-security-policy': contentSecurityPolicy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  };
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(cors).headers(security);
  });
  app.options('/*', async (_request, reply) =>
    reply
      .code(204)
      .headers({
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-headers': '*',
        'access-control-max-age': '86400',
      })
      .send(),
  );
}

function addErrors(app: FastifyInstance, log: Log) {
  app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ detail: 'Not Found' }));
  app.setErrorHandler(async (error: FastifyError | Error, request, reply) => {
    if (error instanceof InvalidQuery) return reply.code(422).send({ detail: error.complaints });
    if (error instanceof DatabaseAway || error instanceof TooManyReads) {
      log.debug({ err: error, url: request.url }, 'answered 503');
      const what =
        error instanceof DatabaseAway ? 'The database does not answer just now' : 'Too much is asked at once';
      return reply
        .code(503)
        .header('retry-after', '5')
        .send({ detail: `${what}; please try again in a few seconds` });
    }
    const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
    if (status < 500) return reply.code(status).send({ detail: error.message });
    log.error({ err: error, url: request.url }, 'a request failed');
    return reply.code(500).send({ detail: 'Internal Server Error' });
  });
}
