// Doubles as the ordered list they are, so that bisecting between any two ends within 65 steps.

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** The double half-way, by count of doubles, between `low` and `high` > `low`; `low` itself when they are neighbours. */
export function middleDouble(low: number, high: number): number {
  const middle = (placeOf(low) + placeOf(high)) >> 1n;
  bits[0] = middle >= 0n ? middle : -middle | signBit;
  return double[0] as number;
}

const signBit = -(1n << 63n);

/** How many doubles lie between 0 and x, negative below 0. Infinity is the neighbour of the largest double. */
function placeOf(x: number): bigint {
  double[0] = Math.abs(x);
  const distance = bits[0] as bigint;
  return x < 0 ? -distance : distance;
}
