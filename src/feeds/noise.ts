// Random numbers addressed by place instead of drawn in order, so that any instant of a simulated market
// can be computed alone. Only integer mixing and + − × ÷ √ on doubles, which IEEE 754 rounds alike
// everywhere; Math.exp and its kin may differ between engines.

/** 32 random bits for every whole number, independent between names. */
export type Noise = (place: number) => number;

const wordSize = 2 ** 32;

/** The noise called `name`: the same in every process. */
export function createNoise(name: string): Noise {
  const before = hashText(name, 0x811c9dc5);
  const between = hashText(name, 0x2545f491);
  return (place) => {
    const high = Math.floor(place / wordSize); // 0 for whole seconds until 2106
    return mix(mix((place ^ before) + Math.imul(high, 0x9e3779b1)) ^ between) >>> 0;
  };
}

/** Uniform in [0, 1). */
export function uniform(bits: number): number {
  return bits / wordSize;
}

/** Triangular on [−√6, √6): mean 0, variance 1, bounded. */
export function triangular(bits: number): number {
  return (((bits & 0xffff) + (bits >>> 16)) / 65536 - 1) * 2.449489742783178;
}

/**
 * Smooth noise: `triangular` values at whole positions, joined by cubic ease curves. Its variance is 1 at
 * whole positions and about 0.74 on average.
 */
export function lattice(noise: Noise, position: number): number {
  const left = Math.floor(position);
  const offset = position - left;
  const ease = offset * offset * (3 - 2 * offset);
  return triangular(noise(left)) * (1 - ease) + triangular(noise(left + 1)) * ease;
}

/** e^x within 1e-12 relative for |x| ≤ 50, by halving, a Taylor polynomial and squaring. */
export function exponential(x: number): number {
  let halvings = 0;
  while (Math.abs(x) > 0.125) {
    x /= 2;
    halvings += 1;
  }
  let sum = 1 + x / 9;
  for (let term = 8; term > 0; term -= 1) sum = 1 + (x * sum) / term;
  for (; halvings > 0; halvings -= 1) sum *= sum;
  return sum;
}

/** Mixing function "lowbias32" of Wellons and Ettinger (github.com/skeeto/hash-prospector). */
function mix(word: number): number {
  word = Math.imul(word ^ (word >>> 16), 0x21f0aaad);
  word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
  return word ^ (word >>> 15);
}

/** FNV-1a over UTF-16 units, mixed at the end. */
function hashText(text: string, start: number): number {
  let hash = start;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mix(hash);
}
