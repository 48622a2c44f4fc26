// When an asset's market is open: weekly intervals in an IANA zone, plus dated exceptions. The instant of
// closing counts as open; the instant of opening does not, since its first price comes one candle later.
// So open time is a union of half-open intervals (opening, closing], and a week of it is worked out once.

export type Weekday = 'Sunday' | 'Monday' | 'Tuesday' | 'Wednesday' | 'Thursday' | 'Friday' | 'Saturday';

export interface Calendar {
  /** IANA zone, for example `America/New_York`. */
  readonly zone: string;
  /** Open intervals of a week in local time, `HH:MM`; `to` may lie on a later day. */
  readonly weekly: readonly { readonly from: `${Weekday} ${string}`; readonly to: `${Weekday} ${string}` }[];
  /** Extra closures in local time, `YYYY-MM-DD HH:MM`. */
  readonly closed?: readonly { readonly from: string; readonly to: string }[];
}

/** Whether the market is open at `t` (unix seconds). No calendar means always. */
export function isOpen(calendar: Calendar | undefined, t: number): boolean {
  if (calendar === undefined) return true;
  return openIntervals(calendar, weekOf(t)).some(({ from, to }) => from < t && t <= to);
}

/** Seconds of open time in (`from`, `to`]; 0 when `to` ≤ `from`. */
export function openSeconds(calendar: Calendar | undefined, from: number, to: number): number {
  if (to <= from) return 0;
  if (calendar === undefined) return to - from;
  let seconds = 0;
  for (let week = weekOf(from); week <= weekOf(to); week++) {
    for (const interval of openIntervals(calendar, week)) {
      seconds += Math.max(0, Math.min(to, interval.to) - Math.max(from, interval.from));
    }
  }
  return seconds;
}

/**
 * The instant nearest to `t` that has `seconds` of open time between it and `t`: later than `t`, or earlier
 * when `seconds` is negative.
 * @throws RangeError when ten years do not hold that much open time.
 */
export function addOpenSeconds(calendar: Calendar | undefined, t: number, seconds: number): number {
  if (calendar === undefined || seconds === 0) return t + seconds;
  return seconds > 0 ? walkForward(calendar, t, seconds) : walkBack(calendar, t, -seconds);
}

function walkForward(calendar: Calendar, t: number, seconds: number): number {
  let left = seconds;
  for (let week = weekOf(t); week <= weekOf(t) + weeksMax; week++) {
    for (const { from, to } of openIntervals(calendar, week)) {
      const start = Math.max(t, from);
      const length = Math.max(0, to - start);
      if (length >= left) return start + left;
      left -= length;
    }
  }
  throw tooLittleOpenTime(t, seconds);
}

function walkBack(calendar: Calendar, t: number, seconds: number): number {
  let left = seconds;
  for (let week = weekOf(t); week >= weekOf(t) - weeksMax; week--) {
    for (const { from, to } of openIntervals(calendar, week).toReversed()) {
      const end = Math.min(t, to);
      const length = Math.max(0, end - from);
      if (length >= left) return end - left;
      left -= length;
    }
  }
  throw tooLittleOpenTime(t, -seconds);
}

function tooLittleOpenTime(t: number, seconds: number): RangeError {
  return new RangeError(`Cannot walk ${seconds} s of open time from ${t}: ten years of the calendar hold less`);
}

interface Interval {
  readonly from: number;
  readonly to: number;
}

