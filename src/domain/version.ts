// The identity of a game's data part. Each round carries it, so that a change takes effect at the next
// slot and open rounds settle under their own version.

import { createHash } from 'node:crypto';
import type { Game, Json } from './game.ts';

/**
 * The data part of a game (everything but its functions) and its SHA-256 in hex, over the canonical JSON:
 * keys sorted at every level, no spaces, absent fields left out. The judgement in the functions is
 * identified by `rule.name` and `rule.version`, which are data.
 */
export function gameVersion(game: Game): { readonly id: string; readonly data: Json } {
  const data = dataPart(game);
  return { id: createHash('sha256').update(canonicalJson(data)).digest('hex'), data };
}

/** JSON with sorted keys: equal values give equal text. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(sorted(value));
}

/** A copy as plain data: no functions, no undefined. */
function dataPart(game: Game): Json {
  return sorted(JSON.parse(JSON.stringify(game)) as Json); // JSON.stringify drops functions
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value as { readonly [key: string]: Json });
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]));
}
