// ln f of a density, also where f itself underflows.

import type { Leaf } from './density.ts';
import type { Law } from './law.ts';

/** ln Σ wᵢfᵢ(x) by log-sum-exp, weights > 0; −Infinity where no leaf has mass, Infinity at a pole. */
export function logPdf(leaves: readonly Leaf[], x: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  let sum = 0; // of e^(term − largest)
  for (const leaf of leaves) {
    const term = Math.log(leaf.weight) + logLawPdf(leaf.law, (x - leaf.loc) / leaf.scale) - Math.log(leaf.scale);
    if (term === Number.POSITIVE_INFINITY || Number.isNaN(term)) return term;
    if (term === Number.NEGATIVE_INFINITY) continue;
    if (term > largest) {
      sum = sum * Math.exp(largest - term) + 1;
      largest = term;
    } else {
      sum += Math.exp(term - largest);
    }
  }
  return largest + Math.log(sum); // −Infinity + −Infinity where there was no term
}

/** Laws without their own underflow below e^−745, where a game that uses the log score has its floor. */
function logLawPdf(law: Law, z: number): number {
  return law.logPdf === undefined ? Math.log(law.pdf(z)) : law.logPdf(z);
}
