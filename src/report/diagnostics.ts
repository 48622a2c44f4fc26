// `/v1/diagnostics?model=ID&window=NAME`: why one model scored as it did, over one window of the newest board.

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Game } from '../domain/game.ts';
import type { ScoreSummary } from '../domain/repositories.ts';
import type { BoardCache } from './board-cache.ts';
import { createBody, jsonType, sendBody } from './body.ts';
import { parseQuery } from './query.ts';
import type { Reads } from './reads.ts';

export interface DiagnosticsView {
  readonly modelId: string;
  readonly window: string;
  /** The window's two ends, both included; null before the first board. */
  readonly from: number | null;
  readonly to: number | null;
  /** The rule that ranks: the one whose scores carry a calibration. */
  readonly rule: string;
  /** By rule, profile and asset; empty for a model that has no settled round in the window. */
  readonly scores: readonly ScoreSummary[];
}

/** Rounds of one answer, newest first: synth asks 6,216 in seven days, each is one probe by key (about 20 µs). */
const roundsMax = 10_000;

export function addDiagnostics(app: FastifyInstance, deps: { reads: Reads; board: BoardCache; game: Game }): void {
  const { reads, board, game } = deps;
  const names = game.windows.map(({ name }) => name);
  const question = z.object({ model: z.string().min(1).max(200), window: z.enum(names).optional() });

  app.get('/v1/diagnostics', async (request, reply) => {
    const { model: modelId, window: name = names[0] ?? 'recent' } = parseQuery(question, request.query);
    const to = (await board.latest()).leaderboard?.asOf ?? null;
    const seconds = game.windows.find((window) => window.name === name)?.seconds ?? 0;
    const from = to === null ? null : to - seconds;
    const scores = to === null || from === null ? [] : await reads.diagnostics(modelId, from, to, roundsMax);
    const view: DiagnosticsView = { modelId, window: name, from, to, rule: game.rule.name, scores };
    return sendBody(request, reply, await createBody(JSON.stringify(view), jsonType, { fast: true }));
  });
}
