// Reads history for charts within stated bounds. A long range of many models is thinned evenly in time, and
// a long list of predictions keeps its newest: never are the newest rows what is left out.

import type { Standing } from '../domain/board.ts';
import type { Game } from '../domain/game.ts';
import type { ScoredPrediction } from '../domain/repositories.ts';
import type { BoardCache } from './board-cache.ts';
import { paramsOf } from './history-rows.ts';
import type { Market } from './market.ts';
import type { RangeQuery } from './query.ts';
import type { Reads } from './reads.ts';

export interface HistoryDeps {
  readonly reads: Reads;
  readonly board: BoardCache;
  readonly market: Market;
  readonly game: Game;
}

/** Rows of one answer: 50,000 of 230 bytes are 11 MB and 80 ms of serializing. */
const rowsMax = 50_000;
/** Standings read for one answer: about 3 kB each in the database, so 30 MB. */
const snapshotsMax = 10_000;
/** Predictions of one answer. A month of condor's rounds, 17,280, fits. */
const predictionsMax = 20_000;

const defaultRangeSeconds = 7 * 86_400;
const thinningsMax = 4; // each doubles twice: enough for a board that has lost 99 % of its models

export interface SnapshotRead {
  readonly snapshots: readonly { readonly asOf: number; readonly standing: Standing }[];
  /** One instant was taken from each so many seconds; null when all were. */
  readonly everySeconds: number | null;
}

/** Snapshots of the models in the range, each of which becomes `rowsEach` rows, ascending in time. */
export async function readSnapshots(
  { reads, board, market, game }: HistoryDeps,
  query: RangeQuery,
  rowsEach: number,
): Promise<SnapshotRead> {
  const { modelIds } = query;
  if (modelIds?.length === 0) return { snapshots: [], everySeconds: null };
  const { start, end } = await resolveRange(query, market);
  const { competition, clock } = await market.stats();
  const models = modelIds?.length ?? (await board.latest()).leaderboard?.standings.length ?? 1;
  const limit = Math.floor(Math.min(snapshotsMax, rowsMax / Math.max(1, rowsEach)));

  // Boards may be rarer than the game's snapshots (a long replay asks for it); nothing exists outside market time.
  const spacing = Math.max(game.snapshotEverySeconds, competition?.boardEverySeconds ?? 0);
  const span = Math.min(end, clock?.now ?? end) - Math.max(start, clock?.startedAt ?? start);
  const instantsMax = Math.max(1, Math.floor(limit / Math.max(1, models)));
  let everySeconds = spacing;
  while (span / everySeconds + 1 > instantsMax) everySeconds *= 2;

  for (let thinning = 0; ; thinning++) {
    const every = everySeconds === spacing ? undefined : everySeconds;
    const snapshots = await reads.snapshots(modelIds, start, end, limit + 1, every);
    if (snapshots.length <= limit) return { snapshots, everySeconds: every ?? null };
    if (thinning === thinningsMax) return { snapshots: snapshots.slice(0, limit), everySeconds: every ?? null };
    everySeconds *= 4;
  }
}

export interface PredictionRead {
  readonly predictions: readonly ScoredPrediction[];
  /** Set when the range held more than fits: what started before is left out. */
  readonly cutBefore: number | null;
}

/** Scored predictions of one model in the range, ascending in time. */
export async function readPredictions(
  { reads, market, game }: HistoryDeps,
  modelId: string,
  query: RangeQuery,
): Promise<PredictionRead> {
  const { start, end } = await resolveRange(query, market);
  const newest = Math.min(end, await market.now());
  // A model has at most one prediction a slot, so the grid says how far back a full answer reaches.
  const slotsPerSecond = game.profiles.reduce((sum, { assets, everySeconds }) => sum + assets.length / everySeconds, 0);
  const reach = Math.floor((predictionsMax - paramsOf(game).length) / slotsPerSecond);
  const from = Math.max(start, newest - reach);
  const predictions = await reads.predictions(modelId, from, end, predictionsMax);
  return { predictions, cutBefore: from > start ? from : null };
}

/** The range asked for; what was left out is the seven days ending at market now. */
async function resolveRange({ start, end }: RangeQuery, market: Market): Promise<{ start: number; end: number }> {
  const until = end ?? Math.floor(await market.now());
  return { start: start ?? until - defaultRangeSeconds, end: until };
}
