// ln f of a density, also where f itself underflows.

import type { Leaf } from './density.ts';
import { logOnePlusSquare, studentScale } from './special/student-tail.ts';

/** ln Σ wᵢfᵢ(x) by log-sum-exp, weights > 0; −Infinity where no leaf has mass, Infinity at a pole. */
export function logPdf(leaves: readonly Leaf[], x: number): number {
  let largest = Number.NEGATIVE_INFINITY;
  let sum = 0; // of e^(term − largest)
  for (const leaf of leaves) {
    const term = Math.log(leaf.weight) + logLeafPdf(leaf, (x - leaf.loc) / leaf.scale) - Math.log(leaf.scale);
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

const logSqrtTwoPi = 0.5 * Math.log(2 * Math.PI);

/** Other families underflow below e^−745, where a game that uses the log score has its floor. */
function logLeafPdf({ name, law, shapes }: Leaf, z: number): number {
  switch (name) {
    case 'norm':
      return -0.5 * z * z - logSqrtTwoPi;
    case 'laplace':
      return -Math.abs(z) - Math.LN2;
    case 't': {
      const df = shapes[0] as number; // a t has one shape
      return (-(df + 1) / 2) * logOnePlusSquare(z, df) - Math.log(studentScale(df));
    }
    default:
      return Math.log(law.pdf(z));
  }
}
