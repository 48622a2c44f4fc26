// Reads one recorded asset: `timestamp_unix_seconds,close`, one row a candle. The file stamps a candle's
// OPEN; what comes out is its end. Strict, because a wrong price here is a wrong score later.

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface Recording {
  /** Ends of candles, unix seconds, strictly ascending; at least one. */
  readonly pricedAt: Float64Array;
  readonly price: Float64Array;
  /** Of the file's bytes, hexadecimal. */
  readonly sha256: string;
}

const header = 'timestamp_unix_seconds,close';
const bytesMax = 256 * 1024 * 1024; // about ten million rows: 19 years of minutes, or four months of seconds
const stampMax = 253_402_300_799; // the year 9999; a larger stamp is in milliseconds
const pricePattern = /^\d+(\.\d+)?([eE][+-]?\d{1,3})?$/;

/** @throws Error naming the file, and the line, the value present and the value wanted when a row is malformed. */
export async function readRecording(directory: string, asset: string, candleSeconds: number): Promise<Recording> {
  const file = join(directory, `${asset}.csv`);
  const bytes = await readBounded(file, asset);
  return { ...parseRecording(bytes.toString('latin1'), file, candleSeconds), sha256: sha256Of(bytes) };
}

async function readBounded(file: string, asset: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size <= bytesMax) return await readFile(file);
    throw new Error(`it holds ${size} bytes, at most ${bytesMax} are read`);
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = isMissing ? 'there is no such file' : (cause as Error).message;
    throw new Error(`Cannot read prices of asset "${asset}" from "${file}": ${reason}`, { cause });
  }
}

function parseRecording(text: string, file: string, candleSeconds: number): Omit<Recording, 'sha256'> {
  const lines = linesOf(text);
  const found = lines.next();
  if (found.done || found.value !== header) {
    throw new Error(malformed(file, 1, found.done ? '' : found.value, `the header "${header}"`));
  }
  const pricedAt: number[] = [];
  const price: number[] = [];
  let number = 1;
  let previous = -1;
  for (const line of lines) {
    number += 1;
    const comma = line.indexOf(',');
    const stampText = comma < 0 ? line : line.slice(0, comma);
    const priceText = comma < 0 ? '' : line.slice(comma + 1);
    const stamp = /^\d{1,15}$/.test(stampText) ? Number(stampText) : Number.NaN;
    if (!(stamp <= stampMax)) {
      throw new Error(malformed(file, number, stampText, 'the opening of a candle in whole unix seconds'));
    }
    if (stamp % candleSeconds !== 0) {
      throw new Error(malformed(file, number, stampText, `a multiple of the game's ${candleSeconds} s candle`));
    }
    if (stamp <= previous) {
      throw new Error(malformed(file, number, stampText, `a stamp later than ${previous}, the one before`));
    }
    const value = pricePattern.test(priceText) ? Number(priceText) : Number.NaN;
    if (!(value > 0 && value < Number.POSITIVE_INFINITY)) {
      throw new Error(malformed(file, number, priceText, 'a price: a finite decimal number > 0'));
    }
    pricedAt.push(stamp + candleSeconds);
    price.push(value);
    previous = stamp;
  }
  if (pricedAt.length === 0) throw new Error(malformed(file, 2, '', 'at least one row'));
  return { pricedAt: Float64Array.from(pricedAt), price: Float64Array.from(price) };
}

/** The lines of a text without their endings (LF or CRLF); an empty piece after the last one is no line. */
function* linesOf(text: string): Generator<string, void> {
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    yield text.slice(start, text[end - 1] === '\r' ? end - 1 : end);
    start = end + 1;
  }
}

function malformed(file: string, line: number, present: string, wanted: string): string {
  const shown = present.length > 60 ? `${present.slice(0, 60)}…` : present;
  return `Cannot read "${file}" line ${line}: ${JSON.stringify(shown)} is there, wanted ${wanted}`;
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
