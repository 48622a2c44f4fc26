// The leaderboard of one market instant, from sums and members alone: no wall time, no latency, no
// deployment, so that the same rounds give the same board byte for byte.

import type { BoardRule, Leaderboard } from './board.ts';
import type { Competition } from './clock.ts';
import type { Game, Rule } from './game.ts';
import { rankStandings } from './ranking.ts';
import type { BoardInput } from './repositories.ts';
import { computeStandings, type StandingGame } from './standing.ts';

export interface LeaderboardOptions {
  /** Market instant of the board, unix seconds. */
  readonly asOf: number;
  readonly game: StandingGame & Pick<Game, 'name' | 'rule' | 'shadowRules'>;
  readonly gameVersion: string;
  readonly competition: Pick<Competition, 'seed' | 'world'>;
}

/** The leaderboard at `asOf`. With nobody there, or nothing settled, it is an empty one, not an error. */
export function buildLeaderboard(input: BoardInput, options: LeaderboardOptions): Leaderboard {
  const { asOf, game, gameVersion, competition } = options;
  const whyNot = whyNotOfficial(game, input.lastWarmupAt, asOf);
  return {
    asOf,
    game: game.name,
    gameVersion,
    seed: competition.seed,
    world: competition.world,
    official: whyNot === null,
    whyNot,
    counts: input.counts,
    rule: boardRule(game.rule),
    shadows: game.shadowRules.map((rule) => ({
      rule: boardRule(rule),
      standings: rankStandings(computeStandings(game, input.members, input.shadowSums[rule.name] ?? [], asOf)).map(
        ({ modelId, rank, overall }) => ({ modelId, rank, overall }),
      ),
    })),
    standings: rankStandings(computeStandings(game, input.members, input.sums, asOf)),
  };
}

function boardRule({ name, version, note }: Rule): BoardRule {
  return { name, version, note: note ?? null };
}

/** A sentence while a round of the warm-up lies in any window, else null. */
function whyNotOfficial(game: StandingGame, lastWarmupAt: number | null, asOf: number): string | null {
  const longest = game.windows.reduce((a, b) => (b.seconds > a.seconds ? b : a));
  // A window holds its lower bound, so a round leaves it only after that instant.
  if (lastWarmupAt === null || lastWarmupAt < asOf - longest.seconds) return null;
  const until = `${new Date((lastWarmupAt + longest.seconds) * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `Rounds of the warm-up count in the ${longest.name} window until ${until}`;
}
