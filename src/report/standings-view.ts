// `/v1/leaderboard`: the whole board with what a page needs to draw it. Instants are unix seconds of market
// time, words are the domain's.

import type { BoardCounts, Leaderboard, Standing } from '../domain/board.ts';
import type { Game, Profile, Window } from '../domain/game.ts';
import type { NamedModel } from './leaderboard-rows.ts';
import { publicName } from './public-text.ts';

export interface StandingsView {
  /** Null before the first board. */
  readonly asOf: number | null;
  readonly game: string;
  readonly gameVersion: string | null;
  readonly seed: number | null;
  readonly world: string | null;
  readonly official: boolean;
  readonly whyNot: string | null;
  readonly counts: BoardCounts | null;
  readonly windows: readonly Window[];
  readonly profiles: readonly Required<Profile>[];
  readonly standings: readonly (Standing & {
    readonly modelName: string;
    readonly cruncherName: string;
    readonly connected: boolean;
  })[];
}

export function standingsView(
  leaderboard: Leaderboard | null,
  models: readonly NamedModel[],
  game: Game,
): StandingsView {
  const byId = new Map(models.map((model) => [model.modelId, model]));
  return {
    asOf: leaderboard?.asOf ?? null,
    game: leaderboard?.game ?? game.name,
    gameVersion: leaderboard?.gameVersion ?? null,
    seed: leaderboard?.seed ?? null,
    world: leaderboard?.world ?? null,
    official: leaderboard?.official ?? false,
    whyNot: leaderboard === null ? 'there is no board yet' : leaderboard.whyNot,
    counts: leaderboard?.counts ?? null,
    windows: game.windows,
    profiles: game.profiles.map(({ name, horizonSeconds, stepsSeconds, everySeconds, assets }) => ({
      name,
      horizonSeconds,
      stepsSeconds,
      everySeconds,
      assets,
    })),
    standings: (leaderboard?.standings ?? []).map((standing) => {
      const model = byId.get(standing.modelId);
      return {
        ...standing,
        modelName: publicName(model?.modelName ?? '', publicName(standing.modelId, 'Unknown')),
        cruncherName: publicName(model?.cruncherName ?? '', 'Unknown'),
        connected: model?.connected ?? true,
      };
    }),
  };
}
