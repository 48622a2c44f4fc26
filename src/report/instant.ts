// Instants at the API's edge: unix seconds inside, ISO-8601 outside.

/**
 * `2025-12-01T12:00:00`, or with six digits when there is a fraction: UTC without `Z` or offset, as the
 * existing web UI needs it (its charts append a `Z` themselves).
 */
export function naiveIso(instant: number): string {
  const micros = Math.round(instant * 1e6);
  const seconds = Math.floor(micros / 1e6);
  const fraction = micros - seconds * 1e6;
  const whole = new Date(seconds * 1000).toISOString().slice(0, -5);
  return fraction === 0 ? whole : `${whole}.${String(fraction).padStart(6, '0')}`;
}

// An offset's `+` arrives as a space when a client did not escape it, so both are read.
const isoForm =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:Z|([+\- ])(\d\d):?(\d\d))?)?$/i;

/** Unix seconds of an ISO-8601 date or date-time (UTC unless it carries an offset); null when it is neither. */
export function parseInstant(text: string): number | null {
  const match = isoForm.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', sign, zoneHour, zoneMinute] =
    match;
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  // JavaScript takes the 30th of February for the 1st or 2nd of March; a reader should be told instead.
  if (Number.isNaN(date.getTime()) || date.getUTCDate() !== Number(day)) return null;
  const offset = sign === undefined ? 0 : (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === '-' ? -60 : 60);
  return date.getTime() / 1000 - offset + Number(`0.${fraction || '0'}`);
}
