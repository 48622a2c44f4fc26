// JSON as Python writes it: `NaN`, `Infinity` and `-Infinity` are values, and integers have any length.
// Integers beyond 2^53 come back as bigint, never silently rounded; which type it is depends on the size
// alone, so that of two timestamps in nanoseconds not one is a number and one a bigint.

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whole numbers of 16 digits and more, which JSON.parse might round. */
const longInteger = /(?<![\d.eE])\d{16,}(?![\d.eE])/;

/** Python's own limit; reading an integer costs the square of its length. */
const integerDigitsMax = 4300;

/** Python gives up at about 1000; a stack of ours holds far more than this. */
const depthMax = 500;

/**
 * The value of a JSON text in UTF-8.
 * @throws SyntaxError or TypeError, in one short line, when it is not one (a byte order mark included).
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = utf8.decode(bytes);
  if (!longInteger.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // Perhaps Python's tokens; the slow reader decides.
    }
  }
  return new Reader(text).document();
}

class Reader {
  #at = 0;
  #depth = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  document(): unknown {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#fail('more text after the value');
    return value;
  }

  #value(): unknown {
    this.#space();
    const char = this.#text[this.#at];
    if (char === '{') return this.#nested(() => this.#object());
    if (char === '[') return this.#nested(() => this.#array());
    if (char === '"') return this.#string();
    for (const [word, value] of words) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return value;
      }
    }
    return this.#number();
  }

  #nested(read: () => unknown): unknown {
    if (++this.#depth > depthMax) this.#fail(`more than ${depthMax} levels`);
    this.#at++;
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): unknown {
    const object: Record<string, unknown> = {};
    if (this.#skip('}')) return object;
    do {
      this.#space();
      const key = this.#string();
      if (!this.#skip(':')) this.#fail('no ":" after a key');
      const value = this.#value();
      // A plain assignment of "__proto__" would replace the prototype.
      if (key === '__proto__')
        Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
      else object[key] = value;
    } while (this.#skip(','));
    if (!this.#skip('}')) this.#fail('no "}" at the end of an object');
    return object;
  }

  #array(): unknown {
    const array: unknown[] = [];
    if (this.#skip(']')) return array;
    do array.push(this.#value());
    while (this.#skip(','));
    if (!this.#skip(']')) this.#fail('no "]" at the end of an array');
    return array;
  }

  #string(): string {
    const start = this.#at;
    if (this.#text[start] !== '"') this.#fail('no string');
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1;
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, end + 1)) as string;
    } catch {
      this.#at = start;
      return this.#fail('a broken string');
    }
  }

  #number(): number | bigint {
    numberToken.lastIndex = this.#at;
    const [token, fraction, exponent] = numberToken.exec(this.#text) ?? [];
    if (token === undefined) return this.#fail('no value');
    this.#at = numberToken.lastIndex;
    const value = Number(token);
    if (fraction !== undefined || exponent !== undefined || Number.isSafeInteger(value)) return value;
    if (token.length > integerDigitsMax) return this.#fail(`an integer of more than ${integerDigitsMax} digits`);
    return BigInt(token);
  }

  #skip(char: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    spaces.lastIndex = this.#at;
    spaces.exec(this.#text);
    this.#at = spaces.lastIndex;
  }

  /** Names the place, never the text: it may hold 64 MiB. */
  #fail(what: string): never {
    throw new SyntaxError(`Cannot read JSON: ${what} at character ${this.#at}`);
  }
}

const words: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
];
const numberToken = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const spaces = /[ \t\n\r]*/y;
