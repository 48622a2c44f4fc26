// How a definition is complained about: one line a field, naming what is there and what should be. And
// the small questions that such checks ask.

export type Fields = Readonly<Record<string, unknown>>;
export type Complain = (path: string, wanted: string, present: unknown) => void;

export const symbolPattern = /^[A-Za-z0-9]{1,12}$/;

/** A value as a complaint shows it: short, never a whole definition. */
export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value); // JSON has no NaN
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

export function checkFunctions(prefix: string, fields: Fields, names: readonly string[], complain: Complain): void {
  for (const name of names) {
    if (typeof fields[name] !== 'function') complain(prefix + name, 'a function', fields[name]);
  }
}

/** A misspelt optional field would otherwise be a silent default. */
export function checkKeys(prefix: string, fields: Fields, known: readonly string[], complain: Complain): void {
  for (const key of Object.keys(fields)) {
    if (!known.includes(key)) complain(prefix + key, `absent (the fields are ${known.join(', ')})`, fields[key]);
  }
}

export function checkText(path: string, text: unknown, pattern: RegExp, wanted: string, complain: Complain): void {
  if (typeof text !== 'string' || !pattern.test(text)) complain(path, wanted, text);
}

export function checkDistinct(path: string, what: string, values: readonly unknown[], complain: Complain): void {
  const repeated = values.find((value, i) => values.indexOf(value) < i);
  if (repeated !== undefined) complain(path, `a list of distinct ${what}`, repeated);
}

export function symbolsOf(assets: unknown): readonly unknown[] {
  return Array.isArray(assets) ? assets.map((asset) => (isFields(asset) ? asset.symbol : undefined)) : [];
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isFilledList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}

export function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export function isPositiveNumber(value: unknown): value is number {
  return isNumber(value) && value > 0;
}

export function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
