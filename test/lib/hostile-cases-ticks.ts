// Faults 25 and 26: history is encoded once and sent in bounded pieces; no failed tick leaves a hole in what
// a model knows.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freshDatabase } from '../../src/storage/test-database.ts';
import { temporaryFolder } from './condor.ts';
import { eventually, sleep } from './eventually.ts';
import { type Arena, honestIds, startArena } from './hostile-arena.ts';
import type { Cases } from './hostile-cases-models.ts';
import { assertHonestUnharmed } from './hostile-check.ts';
import type { Question } from './hostile-models.ts';

const mebibyte = 2 ** 20;

async function assertHistoryIsEncodedOnce(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const encodingsFile = join(temporaryFolder(t), 'encodings');
  // As many prices as thirty days of four assets by the minute.
  const game = { symbols: ['COIN', 'DICE', 'CARD', 'REEL'], historySeconds: 43_200, encodingsFile };
  const arena = await startArena(t, { databaseUrl: url, game });
  await arena.closedRounds(2, 60);
  const late = await arena.honest.start({});
  arena.orchestrator.announce('late', late.port);
  const rounds = await eventually('a round with the late one', 30, async () => {
    const all = await arena.rounds();
    return all.some(({ isClosed, memberIds }) => isClosed && memberIds.includes('late')) && all;
  });
  await assertHonestUnharmed(arena, rounds);

  const reports = await Promise.all([...honestIds.keys(), late.index].map((index) => arena.reportOf(index)));
  for (const { ticks } of reports) {
    const largest = Math.max(...ticks.map(({ bytes }) => bytes));
    assert.ok(largest < mebibyte, `a tick of ${largest} bytes`);
    const total = ticks.reduce((sum, { bytes }) => sum + bytes, 0);
    assert.ok(total > 3 * mebibyte, `all history together has ${total} bytes`);
  }
  // All but the last, which ends where the model came in.
  const chunks = reports.map(({ ticks }) =>
    ticks
      .filter(({ bytes }) => bytes > mebibyte / 4)
      .map(({ sha256 }) => sha256)
      .slice(0, -1),
  );
  for (const own of chunks) assert.deepEqual(own, chunks[0], 'everybody gets the same bytes');
  const counts = readFileSync(encodingsFile, 'utf8').trim().split('\n').map(Number);
  const chunkPrices = Math.max(...counts);
  assert.equal(counts.filter((count) => count === chunkPrices).length, chunks[0]?.length, `encoded: ${counts}`);
}

async function assertFailedTicksAreHealed(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const arena = await startArena(t, { databaseUrl: url, offenders: { offender: {} } });
  const offender = arena.offender('offender');
  await arena.closedRounds(2, 60);
  for (const tick of ['raise', 'reset', 'garbage', 'busy', 'crash'] as const) {
    await offender.behave(0, { tick });
    await sleep(2_500);
    await offender.behave(0, { tick: 'honest' });
    await assertCatchesUp(arena, 0);
  }
  await assertHonestUnharmed(arena, await arena.rounds());
  await assertNeverSawAHole(arena, [0]);
}

async function assertTimedOutTickIsHealed(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const arena = await startArena(t, { databaseUrl: url, offenders: { offender: {} } });
  const offender = arena.offender('offender');
  await arena.closedRounds(2, 60);
  await offender.behave(0, { tick: 'silent' });
  await sleep(2_500);
  await offender.behave(0, { tick: 'honest' });
  await assertCatchesUp(arena, 0, 75); // a tick is given up after a minute
  const { counts } = await offender.report(0);
  assert.ok((counts.cancelled ?? 0) >= 1);
  await assertHonestUnharmed(arena, await arena.rounds());
  await assertNeverSawAHole(arena, [0]);
}

async function assertHistoryIsSentAgain(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const arena = await startArena(t, { databaseUrl: url, offenders: { offender: {} } });
  const offender = arena.offender('offender');
  await arena.closedRounds(2, 60);
  await offender.forget(0);
  await assertCatchesUp(arena, 0);
  await offender.drop(0);
  await assertCatchesUp(arena, 0);
  await offender.drop(0, { keepInstance: true });
  await assertCatchesUp(arena, 0);
  const { index, port } = await offender.start({});
  arena.orchestrator.announce('offender', port, 'offender-2');
  await assertCatchesUp(arena, index);
  await assertHonestUnharmed(arena, await arena.rounds());
  await assertNeverSawAHole(arena, [0, index]);
  const first = (await offender.report(0)).questions[0] as Question;
  const last = (await offender.report(index)).questions.at(-1) as Question;
  assert.deepEqual(
    Object.values(last.known).map(([span]) => span?.[0]),
    Object.values(first.known).map(([span]) => span?.[0]),
    'from the first instant on',
  );
}

/** Waits until the offender is asked something that begins now, knowing all. */
async function assertCatchesUp(arena: Arena, index: number, seconds = 30): Promise<void> {
  const since = Date.now() / 1000;
  await eventually(
    'the offender knows everything again',
    seconds,
    async () => {
      const question = (await arena.offender('offender').report(index)).questions.at(-1);
      if (question === undefined || question.startedAt < since) return null;
      return (question.known[question.asset]?.at(-1)?.[1] ?? 0) >= question.startedAt - 1;
    },
    () => arena.predict.tail(),
  );
}

/** At no question there was a hole in what it had been told, and never less than the history. */
async function assertNeverSawAHole(arena: Arena, indexes: readonly number[]): Promise<void> {
  for (const index of indexes) {
    for (const { startedAt, known } of (await arena.offender('offender').report(index)).questions) {
      if (Object.keys(known).length === 0) continue; // it answered that it has no instance, and was set up anew
      for (const spans of Object.values(known)) {
        const [[from, to] = [Number.NaN, Number.NaN]] = spans;
        assert.equal(spans.length, 1, `at ${startedAt} it knew ${JSON.stringify(known)}`);
        assert.ok(to - from >= 590, `at ${startedAt} it knew ${JSON.stringify(known)}`);
      }
    }
  }
}

export const tickFaults: Cases = {
  'fault 26: a tick that times out is healed by the next': assertTimedOutTickIsHealed,
  'fault 26: ticks that fail are healed by the next': assertFailedTicksAreHealed,
  'fault 26: history is sent again to a new instance and a new deployment': assertHistoryIsSentAgain,
  'fault 25: history is encoded once for everybody, in pieces below 1 MiB': assertHistoryIsEncodedOnce,
};
