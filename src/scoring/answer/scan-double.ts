// From the digits of a JSON number to the nearest double, for the numbers models send: at most 18 digits, around 1.
// The engine's own conversion, 100 ns for the 17 digits Python writes, is left the rest.

/** The last number scanned: one object, used again. */
export interface Scanned {
  /** False where there is no number of JSON's grammar. */
  isNumber: boolean;
  value: number;
  /** Where it ends. */
  end: number;
}

const scanned: Scanned = { isNumber: false, value: 0, end: 0 };

// 10^k as the double next to it and what is left over.
const powerMost = 40; // 10^40 and every value below stay far from overflow and underflow
const powers = Float64Array.from({ length: powerMost + 1 }, (_, k) => Number(10n ** BigInt(k)));
const rests = powers.map((power, k) => Number(10n ** BigInt(k) - BigInt(power)));
const exactPowerMost = 22; // 5^22 < 2^53
const chunkDigits = 9;

const minus = 45;
const plus = 43;
const point = 46;
const zero = 48;
const nine = 57;
const letterE = 101;

/** The number that starts at `start`. */
export function scanDouble(bytes: Uint8Array, start: number): Readonly<Scanned> {
  const { length } = bytes;
  const isNegative = bytes[start] === minus;
  let at = isNegative ? start + 1 : start;
  const firstAt = at;
  let high = 0; // the first 9 significant digits, as an integer
  let stop = Math.min(length, at + chunkDigits);
  while (at < stop && isDigit(bytes[at] as number)) {
    high = high * 10 + ((bytes[at] as number) - zero);
    at++;
  }
  const whole = at - firstAt;
  if (whole === 0 || (whole > 1 && bytes[firstAt] === zero)) return noNumber(at);
  let low = 0; // the next 9
  let lowDigits = 0;
  let exponent = 0;
  if (at < length && bytes[at] === point) {
    const fractionAt = ++at;
    if (high === 0) while (at < length && bytes[at] === zero) at++;
    stop = Math.min(length, at + chunkDigits - (high === 0 ? 0 : whole));
    while (at < stop && isDigit(bytes[at] as number)) {
      high = high * 10 + ((bytes[at] as number) - zero);
      at++;
    }
    const lowAt = at;
    stop = Math.min(length, at + chunkDigits);
    while (at < stop && isDigit(bytes[at] as number)) {
      low = low * 10 + ((bytes[at] as number) - zero);
      at++;
    }
    lowDigits = at - lowAt;
    exponent = fractionAt - at;
    if (exponent === 0) return noNumber(at);
  }
  const next = at < length ? (bytes[at] as number) : 0;
  if (isDigit(next)) return scanAny(bytes, start); // more digits than these
  if (next === letterE || next === letterE - 32) {
    const sign = bytes[++at];
    if (sign === plus || sign === minus) at++;
    const exponentAt = at;
    let written = 0;
    while (at < length && isDigit(bytes[at] as number)) {
      written = Math.min(written * 10 + ((bytes[at] as number) - zero), 9999);
      at++;
    }
    if (at === exponentAt) return noNumber(at);
    exponent += sign === minus ? -written : written;
  }
  const value = nearest(high, low, lowDigits, exponent);
  if (Number.isNaN(value)) return scanAny(bytes, start);
  return result(isNegative ? -value : value, at);
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= nine;
}

const grammar = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const numberBytes = new Set([...'0123456789+-.eE'].map((letter) => letter.charCodeAt(0)));

/** Any number, by the engine's own conversion. */
function scanAny(bytes: Uint8Array, start: number): Scanned {
  let end = start;
  while (end < bytes.length && numberBytes.has(bytes[end] as number)) end++;
  const text = decoder.decode(bytes.subarray(start, end));
  return grammar.test(text) ? result(Number(text), end) : noNumber(end);
}

const decoder = new TextDecoder();

function result(value: number, end: number): Scanned {
  scanned.isNumber = true;
  scanned.value = value;
  scanned.end = end;
  return scanned;
}

function noNumber(end: number): Scanned {
  scanned.isNumber = false;
  scanned.end = end;
  return scanned;
}

/**
 * The double nearest to (high·10^lowDigits + low)·10^exponent; NaN where this way can't tell. Integers and powers
 * that are doubles need one rounding (Clinger 1990); otherwise a quotient is corrected by its remainder, worked out
 * exactly by Dekker's product, and the correction decides unless it comes within 1e-29 of a tie.
 */
function nearest(high: number, low: number, lowDigits: number, exponent: number): number {
  const shifted = lowDigits > 0 ? high * (powers[lowDigits] as number) : high; // exact: 30 + 21 bits and a power of 2
  const integer = shifted + low;
  if (integer === 0) return 0;
  const lost = low - (integer - shifted);
  const k = exponent < 0 ? -exponent : exponent;
  if (k > powerMost) return Number.NaN;
  const power = powers[k] as number;
  if (lost === 0 && integer <= Number.MAX_SAFE_INTEGER && k <= exactPowerMost) {
    return exponent < 0 ? integer / power : integer * power;
  }
  if (exponent >= 0) return Number.NaN;
  const quotient = integer / power;
  const product = quotient * power;
  const a = splitHigh(quotient);
  const b = splitHigh(power);
  const restA = quotient - a;
  const restB = power - b;
  const productLost = restA * restB - (product - a * b - restA * b - a * restB);
  const remainder = integer - product - productLost + lost - quotient * (rests[k] as number);
  const correction = remainder / power;
  const doubt = quotient * 1e-29;
  const nearer = quotient + (correction - doubt);
  return nearer === quotient + (correction + doubt) ? nearer : Number.NaN;
}

/** The upper 26 bits (Veltkamp). */
function splitHigh(value: number): number {
  const scaled = value * 134_217_729; // 2^27 + 1
  return scaled - (scaled - value);
}
