// When XAU trades: Sunday 18:00 to Friday 17:00 in New York, closed daily from 17:00 to 18:00, and on
// Memorial Day 2025 from 14:30 on. By calendar arithmetic, without any time zone database.

const hour = 3_600;
const day = 24 * hour;

/** Memorial Day 2025, 14:30 to 18:00 in New York (UTC − 4). */
const memorialDay = { from: Date.UTC(2025, 4, 26, 18, 30) / 1000, to: Date.UTC(2025, 4, 26, 22) / 1000 };

/** The instant of closing is open, the instant of opening is not: so the second just before `t` decides. */
export function isGoldOpen(t: number): boolean {
  const before = t - 1;
  if (before >= memorialDay.from && before < memorialDay.to) return false;
  const local = before - newYorkBehindUtc(before);
  const weekday = (Math.floor(local / day) + 4) % 7; // 1970-01-01 was a Thursday; 0 = Sunday
  const hourOfDay = Math.floor(local / hour) % 24;
  if (weekday === 6) return false;
  if (weekday === 0) return hourOfDay >= 18;
  if (weekday === 5) return hourOfDay < 17;
  return hourOfDay !== 17;
}

/** Four hours from the second Sunday of March, 02:00, to the first Sunday of November, 02:00; else five. */
function newYorkBehindUtc(t: number): number {
  const year = new Date(t * 1000).getUTCFullYear();
  const springAt = nthSunday(year, 2, 2) + 7 * hour;
  const autumnAt = nthSunday(year, 10, 1) + 6 * hour;
  return (t >= springAt && t < autumnAt ? 4 : 5) * hour;
}

/** 00:00 UTC of the n-th Sunday of a month (0 = January). */
function nthSunday(year: number, month: number, n: number): number {
  const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
  return Date.UTC(year, month, 1 + ((7 - first) % 7) + (n - 1) * 7) / 1000;
}
