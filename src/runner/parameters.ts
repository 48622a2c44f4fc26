// The names of a function's parameters, read from its source text: the wire's keyword arguments need
// them, and JavaScript keeps them nowhere else. jiti removes types but no names. Where the text can't be
// read with certainty (native or bound functions, odd defaults) the answer is null, and the caller passes
// no keyword arguments rather than wrong ones.

export interface Parameters {
  /** In order; null for a destructured parameter, which no keyword can name. */
  readonly names: readonly (string | null)[];
  /** Ends in `...rest`, or reads `arguments`: takes any number of positional arguments. */
  readonly open: boolean;
}

/** Parameters of a method or function; null when they can't be known. */
export function parametersOf(method: (...args: never[]) => unknown): Parameters | null {
  const text = sourceOf(method);
  if (text === null) return null;
  const arrow = /^\s*(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(text);
  if (arrow) return { names: [arrow[1] as string], open: false };
  const start = text.indexOf('(');
  // A computed name such as ['a(b'] comes before the list and may hold anything.
  if (start === -1 || text.slice(0, start).includes('[')) return null;
  return readList(text, start);
}

/** Parameters of a class's constructor, its own or inherited; null when they can't be known. */
export function constructorParametersOf(type: abstract new (...args: never[]) => unknown): Parameters | null {
  for (let current: unknown = type; typeof current === 'function'; current = Object.getPrototypeOf(current)) {
    const text = sourceOf(current as never);
    if (text === null) return current === Function.prototype ? { names: [], open: false } : null;
    if (!/^class\b/.test(text)) return readList(text, text.indexOf('('));
    const at = findConstructor(text);
    if (at !== -1) return readList(text, at);
  }
  return null;
}

/** Function text above this length is a bundle, not a signature. */
const textMax = 1_000_000;

function sourceOf(value: (...args: never[]) => unknown): string | null {
  const text = Function.prototype.toString.call(value);
  return text.length > textMax || /\{\s*\[native code\]\s*\}$/.test(text) ? null : text;
}

/** Index of the "(" of `constructor(` among the members of a class, −1 when it has none. */
function findConstructor(text: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const next = skipLiteral(text, at);
    if (next === -1) return -1;
    if (next > at) {
      at = next - 1;
      continue;
    }
    const char = text[at] as string;
    if ('([{'.includes(char)) depth++;
    else if (')]}'.includes(char)) depth--;
    else if (depth === 1 && text.startsWith('constructor', at) && /[\s{};]/.test(text[at - 1] ?? '')) {
      const open = /^constructor\s*\(/.exec(text.slice(at, at + 200));
      if (open) return at + open[0].length - 1;
    }
  }
  return -1;
}

/** Reads the list whose "(" is at `start`. */
function readList(text: string, start: number): Parameters | null {
  const parts: string[] = [];
  let depth = 0;
  let part = '';
  for (let at = start; at < text.length; at++) {
    const next = skipLiteral(text, at);
    if (next === -1) return null;
    if (next > at) {
      part += ' ';
      at = next - 1;
      continue;
    }
    const char = text[at] as string;
    if ('([{'.includes(char)) depth++;
    if (')]}'.includes(char)) depth--;
    if (depth === 0 || (depth === 1 && char === ',')) {
      parts.push(part);
      part = '';
      if (depth === 0) {
        const body = text.slice(at);
        return nameAll(parts, /\barguments\b/.test(body));
      }
    } else if (at > start) part += char;
  }
  return null;
}

function nameAll(parts: readonly string[], readsArguments: boolean): Parameters | null {
  const written = parts.map((part) => part.trim());
  if (written.at(-1) === '') written.pop(); // an empty list, or a trailing comma
  const rest = written.at(-1)?.startsWith('...') ?? false;
  const names: (string | null)[] = [];
  for (const part of rest ? written.slice(0, -1) : written) {
    const name = /^([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:=|$)/u.exec(part)?.[1];
    if (name === undefined && !/^[{[]/.test(part)) return null;
    names.push(name ?? null);
  }
  return { names, open: rest || readsArguments };
}

/** Index after the string, template, comment or regular expression at `at`; `at` when there is none; −1 when it never ends. */
function skipLiteral(text: string, at: number): number {
  const char = text[at];
  if (char === '"' || char === "'") return skipQuoted(text, at, char);
  if (char === '`') return skipTemplate(text, at);
  if (char !== '/') return at;
  if (text[at + 1] === '/') return endOf(text, '\n', at);
  if (text[at + 1] === '*') return endOf(text, '*/', at + 2);
  const before =
    text
      .slice(Math.max(0, at - 100), at)
      .trimEnd()
      .at(-1) ?? '';
  return '(,=:[!&|?{};+-*%<>~^'.includes(before) ? skipRegExp(text, at) : at;
}

function skipQuoted(text: string, at: number, quote: string): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === quote) return end + 1;
  }
  return -1;
}

function skipTemplate(text: string, at: number): number {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === '`') return end + 1;
    else if (text.startsWith('${', end)) {
      end = skipBraces(text, end + 1);
      if (end === -1) return -1;
    }
  }
  return -1;
}

/** Index of the "}" that closes the "{" at `at`. */
function skipBraces(text: string, at: number): number {
  let depth = 0;
  for (let end = at; end < text.length; end++) {
    const next = skipLiteral(text, end);
    if (next === -1) return -1;
    if (next > end) end = next - 1;
    else if (text[end] === '{') depth++;
    else if (text[end] === '}' && --depth === 0) return end;
  }
  return -1;
}

function skipRegExp(text: string, at: number): number {
  let inClass = false;
  for (let end = at + 1; end < text.length && text[end] !== '\n'; end++) {
    if (text[end] === '\\') end++;
    else if (text[end] === '[') inClass = true;
    else if (text[end] === ']') inClass = false;
    else if (text[end] === '/' && !inClass) return end + 1;
  }
  return -1;
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? -1 : found + mark.length;
}
