import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../lib/log.ts';
import { watchSkew } from './skew.ts';

/** What is known after each of the database's `answers`, measured one after another by our clock of 1000. */
async function measured(t: { after(work: () => void): void }, answers: readonly (number | 'away')[]) {
  const stopping = new AbortController();
  t.after(() => stopping.abort());
  const seen: (readonly [number, boolean])[] = [];
  let asked = 0;
  await new Promise<void>((resolve) => {
    const databaseNow = async () => {
      if (asked > 0) seen.push([skew.seconds(), skew.isTolerable()]);
      const answer = answers[asked];
      asked += 1;
      if (answer === undefined) resolve();
      if (typeof answer !== 'number') throw new Error('away');
      return answer;
    };
    const skew = watchSkew(databaseNow, silentLog, { now: () => 1_000, repeatMs: 5 });
    skew.start(stopping.signal).catch(assert.fail);
  });
  return seen;
}

test('watchSkew() goes on measuring, and tolerates half a minute and no more', async (t) => {
  assert.deepEqual(await measured(t, [1_000, 970, 1_031]), [
    [0, true],
    [30, true],
    [-31, false],
  ]);
});

test('watchSkew() keeps what it knows while the database is away', async (t) => {
  assert.deepEqual(await measured(t, [900, 'away']), [
    [100, false],
    [100, false],
  ]);
});
