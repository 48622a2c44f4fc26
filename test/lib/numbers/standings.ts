// The leaderboard worked out again: windows as plain means over score rows, overall values, ranks.

import { groupBy } from './check-options.ts';
import type { WindowName } from './game-facts.ts';
import { windowNames } from './game-facts.ts';
import type { MembershipRow, Played } from './played.ts';

export interface BoardFacts {
  readonly weights: Readonly<Record<string, number>>;
  readonly windows: Readonly<Record<WindowName, number>>;
}

export interface Mean {
  readonly value: number | null;
  readonly count: number;
  readonly answered: number;
}

export interface Row {
  readonly modelId: string;
  readonly rank: number;
  readonly overall: Readonly<Record<WindowName, Mean>>;
  readonly byProfile: Readonly<Record<string, Readonly<Record<WindowName, Mean>>>>;
  /** Key `{profile}.{asset}`. */
  readonly parts: ReadonlyMap<string, Readonly<Record<WindowName, Mean>>>;
}

/** All standings at `asOf`, best first, from rounds that were settled by then. */
export function standingsAt(
  played: Pick<Played, 'rounds' | 'settlements' | 'scores' | 'memberships'>,
  facts: BoardFacts,
  asOf: number,
): readonly Row[] {
  const settledAt = new Map(
    played.settlements.map(({ roundId, state, settledAt }) => [roundId, state === 'settled' ? settledAt : null]),
  );
  const rounds = new Map(
    played.rounds
      .filter(({ roundId }) => (settledAt.get(roundId) ?? Number.POSITIVE_INFINITY) <= asOf)
      .map((round) => [round.roundId, round]),
  );
  const members = membersAt(played.memberships, asOf);
  const scoresOf = groupBy(played.scores, ({ modelId }) => modelId);
  const rows = members.map(({ modelId, joinedAt }) => {
    const scores = (scoresOf.get(modelId) ?? []).flatMap(({ roundId, points, answered }) => {
      const round = rounds.get(roundId);
      return round
        ? [{ key: `${round.profile}.${round.asset}`, asset: round.asset, at: round.resolvableAt, points, answered }]
        : [];
    });
    const parts = new Map(
      [...groupBy(scores, ({ key }) => key)].map(([key, own]) => [
        key,
        eachWindow((window) => meanOf(own.filter(({ at }) => at >= asOf - facts.windows[window] && at <= asOf))),
      ]),
    );
    const meansOver = (some: typeof parts) => eachWindow((window) => overallOf(some, facts.weights, window));
    const overall = meansOver(parts);
    const profiles = groupBy([...parts], ([key]) => key.slice(0, key.indexOf('.')));
    const byProfile = Object.fromEntries([...profiles].map(([name, own]) => [name, meansOver(new Map(own))]));
    const group = windowNames.toReversed().findIndex((window) => asOf - joinedAt >= facts.windows[window]);
    return { modelId, overall, byProfile, parts, group: group < 0 ? windowNames.length : group };
  });
  return withRanks(rows);
}

function membersAt(memberships: readonly MembershipRow[], asOf: number): readonly MembershipRow[] {
  return memberships.filter(({ joinedAt, leftAt }) => joinedAt <= asOf && (leftAt === null || leftAt > asOf));
}

function eachWindow<T>(make: (window: WindowName) => T): Record<WindowName, T> {
  return { recent: make('recent'), steady: make('steady'), anchor: make('anchor') };
}

function meanOf(scores: readonly { readonly points: number; readonly answered: boolean }[]): Mean {
  const count = scores.length;
  const value = count === 0 ? null : scores.reduce((sum, { points }) => sum + points, 0) / count;
  return { value, count, answered: scores.filter(({ answered }) => answered).length };
}

/** Σ weight·mean / Σ weight over the (profile, asset) pairs that have a round in the window. */
function overallOf(
  parts: ReadonlyMap<string, Readonly<Record<WindowName, Mean>>>,
  weights: Readonly<Record<string, number>>,
  window: WindowName,
): Mean {
  let [total, weight, count, answered] = [0, 0, 0, 0];
  for (const [key, means] of parts) {
    const mean = means[window];
    if (mean.value === null) continue;
    const own = weights[key.slice(key.indexOf('.') + 1)] ?? 1;
    total += own * mean.value;
    weight += own;
    count += mean.count;
    answered += mean.answered;
  }
  return { value: weight === 0 ? null : total / weight, count, answered };
}

type Unranked = Omit<Row, 'rank'> & { readonly group: number };

/**
 * Rank = 1 + the number of rows strictly better. Group 0 has a full anchor window and compares anchor, then
 * steady, then recent; group 1 begins with steady; groups 2 and 3 have recent alone.
 */
function withRanks(rows: readonly Unranked[]): readonly Row[] {
  const ordered = rows.toSorted((a, b) => compare(a, b) || (a.modelId < b.modelId ? -1 : 1));
  return ordered.map((row) => ({ ...row, rank: 1 + rows.filter((other) => compare(other, row) < 0).length }));
}

/** Negative when `a` is strictly better. Means within 1e-9 of each other tie. */
function compare(a: Unranked, b: Unranked): number {
  if (a.group !== b.group) return a.group - b.group;
  for (const window of windowNames.toReversed().slice(Math.min(a.group, 2))) {
    const [left, right] = [a.overall[window].value, b.overall[window].value];
    if (left === null || right === null) {
      if (left !== right) return left === null ? 1 : -1;
      continue;
    }
    if (Math.abs(left - right) > 1e-9 * Math.max(Math.abs(left), Math.abs(right))) return right - left;
  }
  return 0;
}
