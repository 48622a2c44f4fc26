import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../lib/log.ts';
import { type LoopDeps, runLoop } from './loop.ts';
import type { Now } from './pass.ts';
import { createWakeup } from './wakeup.ts';

const current: Now = {
  competition: { game: 'tiny', world: 'simulated:1', seed: 1, boardEverySeconds: 60, alwaysOpen: [] },
  clock: { now: 100, speed: 1, mode: 'live', startedAt: 0 },
};
const idle = { committed: 0, published: 0, checked: 0, hasMore: false };

/** Runs the loop over these answers of the database (an Error is thrown), then stops it. */
async function turns(answers: readonly (Now | null | Error)[], run: () => void = () => {}) {
  const stop = new AbortController();
  const log: string[] = [];
  const queue = [...answers];
  const deps: LoopDeps = {
    settlements: {
      async competition() {
        const answer = queue.shift();
        if (queue.length === 0) stop.abort();
        if (answer instanceof Error) throw answer;
        return answer ?? null;
      },
    },
    createPass() {
      log.push('made');
      return async ({ competition }) => {
        log.push(`turn ${competition.world}`);
        run();
        return idle;
      };
    },
    gameName: 'tiny',
    wakeup: { hint() {}, wait: async () => {} },
    log: silentLog,
  };
  await runLoop(deps, stop.signal);
  return log;
}

test('runLoop() waits for a competition, then makes one pass and turns it', async () => {
  assert.deepEqual(await turns([null, current, current]), ['made', 'turn simulated:1', 'turn simulated:1']);
});

test('runLoop() outlives a database that is away, and starts afresh after it', async () => {
  const log = await turns([current, new Error('away'), current, current]);
  assert.deepEqual(log, ['made', 'turn simulated:1', 'made', 'turn simulated:1', 'turn simulated:1']);
});

test('fault 5.1 #4: runLoop() outlives a turn that throws', async () => {
  let isFirst = true;
  const log = await turns([current, current, current], () => {
    if (isFirst) {
      isFirst = false;
      throw new Error('a defect');
    }
  });
  assert.deepEqual(log, ['made', 'turn simulated:1', 'made', 'turn simulated:1', 'turn simulated:1']);
});

test('runLoop() scores nothing of another game, and starts afresh in another world', async () => {
  const other = { ...current, competition: { ...current.competition, game: 'huge' } };
  const elsewhere = { ...current, competition: { ...current.competition, world: 'simulated:2' } };
  const log = await turns([other, current, elsewhere, elsewhere]);
  assert.deepEqual(log, ['made', 'turn simulated:1', 'made', 'turn simulated:2', 'turn simulated:2']);
});

test('wait() is over at a hint, also one that came before', { timeout: 5000 }, async () => {
  const wakeup = createWakeup();
  const { signal } = new AbortController();
  wakeup.hint();
  await wakeup.wait(1_000_000, signal);
  const waiting = wakeup.wait(1_000_000, signal);
  wakeup.hint();
  await waiting;
  await wakeup.wait(1, signal);
});
