// Reads the JSON of ordinary answers two to three times as fast as the engine's parser does: densities as client
// libraries write them, in plain ASCII, with the keys in their usual order. It decides nothing: whatever looks
// different is left to JSON.parse, and what it returns is what JSON.parse would have.

import { scanDouble } from './scan-double.ts';

// Most of an answer's bytes repeat: everything of a leaf but its numbers. So a leaf is first compared with those
// before it, four bytes at a time; one of a new form is read key by key, and kept as a form.

// What is read, and how far: a scan is one synchronous call.
const nothing = new Uint8Array(0);
let bytes: Uint8Array = nothing;
let view: DataView = new DataView(nothing.buffer);
let at = 0;

/** The value, or undefined where the answer is none of the ordinary ones. */
export function scanAnswer(answer: Uint8Array): unknown {
  bytes = answer;
  view = new DataView(answer.buffer, answer.byteOffset, answer.byteLength);
  at = 0;
  skipSpace();
  const value = bytes[at] === openBrace ? scanSteps() : scanList(scanDensity, 0);
  skipSpace();
  const isWhole = at === bytes.length;
  bytes = nothing; // a long answer is not kept alive
  view = new DataView(nothing.buffer);
  return isWhole ? value : undefined;
}

const ascii = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
const [openBrace = 0, closeBrace = 0, openBracket = 0, closeBracket = 0] = ascii('{}[]');
const [comma = 0, colon = 0, quote = 0, minus = 0, zero = 0, nine = 0] = ascii(',:"-09');
const mixturesDeepMost = 8; // above the limit, which it is not for a parser to know

/** `{"300": [density, …], …}`. */
function scanSteps(): Record<string, unknown> | undefined {
  const steps: Record<string, unknown> = {};
  if (!take(openBrace)) return undefined;
  do {
    const key = scanWord();
    if (key === undefined || !take(colon)) return undefined;
    const list = scanList(scanDensity, 0);
    if (list === undefined) return undefined;
    steps[key] = list;
  } while (take(comma));
  return take(closeBrace) ? steps : undefined;
}

/** At least one element: the empty list is for JSON.parse. */
function scanList(scanElement: (depth: number) => unknown, depth: number): unknown[] | undefined {
  if (!take(openBracket)) return undefined;
  const list: unknown[] = [];
  do {
    const element = scanElement(depth);
    if (element === undefined) return undefined;
    list.push(element);
  } while (take(comma));
  return take(closeBracket) ? list : undefined;
}

const typeKey = ascii('"type"');
const nameKey = ascii('"name"');
const paramsKey = ascii('"params"');
const componentsKey = ascii('"components"');
const densityKey = ascii('"density"');
const weightKey = ascii('"weight"');

/** `{"type", "name", "params"}`, or `{"type", "components"}`. */
function scanDensity(depth: number): unknown {
  skipSpace();
  for (let i = 0; i < forms.length; i++) {
    const leaf = scanLeafOf(forms[i] as Form);
    if (leaf !== undefined) return leaf;
  }
  const start = at;
  if (!take(openBrace) || !takeKey(typeKey)) return undefined;
  const type = scanWord();
  if (type === undefined || !take(comma)) return undefined;
  if (type === 'mixture') {
    if (depth >= mixturesDeepMost || !takeKey(componentsKey)) return undefined;
    const components = scanList(scanComponent, depth + 1);
    return components !== undefined && take(closeBrace) ? { type, components } : undefined;
  }
  if (!takeKey(nameKey)) return undefined;
  const name = scanWord();
  if (name === undefined || !take(comma) || !takeKey(paramsKey)) return undefined;
  keysRead.length = 0;
  numbersAt.length = 0;
  const params = scanParams();
  if (params === undefined || !take(closeBrace)) return undefined;
  keepForm(type, name, params, start);
  return { type, name, params };
}

/** What is around the numbers of a leaf. */
interface Form {
  readonly type: string;
  readonly name: string;
  /** At least one, each once; in front of the number of each, and behind the last, these bytes. */
  readonly keys: readonly string[];
  readonly before: readonly Stretch[];
  readonly after: Stretch;
}

interface Stretch {
  readonly words: Int32Array;
  readonly tail: Uint8Array;
  readonly length: number;
}

const forms: Form[] = [];
const formsKept = 8;
const keysRead: string[] = []; // of the leaf being read
const numbersAt: number[] = []; // where each of their numbers starts and ends

function keepForm(type: string, name: string, params: Readonly<Record<string, number>>, start: number): void {
  const keys = [...keysRead]; // Object.keys has its own order for keys like "1"
  if (Object.keys(params).length !== keys.length) return; // one came twice
  const before = keys.map((_, i) =>
    stretch(i === 0 ? start : (numbersAt[2 * i - 1] as number), numbersAt[2 * i] as number),
  );
  if (forms.length >= formsKept) forms.length = 0;
  forms.push({ type, name, keys, before, after: stretch(numbersAt.at(-1) as number, at) });
}

