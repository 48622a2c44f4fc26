// Answers to synth's questions with the digits of Python's json.dumps: every density has parameters of its own.

import { brotliCompressSync, constants } from 'node:zlib';
import type { Profile } from 'condor-coordinator';

export interface Packed {
  readonly bytes: number;
  readonly payload: Uint8Array;
}

/**
 * What a model answers: normals (`parts` 1) or mixtures of three (3), for each step size of the profile, around the
 * volatility of a second. Compressed as predict does it.
 */
export function packedAnswer(
  { horizonSeconds, stepsSeconds }: Pick<Profile, 'horizonSeconds' | 'stepsSeconds'>,
  {
    parts,
    secondVolatility,
    random,
  }: { readonly parts: 1 | 3; readonly secondVolatility: number; readonly random: () => number },
): Packed {
  const lists = stepsSeconds.map((step) => {
    const sigma = secondVolatility * Math.sqrt(step);
    const densities = Array.from({ length: horizonSeconds / step }, () => density(parts, sigma, random));
    return `"${step}": [${densities.join(', ')}]`;
  });
  const bytes = Buffer.from(`{${lists.join(', ')}}`);
  const payload = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 1, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  return { bytes: bytes.length, payload };
}

function density(parts: 1 | 3, sigma: number, random: () => number): string {
  if (parts === 1) return normal(sigma, random);
  const [first, second] = [0.2 + 0.3 * random(), 0.1 + 0.3 * random()];
  const components = [first, second, 1 - first - second].map(
    (weight) => `{"density": ${normal(sigma, random)}, "weight": ${weight}}`,
  );
  return `{"type": "mixture", "components": [${components.join(', ')}]}`;
}

function normal(sigma: number, random: () => number): string {
  const loc = sigma * (random() - 0.5) * 0.2;
  const scale = sigma * (0.7 + 0.8 * random());
  return `{"type": "builtin", "name": "norm", "params": {"loc": ${loc}, "scale": ${scale}}}`;
}