const daySeconds = 86_400;
const weekSeconds = 7 * daySeconds;
// The epoch was a Thursday; weeks are counted from the Sunday before it.
const firstSunday = -4 * daySeconds;
const weeksMax = 522; // ten years: far beyond any history or patience, and a bound on the walk
const weeksKept = 4096; // ≈ 80 years of one calendar at some hundred bytes a week
const days: readonly Weekday[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const weeksByCalendar = new WeakMap<Calendar, Map<number, readonly Interval[]>>();

/** The UTC week with start < t ≤ start + 7 days, so that weeks and open intervals are closed at the same end. */
function weekOf(t: number): number {
  return Math.ceil((t - firstSunday) / weekSeconds) - 1;
}

/** Open time within one UTC week: ascending, disjoint. */
function openIntervals(calendar: Calendar, week: number): readonly Interval[] {
  const weeks = weeksByCalendar.get(calendar) ?? new Map<number, readonly Interval[]>();
  const known = weeks.get(week);
  if (known !== undefined) return known;
  if (weeks.size >= weeksKept) weeks.clear();
  const intervals = computeWeek(calendar, week);
  weeks.set(week, intervals);
  weeksByCalendar.set(calendar, weeks);
  return intervals;
}

function computeWeek(calendar: Calendar, week: number): readonly Interval[] {
  const start = firstSunday + week * weekSeconds;
  const toUnix = unixFromLocal(calendar.zone);
  // A local week is up to 14 h away from the UTC week, and an interval may run into the next one.
  const open = [week - 1, week, week + 1].flatMap((localWeek) =>
    calendar.weekly.map(({ from, to }) => {
      const sunday = firstSunday + localWeek * weekSeconds;
      const opens = sunday + secondsIntoWeek(from);
      const closes = sunday + secondsIntoWeek(to);
      return { from: toUnix(opens), to: toUnix(closes > opens ? closes : closes + weekSeconds) };
    }),
  );
  const closures = (calendar.closed ?? []).map(({ from, to }) => ({
    from: toUnix(parseLocal(from)),
    to: toUnix(parseLocal(to)),
  }));
  return subtract(merge(open), closures)
    .map(({ from, to }) => ({ from: Math.max(from, start), to: Math.min(to, start + weekSeconds) }))
    .filter(({ from, to }) => from < to);
}

function merge(intervals: readonly Interval[]): Interval[] {
  const merged: { from: number; to: number }[] = [];
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else merged.push({ from, to });
  }
  return merged;
}

/** A closure (from, to] leaves the instant it begins at open, as every closing does. */
function subtract(open: readonly Interval[], closures: readonly Interval[]): Interval[] {
  return closures.reduce<Interval[]>(
    (left, closure) =>
      left.flatMap(({ from, to }) =>
        [
          { from, to: Math.min(to, closure.from) },
          { from: Math.max(from, closure.to), to },
        ].filter((part) => part.from < part.to),
      ),
    [...open],
  );
}

/** Seconds from Sunday 00:00 local for `Monday 17:00`; NaN when it is not of that form. */
export function secondsIntoWeek(text: string): number {
  const [, day = '', hours, minutes] = /^([A-Z][a-z]+) ([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  const index = days.indexOf(day as Weekday);
  return index < 0 ? Number.NaN : index * daySeconds + Number(hours) * 3600 + Number(minutes) * 60;
}

/** `YYYY-MM-DD HH:MM` read as if it were UTC, in unix seconds; NaN when it is not of that form. */
export function parseLocal(text: string): number {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d$/.test(text)) return Number.NaN;
  const milliseconds = Date.parse(`${text.replace(' ', 'T')}:00Z`);
  // Date.parse accepts 2025-02-30 on some engines and rolls it over: only what reads back is a date.
  const isDate = new Date(milliseconds || 0).toISOString().startsWith(text.replace(' ', 'T'));
  return isDate ? milliseconds / 1000 : Number.NaN;
}

/**
 * Converts local seconds (a wall clock read as UTC) to unix seconds. In the hour that a clock change skips
 * the result is the instant of the change's other side; in the one it repeats, the first.
 */
function unixFromLocal(zone: string): (local: number) => number {
  const format = formatOf(zone);
  const offsetAt = (t: number): number => {
    const parts = Object.fromEntries(format.formatToParts(t * 1000).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - t;
  };
  return (local) => {
    // Offsets a day before and after bracket any change; the earlier instant that reads back wins.
    const candidates = [local - offsetAt(local - daySeconds), local - offsetAt(local + daySeconds)];
    const exact = candidates.filter((t) => t + offsetAt(t) === local);
    return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates);
  };
}

const formats = new Map<string, Intl.DateTimeFormat>(); // making one costs as much as a week of conversions

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  formats.set(zone, format);
  return format;
}
