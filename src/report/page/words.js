// Numbers, spans and instants as people read them. Pure.

const minus = '\u2212';
export const nothing = '–';

/** Decimals that give three or four significant digits to the largest of `values`: one choice a column. */
export function decimalsFor(values) {
  const largest = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
  if (largest >= 1000) return 0;
  if (largest >= 100) return 1;
  if (largest >= 0.1 || largest === 0) return 2;
  return 4;
}

/** `+1.25`, `−0.40`, `0.00`; a dash for null. Above ten million in powers of ten, to keep the column narrow. */
export function points(value, decimals) {
  if (!Number.isFinite(value)) return nothing;
  if (Math.abs(value) >= 1e7) return value.toExponential(2).replace('-', minus).replace('e+', 'e');
  const text = Math.abs(value).toLocaleString('en', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  if (!/[1-9]/.test(text)) return text;
  return (value < 0 ? minus : '+') + text;
}

/** `98 %`; never 100 % unless it is all of them. */
export function percent(share) {
  if (!Number.isFinite(share)) return nothing;
  const whole = Math.round(share * 100);
  if (whole === 100 && share < 1) return '99 %';
  if (whole === 0 && share > 0) return '1 %';
  return `${whole} %`;
}

/** `3 ▲2`: a rank it would have, and how many places higher that is; a dash where there is none. */
export function rankMove(would) {
  if (would === undefined) return nothing;
  const { rank, higher } = would;
  return higher === 0 ? `${rank} =` : `${rank} ${higher > 0 ? '▲' : '▼'}${Math.abs(higher)}`;
}

export function count(value) {
  return Number.isFinite(value) ? value.toLocaleString('en') : nothing;
}

/** `45 s`, `12 min`, `24 h`, `3 d`: the largest unit that fits at least once, days from two on. */
export function span(seconds) {
  if (seconds < 60) return `${round(seconds)} s`;
  if (seconds < 3600) return `${round(seconds / 60)} min`;
  if (seconds < 172_800) return `${round(seconds / 3600)} h`;
  return `${round(seconds / 86_400)} d`;
}

function round(value) {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}

/** `2026-01-05` and `12:00:30`, in UTC; without seconds where they are zero and not asked for. */
export function instant(at, withSeconds = false) {
  const [day, time] = new Date(at * 1000).toISOString().split('T');
  const seconds = time.slice(6, 8);
  return { day, time: withSeconds || seconds !== '00' ? time.slice(0, 8) : time.slice(0, 5) };
}

/** A sentence: first letter large, a full stop at the end. */
export function sentence(text) {
  if (!text) return '';
  const start = text[0].toUpperCase() + text.slice(1);
  return /[.!?]$/.test(start) ? start : `${start}.`;
}
