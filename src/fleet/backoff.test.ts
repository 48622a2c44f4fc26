import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackoff } from './backoff.ts';

test('createBackoff() never waits less than minMs nor more than 1.5 × maxMs, and starts over after reset()', () => {
  const backoff = createBackoff({ minMs: 1000, maxMs: 30_000, seed: 'x' });
  const waits = Array.from({ length: 100 }, () => backoff.nextMs());
  assert.ok(waits.every((ms) => ms >= 1000 && ms <= 45_000));
  assert.ok((waits.at(-1) ?? 0) >= 30_000);
  backoff.reset();
  assert.ok(backoff.nextMs() <= 1500);
});

test('createBackoff() spreads peers that failed together', () => {
  const first = (seed: string) => createBackoff({ minMs: 1000, maxMs: 30_000, seed }).nextMs();
  const waits = new Set(Array.from({ length: 100 }, (_, i) => Math.round(first(`model-${i}`) / 50)));
  assert.ok(waits.size >= 8); // of the ten slots of 50 ms
});
