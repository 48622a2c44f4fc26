// How a week's pool is shared out among synth's players: a pure function of a final board. Which board, how large the
// pool is and who is paid how are the platform's.

/** One model on the board of one profile (horizon). */
export interface RankedModel {
  readonly modelId: string;
  readonly modelName: string;
  /**
   * Whose model it is. The existing system groups by the player's NAME; a key that nobody can choose, such as the
   * wallet, is safer, and the function takes either.
   */
  readonly player: string;
  /** The profile's anchor mean; null when there is none. */
  readonly score: number | null;
}

export interface RewardOptions {
  /** The whole pool, in any currency, ≥ 0. */
  readonly pool: number;
  /** Most places paid in each profile. Default 4. */
  readonly places?: number;
  /** How steep rewards fall with the place. Default 1. */
  readonly alpha?: number;
  /** The organiser's own model, which wins nothing. Default player `synth`, model `benchmarktracker`. */
  readonly benchmark?: { readonly player: string; readonly modelName: string };
  /** Whether only models strictly better than the benchmark are paid. Default false. */
  readonly cutoff?: boolean;
}

/** One place of one profile that is paid. */
export interface Reward {
  readonly profile: string;
  /** 1 = best. */
  readonly place: number;
  readonly modelId: string;
  readonly player: string;
  /** Share of the profile's pool, 0 to 1. */
  readonly fraction: number;
  readonly amount: number;
}

export interface Rewards {
  /** By profile in the board's order, then by place. */
  readonly rewards: readonly Reward[];
  /** What each player gets over all profiles, most first, equal amounts by player. */
  readonly byPlayer: readonly { readonly player: string; readonly amount: number }[];
  /** What stays in the pool because places are empty. */
  readonly unspent: number;
}

/**
 * The rewards of a board, `board[profile]` being the models ranked there, in any order. The pool is split equally over
 * the profiles. Within one: models whose score is null or 0 are dropped; of each player the best one stays (the
 * benchmark's player included, so that a better second model of that player hides the benchmark); the benchmark is
 * taken out and the rest placed 1, 2, 3 … by score, equal scores by player; with a cutoff those not above the
 * benchmark lose their places, and nobody moves up; place r ≤ `places` gets exp(alpha/r) / Σ exp(alpha/k) of the
 * profile's pool, the sum running over all places, so that what belongs to empty ones is not spent. Without a
 * benchmark among the players' best nothing is taken out. Source: the existing game's checkpoints (weights for 4
 * places: 0.385756, 0.233973, 0.198054, 0.182218).
 * @throws RangeError when an option is out of its range; Error when there is a cutoff and no benchmark to cut at.
 */
export function shareOutRewards(
  board: Readonly<Record<string, readonly RankedModel[]>>,
  {
    pool,
    places = 4,
    alpha = 1,
    benchmark = { player: 'synth', modelName: 'benchmarktracker' },
    cutoff = false,
  }: RewardOptions,
): Rewards {
  const isWhole = Number.isInteger(places) && places >= 1 && places <= placesMax;
  if (!isWhole) throw new RangeError(`Cannot share out rewards: wanted places from 1 to ${placesMax}, is ${places}`);
  if (!(pool >= 0 && pool < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`Cannot share out rewards: wanted a finite pool ≥ 0, is ${pool}`);
  }
  if (!(Math.abs(alpha) <= alphaMax)) {
    throw new RangeError(`Cannot share out rewards: wanted alpha from -${alphaMax} to ${alphaMax}, is ${alpha}`);
  }
  const profiles = Object.entries(board).filter(([, models]) => models.length > 0);
  const fractions = fractionsOf(places, alpha);
  const rewards = profiles.flatMap(([profile, models]) => {
    const placed = placeModels(profile, models, { benchmark, cutoff });
    return placed.slice(0, places).map(({ modelId, player }, i): Reward => {
      const fraction = fractions[i] as number;
      return { profile, place: i + 1, modelId, player, fraction, amount: fraction * (pool / profiles.length) };
    });
  });
  const spent = rewards.reduce((sum, { amount }) => sum + amount, 0);
  return { rewards, byPlayer: totals(rewards), unspent: Math.max(0, pool - spent) };
}

const placesMax = 1000; // far beyond any number of winners, and a bound on the table of weights
const alphaMax = 500; // exp(700) is the last finite one

function fractionsOf(places: number, alpha: number): readonly number[] {
  const weights = Array.from({ length: places }, (_, i) => Math.exp(alpha / (i + 1)));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

type Placed = RankedModel & { readonly score: number };

/** Those who are paid if there are places enough, best first. */
function placeModels(
  profile: string,
  models: readonly RankedModel[],
  { benchmark, cutoff }: Required<Pick<RewardOptions, 'benchmark' | 'cutoff'>>,
): readonly Placed[] {
  const scored = models.filter((model): model is Placed => model.score !== null && model.score !== 0);
  const best = bestOfPlayers(scored.toSorted(compare));
  const isBenchmark = ({ player, modelName }: Placed) =>
    player === benchmark.player && modelName === benchmark.modelName;
  const found = best.find(isBenchmark);
  const placed = best.filter((model) => model !== found);
  if (!cutoff) return placed;
  if (found === undefined) {
    throw new Error(
      `Cannot cut "${profile}" off at the benchmark: no model "${benchmark.modelName}" is the best of player "${benchmark.player}"`,
    );
  }
  return placed.filter(({ score }) => score > found.score); // the best come first: nobody's place changes
}

/** Higher scores first, equal ones by player, then by model: the same board in any order gives the same places. */
function compare(a: Placed, b: Placed): number {
  return b.score - a.score || compareText(a.player, b.player) || compareText(a.modelId, b.modelId);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function bestOfPlayers(bestFirst: readonly Placed[]): readonly Placed[] {
  const seen = new Set<string>();
  return bestFirst.filter(({ player }) => !seen.has(player) && seen.add(player));
}

function totals(rewards: readonly Reward[]): Rewards['byPlayer'] {
  const amounts = new Map<string, number>();
  for (const { player, amount } of rewards) amounts.set(player, (amounts.get(player) ?? 0) + amount);
  return [...amounts]
    .map(([player, amount]) => ({ player, amount }))
    .sort((a, b) => b.amount - a.amount || compareText(a.player, b.player));
}
