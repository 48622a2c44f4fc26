// Growing waits between tries, spread so that hundreds of peers that failed together don't return together.

export interface Backoff {
  /** How long to wait before the next try. At least `minMs`, at most 1.5 × `maxMs`. */
  nextMs(): number;
  /** After a lasting success. */
  reset(): void;
}

/** Doubles from `minMs` to `maxMs`; each wait is stretched by up to a half, by a generator seeded with `seed`. */
export function createBackoff({ minMs, maxMs, seed }: { minMs: number; maxMs: number; seed: string }): Backoff {
  let state = hashText(seed);
  let tries = 0;
  return {
    nextMs() {
      // One step of a 32-bit linear congruential generator (Numerical Recipes); its high bits are good enough here.
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const waitMs = Math.min(maxMs, minMs * 2 ** tries);
      tries = Math.min(tries + 1, 30); // 2^30 × minMs is beyond every maxMs
      return waitMs * (1 + state / 2 ** 33);
    },
    reset() {
      tries = 0;
    },
  };
}

/** FNV-1a over UTF-16 units: spreads ids evenly, on every machine alike. */
export function hashText(text: string): number {
  let hash = 2166136261;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619) >>> 0;
  return hash;
}
