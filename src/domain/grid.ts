// The grid of questions: which rounds exist is arithmetic, so that asking twice is impossible and a
// restart changes nothing.

import { type Calendar, isOpen } from './calendar.ts';
import type { Game, Profile } from './game.ts';
import type { ScoredSteps, Slot } from './round.ts';

/** `{profile}.{asset}.{startedAtUnix}` */
export function roundId({ profile, asset, startedAt }: Slot): string {
  return `${profile}.${asset}.${startedAt}`;
}

/**
 * The slots with `fromExclusive` < startedAt ≤ `toInclusive`, in time order, then in the game's order of
 * profiles and assets. Asset i of n is asked at k·E + i·E/n since the epoch, E = everySeconds; the offset
 * is rounded down to whole candles.
 */
export function slotsBetween(
  game: Pick<Game, 'profiles' | 'candleSeconds'>,
  fromExclusive: number,
  toInclusive: number,
): Slot[] {
  const slots: Slot[] = [];
  for (const { name: profile, everySeconds, assets } of game.profiles) {
    for (const [i, asset] of assets.entries()) {
      const offset = slotOffset(everySeconds, i, assets.length, game.candleSeconds);
      const first = Math.floor((fromExclusive - offset) / everySeconds) + 1;
      for (let k = first; k * everySeconds + offset <= toInclusive; k++) {
        slots.push({ profile, asset, startedAt: k * everySeconds + offset });
      }
    }
  }
  return slots.sort((a, b) => a.startedAt - b.startedAt); // stable: ties keep the game's order
}

/** How long after a multiple of `everySeconds` asset `i` of `n` is asked: whole candles. */
function slotOffset(everySeconds: number, i: number, n: number, candleSeconds: number): number {
  return Math.floor((i * everySeconds) / n / candleSeconds) * candleSeconds;
}

/**
 * The steps whose two boundaries both lie in open time, as ranges for each step size. Null when the round
 * is not to be started (`market-closed`): it would start in closed time, or fewer than half of its steps,
 * over all step sizes together, would be scored.
 */
export function scoredSteps(
  profile: Pick<Profile, 'horizonSeconds' | 'stepsSeconds'>,
  calendar: Calendar | undefined,
  startedAt: number,
): ScoredSteps | null {
  if (!isOpen(calendar, startedAt)) return null;
  const steps: Record<string, readonly (readonly [number, number])[]> = {};
  let scored = 0;
  let total = 0;
  for (const stepSeconds of profile.stepsSeconds) {
    const count = Math.round(profile.horizonSeconds / stepSeconds);
    const ranges = calendar === undefined ? [[1, count] as const] : openRanges(calendar, startedAt, stepSeconds, count);
    steps[stepSeconds] = ranges;
    total += count;
    scored += ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  }
  return scored * 2 < total ? null : steps;
}

function openRanges(calendar: Calendar, startedAt: number, stepSeconds: number, count: number): [number, number][] {
  const ranges: [number, number][] = [];
  let wasOpen = isOpen(calendar, startedAt);
  for (let i = 1; i <= count; i++) {
    const open = isOpen(calendar, startedAt + i * stepSeconds);
    const last = ranges.at(-1);
    if (open && wasOpen) {
      if (last?.[1] === i - 1) last[1] = i;
      else ranges.push([i, i]);
    }
    wasOpen = open;
  }
  return ranges;
}

/** The step numbers (1-based) of ranges, ascending. */
export function* scoredStepNumbers(ranges: readonly (readonly [first: number, last: number])[]): Generator<number> {
  for (const [first, last] of ranges) for (let i = first; i <= last; i++) yield i;
}
