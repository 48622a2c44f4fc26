// Standings: the windows of every model as means, per asset, per profile and overall. Sums come in as
// exact decimals, so the same rounds give the same digits in whatever order they were added.

import type { Mean, Means, Standing, WindowName, WindowSum } from './board.ts';
import type { Game } from './game.ts';

/** A membership as a board sees it. */
export interface BoardMember {
  readonly modelId: string;
  readonly joinedAt: number;
  readonly leftAt: number | null;
}

/** The part of a game that standings depend on. */
export type StandingGame = Pick<Game, 'assets' | 'profiles' | 'windows'> & Partial<Pick<Game, 'overall'>>;

const windowNames: readonly WindowName[] = ['recent', 'steady', 'anchor'];
const noMean: Mean = { value: null, count: 0, availability: null };

/**
 * One standing, not yet ranked, for every model that is a member at `asOf`: one that has joined and whose
 * grace has not run out. A model without a single settled round has a standing too, of empty means.
 */
export function computeStandings(
  game: StandingGame,
  members: readonly BoardMember[],
  sums: readonly WindowSum[],
  asOf: number,
): readonly Omit<Standing, 'rank'>[] {
  const sumsOf = groupSums(sums);
  return members
    .filter(({ joinedAt, leftAt }) => joinedAt <= asOf && (leftAt === null || leftAt > asOf))
    .map(({ modelId, joinedAt }) => ({
      modelId,
      ...meansOf(game, sumsOf.get(modelId)),
      provisional: isProvisional(game, asOf - joinedAt),
    }));
}

type SumsByKey = Map<string, WindowSum>;

/** modelId → `window\0profile\0asset` → sum. No name may hold a NUL: symbols and profiles are alphanumeric. */
function groupSums(sums: readonly WindowSum[]): Map<string, SumsByKey> {
  const byModel = new Map<string, SumsByKey>();
  for (const sum of sums) {
    const ofModel = byModel.get(sum.modelId) ?? new Map<string, WindowSum>();
    if (ofModel.size === 0) byModel.set(sum.modelId, ofModel);
    ofModel.set(keyOf(sum.window, sum.profile, sum.asset), sum);
  }
  return byModel;
}

function keyOf(window: WindowName, profile: string, asset: string): string {
  return `${window}\0${profile}\0${asset}`;
}

/**
 * Means per asset (those with a round in some window), per profile and overall. Profile and overall means
 * weigh each (asset, profile) by the asset's weight over what is there: Σ w·mean / Σ w. Where the game's
 * `overall` is `complete`, the profile's and the overall mean are null as long as one that they are made of is;
 * counts and availability are of what is there. All is added in the game's own order, so that floating-point
 * addition gives one result.
 */
function meansOf(game: StandingGame, sums: SumsByKey | undefined): Pick<Standing, 'overall' | 'byProfile' | 'byAsset'> {
  const weights = new Map(game.assets.map(({ symbol, weight }) => [symbol, weight]));
  const byProfile: Record<string, Means> = {};
  const byAsset: Record<string, Record<string, Means>> = {};
  const all: Part[] = [];
  const isComplete = game.overall === 'complete';
  for (const profile of game.profiles) {
    const parts: Part[] = [];
    const means: Record<string, Means> = {};
    for (const asset of profile.assets) {
      const part: Part = { weight: weights.get(asset) ?? 1, sums: sumsOfAsset(sums, profile.name, asset) };
      if (part.sums.length === 0) continue;
      means[asset] = meansOver([part], 1);
      parts.push(part);
    }
    byAsset[profile.name] = means;
    byProfile[profile.name] = meansOver(parts, isComplete ? profile.assets.length : 1);
    all.push(...parts);
  }
  const params = game.profiles.reduce((sum, { assets }) => sum + assets.length, 0);
  return { overall: meansOver(all, isComplete ? params : 1), byProfile, byAsset };
}

/** One (asset, profile) of a model: its sum in each window that holds a round. */
interface Part {
  readonly weight: number;
  readonly sums: readonly WindowSum[];
}

function sumsOfAsset(sums: SumsByKey | undefined, profile: string, asset: string): readonly WindowSum[] {
  return windowNames.flatMap((window) => {
    const sum = sums?.get(keyOf(window, profile, asset));
    return sum === undefined || sum.count === 0 ? [] : [sum];
  });
}

function meansOver(parts: readonly Part[], partsMin: number): Means {
  return {
    recent: meanOver(parts, partsMin, 'recent'),
    steady: meanOver(parts, partsMin, 'steady'),
    anchor: meanOver(parts, partsMin, 'anchor'),
  };
}

/**
 * The weighted mean of the means of the parts that have one in `window`; null with fewer than `partsMin` of
 * them. A lone part's is its own, without a detour through its weight.
 */
function meanOver(parts: readonly Part[], partsMin: number, window: WindowName): Mean {
  let [total, weights, count, answered, present] = [0, 0, 0, 0, 0];
  for (const { weight, sums } of parts) {
    const sum = sums.find((candidate) => candidate.window === window);
    if (sum === undefined) continue;
    const mean = Number(sum.sum) / sum.count;
    total += parts.length === 1 ? mean : weight * mean;
    weights += parts.length === 1 ? 1 : weight;
    count += sum.count;
    answered += sum.answered;
    present++;
  }
  if (count === 0) return noMean;
  return { value: present < partsMin ? null : total / weights, count, availability: answered / count };
}

/** A window is provisional until the model has been a member for its whole length. */
function isProvisional(game: StandingGame, memberSeconds: number): Standing['provisional'] {
  const isTooNew = (name: WindowName) => {
    const window = game.windows.find((candidate) => candidate.name === name);
    return window === undefined || memberSeconds < window.seconds;
  };
  return { recent: isTooNew('recent'), steady: isTooNew('steady'), anchor: isTooNew('anchor') };
}
