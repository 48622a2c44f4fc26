// The complementary error function and its scaled form.

import stdlibErfc from '@stdlib/math-base-special-erfc';

/** erfc(x) = 2/√π ∫ₓ^∞ e^{−t²} dt. */
export function erfc(x: number): number {
  return stdlibErfc(x);
}

const inverseSqrtPi = 1 / Math.sqrt(Math.PI);

/** e^{x²} erfc(x) for x ≥ 0: about 1/(x√π), where erfc itself underflows. */
export function scaledErfc(x: number): number {
  // e^{x²} multiplies the rounding of x² by x²: 1e-14 at 8, from where the continued fraction is exact.
  if (x < 8) return Math.exp(x * x) * erfc(x);
  let fraction = x;
  for (let k = 20; k >= 1; k--) fraction = x + k / 2 / fraction;
  return inverseSqrtPi / fraction;
}
