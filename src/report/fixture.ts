// A small competition for the tests of this folder: a game, a board, and a repository over plain arrays that
// can be told to fail. Nothing outside tests uses it.

import type { Leaderboard, Mean, Means, Standing } from '../domain/board.ts';
import type { Game } from '../domain/game.ts';
import type { Model } from '../domain/model.ts';
import type { ReportRepository, ReportStats, ScoredPrediction } from '../domain/repositories.ts';

/** 2026-01-05T12:00:00Z */
export const noon = 1_767_614_400;

/** What of a game the report worker looks at; the rest is not there. */
export const game = {
  name: 'condor',
  profiles: [profile('24h', 86_400, [300], 3600, ['BTC', 'ETH']), profile('1h', 3600, [60], 720, ['BTC', 'ETH'])],
  windows: [
    { name: 'recent', seconds: 86_400 },
    { name: 'steady', seconds: 259_200 },
    { name: 'anchor', seconds: 604_800 },
  ],
  snapshotEverySeconds: 900,
  boardEverySeconds: 60,
} as unknown as Game;

function profile(
  name: string,
  horizonSeconds: number,
  stepsSeconds: readonly number[],
  everySeconds: number,
  assets: readonly string[],
) {
  return { name, horizonSeconds, stepsSeconds, everySeconds, assets };
}

export function mean(value: number | null, count = value === null ? 0 : 10): Mean {
  return { value, count, availability: count === 0 ? null : 0.9 };
}

export function means(recent: number | null, steady = recent, anchor: number | null = null): Means {
  return { recent: mean(recent), steady: mean(steady), anchor: mean(anchor) };
}

export function standing(modelId: string, rank: number, points: number | null): Standing {
  return {
    modelId,
    rank,
    overall: means(points),
    provisional: { recent: false, steady: true, anchor: true },
    byProfile: { '24h': means(points), '1h': means(points === null ? null : points / 2) },
    byAsset: { '24h': { BTC: means(points), ETH: means(null) }, '1h': { BTC: means(points) } },
  };
}

export function leaderboard(asOf = noon, standings = [standing('7', 1, 12.5), standing('9', 2, 0)]): Leaderboard {
  return {
    asOf,
    game: 'condor',
    gameVersion: 'abc123',
    seed: 1,
    world: 'simulated:1',
    official: false,
    whyNot: 'rounds of the warm-up lie in its windows',
    counts: {
      rounds: { asked: 12, settled: 9, void: 1, skipped: 3, open: 2 },
      predictions: { success: 20, failed: 1, timeout: 2, absent: 1, invalid: 1 },
    },
    rule: { name: 'condor', version: 1, note: null },
    shadows: [],
    standings,
  };
}

export function model(modelId: string, modelName: string, cruncherName = 'degu'): Model {
  return { modelId, modelName, cruncherKey: `key-${modelId}`, cruncherId: `cruncher-${modelId}`, cruncherName };
}

export function prediction(startedAt: number, extra: Partial<ScoredPrediction> = {}): ScoredPrediction {
  return {
    roundId: `1h.BTC.${startedAt}`,
    modelId: '7',
    profile: '1h',
    asset: 'BTC',
    startedAt,
    resolvableAt: startedAt + 3600,
    settledAt: startedAt + 3660,
    points: 3.25,
    score: 0.97,
    answered: true,
    status: 'success',
    cause: null,
    verdict: 'valid',
    verdictReason: null,
    ...extra,
  };
}

export const stats: ReportStats = {
  competition: { game: 'condor', world: 'simulated:1', seed: 1, boardEverySeconds: 60, alwaysOpen: [] },
  clock: { now: noon + 30, speed: Number.POSITIVE_INFINITY, mode: 'replay', startedAt: noon - 7 * 86_400 },
  passedUntil: noon,
  rounds: { asked: 12, settled: 9, void: 1, skipped: 3, open: 2 },
  windows: { comparedAt: noon, differences: 0 },
  predictions: { byStatus: { success: 20, timeout: 2 }, byCause: { timeout: 2 }, byVerdict: { valid: 19, invalid: 1 } },
};

/** What the fake database holds; a test changes it between requests. */
export interface FakeData {
  board: Leaderboard | null;
  models: (Model & { deploymentId: string; connected: boolean })[];
  snapshots: { asOf: number; standing: Standing }[];
  predictions: ScoredPrediction[];
  stats: ReportStats;
  /** Every read rejects with it while set. */
  failure: Error | null;
}

export function fakeData(): FakeData {
  return {
    board: leaderboard(),
    models: [
      { ...model('7', 'light'), deploymentId: 'dep-7', connected: true },
      { ...model('9', 'heavy', 'vole'), deploymentId: 'dep-9', connected: false },
    ],
    snapshots: [],
    predictions: [],
    stats,
    failure: null,
  };
}

/** A repository over `data`. `reads` lists what was asked, in order. */
export function fakeRepository(data: FakeData): ReportRepository & { readonly reads: string[] } {
  const reads: string[] = [];
  async function read<T>(name: string, value: () => T): Promise<T> {
    reads.push(name);
    if (data.failure) throw data.failure;
    return value();
  }
  const inRange = (at: number, start: number, end: number) => start <= at && at <= end;
  return {
    reads,
    leaderboard: () =>
      read('leaderboard', () => data.board && { leaderboard: data.board, models: data.models.map(withoutLife) }),
    models: () => read('models', () => data.models),
    snapshots: (modelIds, start, end, limit, everySeconds = 1) =>
      read(`snapshots every ${everySeconds}`, () => {
        const found = data.snapshots.filter(
          ({ asOf, standing: { modelId } }) => inRange(asOf, start, end) && (modelIds?.includes(modelId) ?? true),
        );
        const bucket = (asOf: number) => Math.floor(asOf / everySeconds);
        const newest = new Map(found.map(({ asOf }) => [bucket(asOf), asOf]));
        return found.filter(({ asOf }) => newest.get(bucket(asOf)) === asOf).slice(0, limit);
      }),
    predictions: (modelId, start, end, limit) =>
      read('predictions', () =>
        data.predictions.filter((row) => row.modelId === modelId && inRange(row.startedAt, start, end)).slice(0, limit),
      ),
    stats: () => read('stats', () => data.stats),
  };
}

function withoutLife({ modelId, modelName, cruncherKey, cruncherId, cruncherName }: Model): Model {
  return { modelId, modelName, cruncherKey, cruncherId, cruncherName };
}