function stretch(start: number, end: number): Stretch {
  const length = end - start;
  const words = Int32Array.from({ length: length >> 2 }, (_, i) => view.getInt32(start + 4 * i, true));
  return { words, tail: bytes.slice(start + 4 * words.length, end), length };
}

/** Undefined, and nothing read, where it is of another form. */
function scanLeafOf(form: Form): unknown {
  const { type, name, keys, before, after } = form;
  const start = at;
  if (!takeStretch(before[0] as Stretch)) return undefined;
  if (keys.length === 2 && keys[0] === 'loc' && keys[1] === 'scale') {
    const loc = scanNumber();
    if (loc !== undefined && takeStretch(before[1] as Stretch)) {
      const scale = scanNumber();
      if (scale !== undefined && takeStretch(after)) return { type, name, params: { loc, scale } };
    }
    at = start;
    return undefined;
  }
  const params: Record<string, number> = {};
  for (let i = 0; i < keys.length; i++) {
    const value = i === 0 || takeStretch(before[i] as Stretch) ? scanNumber() : undefined;
    if (value === undefined) {
      at = start;
      return undefined;
    }
    params[keys[i] as string] = value;
  }
  if (takeStretch(after)) return { type, name, params };
  at = start;
  return undefined;
}

function takeStretch({ words, tail, length }: Stretch): boolean {
  const start = at;
  if (start + length > bytes.length) return false;
  for (let i = 0; i < words.length; i++) if (view.getInt32(start + 4 * i, true) !== words[i]) return false;
  const rest = start + 4 * words.length;
  for (let i = 0; i < tail.length; i++) if (bytes[rest + i] !== tail[i]) return false;
  at = start + length;
  return true;
}

/** `{"density", "weight"}`, in either order. */
function scanComponent(depth: number): unknown {
  if (!take(openBrace)) return undefined;
  if (takeKey(densityKey)) {
    const density = scanDensity(depth);
    if (density === undefined || !take(comma) || !takeKey(weightKey)) return undefined;
    const weight = scanNumber();
    return weight !== undefined && take(closeBrace) ? { density, weight } : undefined;
  }
  if (!takeKey(weightKey)) return undefined;
  const weight = scanNumber();
  if (weight === undefined || !take(comma) || !takeKey(densityKey)) return undefined;
  const density = scanDensity(depth);
  return density !== undefined && take(closeBrace) ? { weight, density } : undefined;
}

/** Numbers by name. */
function scanParams(): Record<string, number> | undefined {
  if (!take(openBrace)) return undefined;
  const params: Record<string, number> = {};
  do {
    const key = scanWord();
    if (key === undefined || !take(colon)) return undefined;
    skipSpace();
    const start = at;
    const value = scanNumber();
    if (value === undefined) return undefined;
    keysRead.push(key);
    numbersAt.push(start, at);
    params[key] = value;
  } while (take(comma));
  return take(closeBrace) ? params : undefined;
}

// A name or key comes again and again: the last few are compared instead of made anew.
const wordsKept = 16;
const kept: { readonly text: string; readonly spelling: Uint8Array }[] = [];
const wordLongest = 24;

/** A string of at most 24 lower-case letters, digits and inner underscores. `__proto__` is no such word. */
function scanWord(): string | undefined {
  skipSpace();
  if (bytes[at] !== quote) return undefined;
  const start = at + 1;
  let end = start;
  while (isWordByte(bytes[end] as number)) end++;
  if (bytes[end] !== quote || end === start || end - start > wordLongest || bytes[start] === underscore)
    return undefined;
  at = end + 1;
  return word(start, end);
}

const [underscore = 0, letterA = 0, letterZ = 0] = ascii('_az');

function isWordByte(byte: number): boolean {
  return (byte >= letterA && byte <= letterZ) || (byte >= zero && byte <= nine) || byte === underscore;
}

function word(start: number, end: number): string {
  for (let i = 0; i < kept.length; i++) {
    const { text, spelling } = kept[i] as (typeof kept)[number];
    if (spelling.length === end - start && isAt(spelling, start)) return text;
  }
  const spelling = bytes.slice(start, end);
  const text = String.fromCharCode(...spelling);
  if (kept.length >= wordsKept) kept.length = 0;
  kept.push({ text, spelling });
  return text;
}

function scanNumber(): number | undefined {
  skipSpace();
  const first = bytes[at];
  if (first === undefined || (first !== minus && !(first >= zero && first <= nine))) return undefined;
  const scanned = scanDouble(bytes, at);
  at = scanned.end;
  return scanned.isNumber ? scanned.value : undefined;
}

function takeKey(key: Uint8Array): boolean {
  skipSpace();
  if (!isAt(key, at)) return false;
  at += key.length;
  return take(colon);
}

function take(byte: number): boolean {
  if (bytes[at] !== byte) {
    skipSpace();
    if (bytes[at] !== byte) return false;
  }
  at++;
  return true;
}

function isAt(text: Uint8Array, start: number): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}

/** JSON's white space: space, tab, line feed, carriage return. */
function skipSpace(): void {
  for (;;) {
    const byte = bytes[at];
    if (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9) return;
    at++;
  }
}
