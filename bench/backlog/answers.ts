// Valid answers with digits like a real model's: 288 steps are 53 KB and compress to about 8 KB.

import { seededRandom } from '../../test/lib/seeded.ts';

export const kinds = 20; // different ones; more would only fill memory

/** `steps` densities, two of three of them mixtures of two normals. The same for the same `kind`. */
export function answerText(kind: number, steps: number): string {
  const random = seededRandom(kind + 1);
  const digits = (from: number, to: number) => (from + (to - from) * random()).toFixed(9);
  const normal = () =>
    `{"type":"builtin","name":"norm","params":{"loc":${digits(-1e-4, 1e-4)},"scale":${digits(0.0005, 0.004)}}}`;
  const mixture = () => {
    const weight = Math.round(1_000 * random()) / 1_000;
    const first = `{"density":${normal()},"weight":${weight}}`;
    const second = `{"density":${normal()},"weight":${Math.round(1_000 * (1 - weight)) / 1_000}}`;
    return `{"type":"mixture","components":[${first},${second}]}`;
  };
  return `[${Array.from({ length: steps }, (_, i) => (i % 3 === 0 ? normal() : mixture())).join()}]`;
}
