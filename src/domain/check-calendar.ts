// Checks the calendar of a game's asset.

import { parseLocal, secondsIntoWeek } from './calendar.ts';
import { type Complain, checkKeys, type Fields, isFields, isFilledList } from './complaint.ts';

export function checkCalendar(path: string, calendar: unknown, complain: Complain): void {
  if (!isFields(calendar)) {
    complain(path, 'an object with zone and weekly', calendar);
    return;
  }
  checkKeys(`${path}.`, calendar, ['zone', 'weekly', 'closed'], complain);
  if (!isZone(calendar.zone)) complain(`${path}.zone`, 'an IANA zone such as "America/New_York"', calendar.zone);
  if (isFilledList(calendar.weekly)) checkWeekly(`${path}.weekly`, calendar.weekly, complain);
  else complain(`${path}.weekly`, 'a list with at least one {from, to}', calendar.weekly);
  if (calendar.closed === undefined) return;
  if (Array.isArray(calendar.closed)) checkClosed(`${path}.closed`, calendar.closed, complain);
  else complain(`${path}.closed`, 'a list of {from, to}', calendar.closed);
}

function checkWeekly(path: string, weekly: readonly unknown[], complain: Complain): void {
  for (const [i, interval] of weekly.entries()) {
    const { from, to } = fieldsOf(interval);
    const isTime = (text: unknown) => typeof text === 'string' && !Number.isNaN(secondsIntoWeek(text));
    if (!isTime(from)) complain(`${path}[${i}].from`, 'a day and time such as "Monday 17:00"', from);
    if (!isTime(to)) complain(`${path}[${i}].to`, 'a day and time such as "Monday 17:00"', to);
  }
}

function checkClosed(path: string, closed: readonly unknown[], complain: Complain): void {
  for (const [i, interval] of closed.entries()) {
    const { from, to } = fieldsOf(interval);
    const begins = typeof from === 'string' ? parseLocal(from) : Number.NaN;
    const ends = typeof to === 'string' ? parseLocal(to) : Number.NaN;
    if (Number.isNaN(begins)) complain(`${path}[${i}].from`, 'a date and time such as "2025-05-26 14:30"', from);
    if (Number.isNaN(ends)) complain(`${path}[${i}].to`, 'a date and time such as "2025-05-26 14:30"', to);
    if (ends <= begins) complain(`${path}[${i}].to`, `later than from "${from}"`, to);
  }
}

function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

function isZone(zone: unknown): boolean {
  if (typeof zone !== 'string') return false;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }) !== null;
  } catch {
    return false; // a RangeError: the only way Intl has to say that it doesn't know the zone
  }
}
