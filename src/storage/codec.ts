// How answers are kept: compressed by the client, on libuv's threads, with the codec's name beside them so
// that a better one can follow. They are unpacked in scoring threads, which have nothing else to do meanwhile.

import { promisify } from 'node:util';
import { brotliCompress, brotliDecompressSync, constants } from 'node:zlib';

export type Codec = 'br' | 'raw';

const compress = promisify(brotliCompress);

const compressMin = 256; // bytes; below, brotli's framing and a thread's wake-up cost more than is won

// Libuv has four threads, so all of a round's answers at once win nothing, and their encoders cost the main
// thread: 300 of 56 KB stalled it for 48 ms at a time and 164 in all, against 17 and 80 (a busy machine).
const atOnceMost = 8;
let running = 0;
const waiting: (() => void)[] = [];

/** The bytes as they are stored. Quality 1: 53 KB of densities become 8 KB in well under a millisecond. */
export async function compressAnswer(bytes: Uint8Array): Promise<{ codec: Codec; payload: Uint8Array }> {
  if (bytes.length < compressMin) return { codec: 'raw', payload: bytes };
  const payload = await inTurn(() =>
    compress(bytes, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: 1,
        [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
      },
    }),
  );
  return payload.length < bytes.length ? { codec: 'br', payload } : { codec: 'raw', payload: bytes };
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < atOnceMost) running += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve)); // who ends hands its place on
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
}

/**
 * The bytes as they came. Told how many they are (`expectedBytes`, a hint), it needs one piece of memory for them.
 * @throws Error when they would be more than `maxBytes`, or `payload` isn't what `codec` says.
 */
export function decompressAnswer(
  codec: Codec,
  payload: Uint8Array,
  maxBytes: number,
  expectedBytes = 16_384,
): Uint8Array {
  if (codec === 'raw') {
    if (payload.length > maxBytes)
      throw new Error(`Cannot unpack an answer: ${payload.length} bytes, at most ${maxBytes}`);
    return payload;
  }
  try {
    const chunkSize = Math.max(chunkMin, Math.min(expectedBytes, maxBytes) + 1); // one more, so that it isn't full
    return brotliDecompressSync(payload, { maxOutputLength: maxBytes, chunkSize });
  } catch (cause) {
    throw new Error(
      `Cannot unpack an answer of ${payload.length} bytes into at most ${maxBytes}: ${(cause as Error).message}`,
      { cause },
    );
  }
}

const chunkMin = 64; // zlib's own lower bound
