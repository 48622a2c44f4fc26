// Who stands before whom. Pure, and independent of the order in which rows come: the same rows in any
// order give the same ranks.

import type { WindowName } from './board.ts';

/** What ranking looks at. */
export interface Rankable {
  readonly modelId: string;
  readonly overall: Readonly<Record<WindowName, { readonly value: number | null }>>;
  readonly provisional: Readonly<Record<WindowName, boolean>>;
}

/** Means nearer than this, relatively, tie: a difference of 2e-16 has decided prizes elsewhere. */
const tieTolerance = 1e-9;

/** Windows from the longest: the first that a model has been a member for decides its group. */
const longestFirst: readonly WindowName[] = ['anchor', 'steady', 'recent'];

/**
 * `rows` in rank order, each with its rank. Models with a full anchor window come first, then those with a
 * full steady, then a full recent window, then the rest. Within a group the mean of that window decides,
 * higher first, and where it ties the next shorter window's; no mean comes after any mean, and 0 is a mean
 * like any other. A row ties with the FIRST row of its tie group, within 1e-9 relative. Rows that tie to
 * the end share the rank 1 + the number of rows strictly better, and are listed by model id.
 */
export function rankStandings<Row extends Rankable>(
  rows: readonly Row[],
): readonly (Row & { readonly rank: number })[] {
  const groups = longestFirst.map((_, group) => rows.filter((row) => groupOf(row) === group));
  groups.push(rows.filter((row) => groupOf(row) === longestFirst.length));
  const tieGroups = groups.flatMap((members, group) => splitByMeans(members, windowsOf(group)));
  let better = 0;
  return tieGroups.flatMap((tied) => {
    const rank = better + 1;
    better += tied.length;
    return tied.map((row) => ({ ...row, rank }));
  });
}

/**
 * The order of PostgreSQL's "C" collation: by UTF-8 bytes. JavaScript's own order (UTF-16 units) differs
 * from it beyond the basic plane.
 */
export function compareModelIds(a: string, b: string): number {
  return a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** 0 = full anchor … 3 = none full. */
function groupOf(row: Rankable): number {
  const first = longestFirst.findIndex((window) => !row.provisional[window]);
  return first === -1 ? longestFirst.length : first;
}

/** The windows a group compares: its own, then the shorter ones. The rest have only the shortest. */
function windowsOf(group: number): readonly WindowName[] {
  return longestFirst.slice(Math.min(group, longestFirst.length - 1));
}

/** Tie groups, best first, each in model-id order. */
function splitByMeans<Row extends Rankable>(rows: readonly Row[], windows: readonly WindowName[]): Row[][] {
  if (rows.length === 0) return [];
  const [window, ...shorter] = windows;
  if (window === undefined) return [rows.toSorted((a, b) => compareModelIds(a.modelId, b.modelId))];
  const tieGroups: Row[][] = [];
  for (const row of rows.toSorted((a, b) => compareMeans(a.overall[window].value, b.overall[window].value))) {
    const group = tieGroups.at(-1);
    const first = group?.[0];
    if (group && first && ties(first.overall[window].value, row.overall[window].value)) group.push(row);
    else tieGroups.push([row]);
  }
  return tieGroups.flatMap((group) => splitByMeans(group, shorter));
}

/** Higher first, null last. */
function compareMeans(a: number | null, b: number | null): number {
  if (a === null || b === null) return (a === null ? 1 : 0) - (b === null ? 1 : 0);
  return b - a;
}

function ties(first: number | null, other: number | null): boolean {
  if (first === null || other === null) return first === other;
  return Math.abs(first - other) <= tieTolerance * Math.max(Math.abs(first), Math.abs(other));
}
