// JSON as models send it: strict UTF-8, and Python's bare NaN, Infinity and -Infinity, which are read as
// numbers so that a reason can name where they stand. The engine's parser is iterative: depth costs no
// stack, and what lies too deep for a density is refused by path later.

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value of `bytes`. Never throws, and a reason never carries any of them. */
export function parseAnswerJson(bytes: Uint8Array): ParsedJson {
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return { ok: false, reason: 'must be UTF-8, holds bytes that are not' };
  }
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return parseWithBareNumbers(text); // the engine's message quotes the answer: it ends here
  }
}

/** What a bare token becomes on the way: a string that nobody sends, and that would be refused as well. */
const tokens = new Map([
  ['\0NaN', Number.NaN],
  ['\0Infinity', Number.POSITIVE_INFINITY],
  ['\0-Infinity', Number.NEGATIVE_INFINITY],
]);

function parseWithBareNumbers(text: string): ParsedJson {
  if (!text.includes('NaN') && !text.includes('Infinity')) return notJson(text);
  try {
    const restore = (_key: string, value: unknown) =>
      typeof value === 'string' ? (tokens.get(value) ?? value) : value;
    return { ok: true, value: JSON.parse(quoteBareNumbers(text), restore) };
  } catch {
    return notJson(text);
  }
}

function notJson(text: string): ParsedJson {
  return { ok: false, reason: text === '' ? 'must be JSON, is empty' : 'must be JSON, is not' };
}

/** Puts `NaN`, `Infinity` and `-Infinity` outside strings into quotes, marked. */
function quoteBareNumbers(text: string): string {
  const pieces: string[] = [];
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') {
      i = endOfString(text, i);
      continue;
    }
    const token = tokenAt(text, i);
    if (token === null) continue;
    pieces.push(text.slice(copied, i), `"\\u0000${token}"`);
    i += token.length - 1;
    copied = i + 1;
  }
  return pieces.join('') + text.slice(copied);
}

function tokenAt(text: string, i: number): string | null {
  const first = text[i];
  if (first !== 'N' && first !== 'I' && first !== '-') return null;
  return ['NaN', 'Infinity', '-Infinity'].find((token) => text.startsWith(token, i)) ?? null;
}

/** Index of the quote that ends the string begun at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i;
  }
  return text.length;
}
