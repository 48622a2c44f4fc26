// Strangers' words on a public endpoint. Names are cleaned when they enter the database; this is the last
// door they pass, so it makes the same promise whatever wrote the row. Escaping is the page's duty.

// Control characters, line separators, everything that turns the direction of text, and invisible fillers.
const unwanted = /[\p{Cc}\u2028\u2029\u061C\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF]/gu;

/** `text` without control and bidi characters, trimmed, at most `max` characters (an ellipsis marks a cut). */
export function publicText(text: string, max: number): string {
  const characters = [
    ...text
      .replace(unwanted, '')
      .replace(/\p{Cs}/gu, '\uFFFD')
      .trim(),
  ];
  return characters.length <= max ? characters.join('') : `${characters.slice(0, max - 1).join('')}…`;
}

/** Longest name shown: the hub's longest real ones have about 40 characters. */
export const nameMax = 80;

/** A model's or cruncher's name as the public sees it; `otherwise` when nothing is left of it. */
export function publicName(name: string, otherwise: string): string {
  return publicText(name, nameMax) || otherwise;
}
