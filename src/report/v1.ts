// Our own API beside the compatible one, and the health of this worker. Instants are unix seconds of market
// time; words are the domain's.

import type { FastifyInstance } from 'fastify';
import type { Game } from '../domain/game.ts';
import type { BoardCache } from './board-cache.ts';
import { sendBody } from './body.ts';
import { withDeadline } from './deadline.ts';
import { type Market, statsView } from './market.ts';

export interface V1Deps {
  readonly board: BoardCache;
  readonly market: Market;
  readonly game: Game;
  readonly now: () => number;
}

const healthDeadlineMs = 2000; // probes give up after a few seconds and would learn nothing

export function addV1(app: FastifyInstance, { board, market, game, now }: V1Deps): void {
  app.get('/v1/leaderboard', async (request, reply) => sendBody(request, reply, (await board.latest()).standings));

  app.get('/v1/stats', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    return statsView(await market.stats(), board.current(), game.name, now());
  });

  app.get('/healthz', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    try {
      const { clock, boardAsOf, boardAgeSeconds } = statsView(
        await withDeadline(market.stats(), healthDeadlineMs),
        board.current(),
        game.name,
        now(),
      );
      return { status: 'ok', database: 'reachable', marketNow: clock?.now ?? null, boardAsOf, boardAgeSeconds };
    } catch {
      // Why is in the log: a driver's message may name hosts and users.
      reply.code(503);
      const boardAsOf = board.current()?.leaderboard?.asOf ?? null;
      return { status: 'unavailable', database: 'unreachable', boardAsOf };
    }
  });
}
