import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { compressAnswer, decompressAnswer } from './codec.ts';

test('compressAnswer() shrinks a long answer, and decompressAnswer() gives it back', async () => {
  const answer = Buffer.from(JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ loc: i / 7, scale: 0.1 }))));
  const { codec, payload } = await compressAnswer(answer);
  assert.equal(codec, 'br');
  assert.ok(payload.length < answer.length / 2);
  assert.deepEqual(Buffer.from(decompressAnswer(codec, payload, answer.length)), answer);
});

test('compressAnswer() leaves what is short or dense as it came', async () => {
  const short = Buffer.from('null');
  assert.deepEqual(await compressAnswer(short), { codec: 'raw', payload: short });
  const dense = Buffer.concat(Array.from({ length: 30 }, (_, i) => createHash('sha256').update(String(i)).digest()));
  assert.deepEqual(await compressAnswer(dense), { codec: 'raw', payload: dense });
});

test('decompressAnswer() stops at its limit', () => {
  const bomb = brotliCompressSync(Buffer.alloc(10_000_000));
  assert.throws(() => decompressAnswer('br', bomb, 1_000_000), /into at most 1000000/);
  assert.throws(() => decompressAnswer('br', bomb, 1_000_000, 20_000_000), /into at most 1000000/);
  assert.throws(() => decompressAnswer('raw', Buffer.alloc(11), 10), /11 bytes, at most 10/);
  assert.throws(() => decompressAnswer('br', Buffer.from('not brotli'), 100), /Cannot unpack an answer of 10 bytes/);
  assert.throws(() => decompressAnswer('br', Buffer.from([1, 2]), 100, 0), /Cannot unpack an answer of 2 bytes/);
});
