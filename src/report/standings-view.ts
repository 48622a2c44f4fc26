// `/v1/leaderboard`: the whole board with what a page needs to draw it. Instants are unix seconds of market
// time, words are the domain's.

import type { BoardCounts, BoardRule, Leaderboard, Standing } from '../domain/board.ts';
import type { Game, Profile, Rule, Window } from '../domain/game.ts';
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
  /** The rule that ranks. */
  readonly rule: BoardRule;
  /** Rules that rank nobody, with the standings as they would be. Means are of points: higher is better. */
  readonly shadows: Leaderboard['shadows'];
  readonly standings: readonly (Standing & {
    /** By shadow rule: what the rank would be, and how many ranks higher (−: lower) than it is. */
    readonly wouldRank: Readonly<Record<string, { readonly rank: number; readonly higher: number }>>;
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
  // A board of an earlier release has neither; the next one follows within its interval.
  const rule = leaderboard?.rule ?? ruleOf(game.rule);
  const shadows =
    leaderboard?.shadows ?? (game.shadowRules ?? []).map((shadow) => ({ rule: ruleOf(shadow), standings: [] }));
  const ranks = shadows.map((shadow) => ({
    name: shadow.rule.name,
    ranks: new Map(shadow.standings.map(({ modelId, rank }) => [modelId, rank])),
  }));
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
    rule,
    shadows,
    standings: (leaderboard?.standings ?? []).map((standing) => {
      const model = byId.get(standing.modelId);
      return {
        ...standing,
        wouldRank: Object.fromEntries(
          ranks.flatMap(({ name, ranks }) => {
            const rank = ranks.get(standing.modelId);
            return rank === undefined ? [] : [[name, { rank, higher: standing.rank - rank }]];
          }),
        ),
        modelName: publicName(model?.modelName ?? '', publicName(standing.modelId, 'Unknown')),
        cruncherName: publicName(model?.cruncherName ?? '', 'Unknown'),
        connected: model?.connected ?? true,
      };
    }),
  };
}

function ruleOf({ name, version, note }: Rule): BoardRule {
  return { name, version, note: note ?? null };
}
