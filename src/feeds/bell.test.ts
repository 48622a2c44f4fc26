import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manualClock } from '../lib/clock.ts';
import { createBell } from './bell.ts';

const signal = new AbortController().signal;

test('createBell() wakes the waiter, and keeps a ring for the next', async () => {
  const bell = createBell();
  const waiting = bell.rung(signal);
  bell.ring();
  await waiting;
  bell.ring();
  assert.equal(await bell.rungBefore(10, manualClock(0), signal), true);
});

test('createBell() tells a ring from the time running out', async () => {
  const clock = manualClock(0);
  const waiting = createBell().rungBefore(10, clock, signal);
  clock.set(10);
  assert.equal(await waiting, false);
});

test('createBell() lets go when the signal aborts', async () => {
  const stop = new AbortController();
  const waiting = createBell().rung(stop.signal);
  stop.abort();
  await waiting;
});
