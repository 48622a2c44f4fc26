// Which UTC hour each step of a round was realized in, and how a score and its points are told by these hours.

import type { Game, HourlyScore, Json, Outcome } from '../domain/game.ts';

/** The hours of a round's scored steps, from the first to the last, without gaps. */
export interface RealizedHours {
  /** Number of the first hour since the epoch: unix seconds / 3600, rounded down. */
  readonly firstHour: number;
  /** How many scored steps were realized in each. A step is realized at its end. */
  readonly steps: readonly number[];
  /** For each step size, which of the hours each step belongs to; −1 where it is not scored. */
  readonly places: readonly Int32Array[];
}

const hourSeconds = 3600;

export function realizedHours(startedAt: number, realized: readonly Outcome[]): RealizedHours {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const places = realized.map(({ stepSeconds, x }) =>
    Int32Array.from(x, (change, i) => {
      if (Number.isNaN(change)) return -1;
      const hour = Math.floor((startedAt + (i + 1) * stepSeconds) / hourSeconds);
      first = Math.min(first, hour);
      last = Math.max(last, hour);
      return hour;
    }),
  );
  if (last < first) return { firstHour: Math.floor(startedAt / hourSeconds), steps: [], places };
  const steps = new Array<number>(last - first + 1).fill(0);
  for (const own of places) {
    for (let i = 0; i < own.length; i++) {
      const hour = own[i] as number;
      if (hour < 0) continue;
      own[i] = hour - first;
      steps[hour - first] = (steps[hour - first] as number) + 1;
    }
  }
  return { firstHour: first, steps, places };
}

/**
 * What each hour adds to `score`, from what each step adds (as `Game.score` fills it in). Parts that are absent,
 * not finite or no sum of the score say nothing: the score is then spread evenly over the steps.
 */
export function sumByHour(
  score: number,
  parts: readonly Float64Array[],
  { steps, places }: RealizedHours,
  into: Float64Array,
): void {
  into.fill(0);
  let [sum, size] = [0, 0];
  for (const [j, own] of places.entries()) {
    const part = parts[j] as Float64Array; // made from the same outcome
    for (let i = 0; i < own.length; i++) {
      const place = own[i] as number;
      if (place < 0) continue;
      const value = part[i] as number;
      into[place] = (into[place] as number) + value;
      sum += value;
      size += Math.abs(value);
    }
  }
  if (Number.isFinite(size) && Math.abs(sum - score) <= toleratedShare * size) return;
  into.set(spread(score, steps));
}

const toleratedShare = 1e-6; // of what is added up: far above rounding, and about what float32 keeps
const sameSignShare = 0.01; // below it parts have cancelled each other, and proportions would be noise

/**
 * How `points` come from the hours: as the game says, else in proportion to what each hour adds to the score.
 * What the game says counts only where it adds up to the points. Never throws.
 */
export function pointsByHour(
  { pointsByHour: own }: Pick<Game, 'pointsByHour'>,
  points: number,
  score: HourlyScore,
  {
    baseline,
    context,
    steps,
  }: { readonly baseline: HourlyScore; readonly context: Json; readonly steps: readonly number[] },
): readonly number[] {
  const told = own && attempt(() => own(score, points, baseline, context));
  if (Array.isArray(told) && told.length === steps.length) {
    const sum = told.reduce((total, value) => total + value, 0);
    const size = told.reduce((total, value) => total + Math.abs(value), Math.abs(points));
    if (Number.isFinite(size) && Math.abs(sum - points) <= toleratedShare * size) return told;
  }
  const sum = score.hours.reduce((total, value) => total + value, 0);
  const size = score.hours.reduce((total, value) => total + Math.abs(value), 0);
  if (!(Math.abs(sum) > sameSignShare * size)) return spread(points, steps);
  return score.hours.map((hour) => points * (hour / sum));
}

/** `total` spread evenly over steps: what each hour has of it. */
export function spread(total: number, steps: readonly number[]): readonly number[] {
  const all = steps.reduce((sum, count) => sum + count, 0);
  return steps.map((count) => total * (count / all));
}

function attempt<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null; // a diagnostic is no reason to void a round: it is told in the default way
  }
}
