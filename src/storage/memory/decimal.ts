// Exact decimal sums, as PostgreSQL's numeric makes them.

/** `digits` · 10^−`scale` */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** The exact sum of the shortest decimals that are these numbers; plain notation, no trailing zeros. */
export function exactSum(values: readonly number[]): string {
  const decimals = values.map(parse);
  const scale = Math.max(0, ...decimals.map((decimal) => decimal.scale));
  const digits = decimals.reduce((sum, decimal) => sum + decimal.digits * 10n ** BigInt(scale - decimal.scale), 0n);
  return print({ digits, scale });
}

/** JavaScript prints a number's shortest decimal, such as `-1.25e-7`. */
function parse(value: number): Decimal {
  const [mantissa = '', exponent = '0'] = String(value).split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const scale = fraction.length - Number(exponent);
  const digits = BigInt(whole + fraction);
  return scale >= 0 ? { digits, scale } : { digits: digits * 10n ** BigInt(-scale), scale: 0 };
}

function print({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const text = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const whole = text.slice(0, text.length - scale);
  const fraction = text.slice(text.length - scale).replace(/0+$/, '');
  return sign + whole + (fraction === '' ? '' : `.${fraction}`);
}
