// A leaderboard as the existing API shows it (`/reports/leaderboard`), and as the file `--board` writes.
// Pure: both depend on the leaderboard and the names alone.

import type { Leaderboard } from '../domain/board.ts';
import type { Model } from '../domain/model.ts';
import { naiveIso } from './instant.ts';
import { publicName } from './public-text.ts';

/** One row of `/reports/leaderboard`; the existing backend's fields, and a few more beside them. */
export interface LeaderboardRow {
  /** The board's market instant, UTC without offset. */
  readonly created_at: string;
  readonly model_id: string;
  /** Means of points; null until the model's first settled round in the window. */
  readonly score_recent: number | null;
  readonly score_steady: number | null;
  readonly score_anchor: number | null;
  /** Settled rounds behind each mean, the share of them that was answered, and whether it is provisional. */
  readonly count_recent: number;
  readonly count_steady: number;
  readonly count_anchor: number;
  readonly availability_recent: number | null;
  readonly availability_steady: number | null;
  readonly availability_anchor: number | null;
  readonly provisional_recent: boolean;
  readonly provisional_steady: boolean;
  readonly provisional_anchor: boolean;
  /** 1 = best. Rows that tie share it. */
  readonly rank: number;
  readonly model_name: string;
  readonly cruncher_name: string;
  /** The cruncher's name again, under the name the web UI's default column asks for. */
  readonly username: string;
  /** Whether the model is connected; what the web UI shows as a pulsing dot. */
  readonly status: 'active' | 'inactive';
}

/** A model with what is known of its connection; unknown counts as active, since the board lists members only. */
export type NamedModel = Model & { readonly connected?: boolean };

/** The board's rows by rank, ties by model id. A model without a name is shown by its id. */
export function leaderboardRows(leaderboard: Leaderboard, models: readonly NamedModel[]): LeaderboardRow[] {
  const byId = new Map(models.map((model) => [model.modelId, model]));
  const createdAt = naiveIso(leaderboard.asOf);
  return leaderboard.standings.map(({ modelId, rank, overall, provisional }) => {
    const model = byId.get(modelId);
    const cruncherName = publicName(model?.cruncherName ?? '', 'Unknown');
    return {
      created_at: createdAt,
      model_id: modelId,
      score_recent: overall.recent.value,
      score_steady: overall.steady.value,
      score_anchor: overall.anchor.value,
      count_recent: overall.recent.count,
      count_steady: overall.steady.count,
      count_anchor: overall.anchor.count,
      availability_recent: overall.recent.availability,
      availability_steady: overall.steady.availability,
      availability_anchor: overall.anchor.availability,
      provisional_recent: provisional.recent,
      provisional_steady: provisional.steady,
      provisional_anchor: provisional.anchor,
      rank,
      model_name: publicName(model?.modelName ?? '', publicName(modelId, 'Unknown')),
      cruncher_name: cruncherName,
      username: cruncherName,
      status: (model?.connected ?? true) ? 'active' : 'inactive',
    };
  });
}

/**
 * The text of `--board FILE`: the leaderboard as JSON with sorted keys and a newline at the end. Two runs
 * with equal boards give equal bytes, so who happens to be connected while it is written is left out: every
 * row is a member and says `active`.
 */
export function boardFile(leaderboard: Leaderboard, models: readonly Model[]): string {
  const { asOf, counts, game, gameVersion, seed, world } = leaderboard;
  const members = models.map(({ modelId, modelName, cruncherKey, cruncherId, cruncherName }) => ({
    modelId,
    modelName,
    cruncherKey,
    cruncherId,
    cruncherName,
  }));
  const rows = leaderboardRows(leaderboard, members);
  const { asked, settled, void: voided, skipped, open } = counts.rounds;
  const { success, failed, timeout, absent, invalid } = counts.predictions;
  return `${sortedJson({
    asOf: naiveIso(asOf),
    game,
    gameVersion,
    seed,
    world,
    counts: {
      rounds: { asked, settled, void: voided, skipped, open },
      predictions: { success, failed, timeout, absent, invalid },
    },
    rows,
  })}\n`;
}

/** JSON with the keys of every object in code-unit order, two spaces a level. */
function sortedJson(value: unknown): string {
  return JSON.stringify(
    value,
    (_key, inner: unknown) =>
      inner instanceof Object && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
        : inner,
    2,
  );
}
