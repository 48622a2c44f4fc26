// JSON as models send it: strict UTF-8, and Python's bare NaN, Infinity and -Infinity, which are read so
// that a reason can name where they stand. The engine's parser is iterative: depth costs no
// stack, and what lies too deep for a density is refused by path later.

import { scanAnswer } from './answer/scan-answer.ts';

export type ParsedJson =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value of `bytes`. Never throws, and a reason never carries any of them. */
export function parseAnswerJson(bytes: Uint8Array): ParsedJson {
  const scanned = scanAnswer(bytes);
  if (scanned !== undefined) return { ok: true, value: scanned };
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

/**
 * What a bare NaN becomes: JSON has no such number, and this string is refused where a number is wanted. The
 * infinities become numerals beyond every double. (A reviver would restore NaN, and call a function for each of
 * a million values.)
 */
export const bareNaN = '\0NaN';

// An honest answer has none, and with one of them where it counts it is refused anyway.
const bareNumbersMax = 10_000;

function parseWithBareNumbers(text: string): ParsedJson {
  if (!text.includes('NaN') && !text.includes('Infinity')) return notJson(text);
  const quoted = replaceBareNumbers(text);
  if (quoted === null) return { ok: false, reason: `must hold at most ${bareNumbersMax} bare NaN and Infinity` };
  try {
    return { ok: true, value: JSON.parse(quoted) };
  } catch {
    return notJson(text);
  }
}

function notJson(text: string): ParsedJson {
  return { ok: false, reason: text === '' ? 'must be JSON, is empty' : 'must be JSON, is not' };
}

/** Puts something that JSON can say in place of `NaN`, `Infinity` and `-Infinity` outside strings; null when too many. */
function replaceBareNumbers(text: string): string | null {
  const pieces: string[] = [];
  let copied = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === quote) {
      i = endOfString(text, i);
      continue;
    }
    if (code !== capitalN && code !== capitalI) continue;
    const token = code === capitalN ? 'NaN' : 'Infinity';
    if (!text.startsWith(token, i)) continue;
    if (pieces.length >= 2 * bareNumbersMax) return null;
    pieces.push(text.slice(copied, i), code === capitalN ? '"\\u0000NaN"' : '1e999'); // a minus sign before it stays
    i += token.length - 1;
    copied = i + 1;
  }
  return pieces.join('') + text.slice(copied);
}

const [quote, backslash, capitalI, capitalN] = [0x22, 0x5c, 0x49, 0x4e];

/** Index of the quote that ends the string begun at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === backslash) i++;
    else if (code === quote) return i;
  }
  return text.length;
}
