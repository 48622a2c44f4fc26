// Fault 1: a feed that is slow or dead costs the rounds that would have no base, and nothing else.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { freshDatabase } from '../../src/storage/test-database.ts';
import { eventually, sleep } from './eventually.ts';
import { type Arena, startArena } from './hostile-arena.ts';
import { type Mood, startHostileBinance } from './hostile-binance.ts';
import type { Cases } from './hostile-cases-models.ts';
import { assertHonestUnharmed } from './hostile-check.ts';

const game = { symbols: ['BTC', 'ETH'], historySeconds: 600 };
const outageMs = 15_000;

async function assertComesBack(mood: Mood, t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const binance = await startHostileBinance(t);
  const arena = await startArena(t, { databaseUrl: url, game, env: binance.env });
  await arena.closedRounds(2, 60);
  binance.mood = mood;
  const clockBefore = await marketNow(arena);
  await sleep(outageMs);
  const clockAfter = await marketNow(arena);
  assert.ok(clockAfter - clockBefore >= outageMs / 1_000 - 2, 'market time went on');
  binance.mood = 'honest';
  const mendedAt = Date.now() / 1000;

  const rounds = await eventually(
    'four rounds after the feed came back',
    60,
    async () => {
      const all = await arena.rounds();
      return all.filter(({ isClosed, startedAt }) => isClosed && startedAt > mendedAt).length >= 4 && all;
    },
    () => arena.predict.tail(),
  );

  // Between a stream that is back and a hole filled over REST a question may see the hole; then it is gone.
  await assertHonestUnharmed(arena, rounds, { allowsGaps: true, allowsHoles: true });
  const skips = await arena.query<{ reason: string }>('select distinct reason from skips');
  assert.deepEqual(skips, [{ reason: 'stale-prices' }]);
  const { known } = await eventually('the hole is filled at a model', 40, async () => {
    const question = (await arena.reportOf(0)).questions.at(-1);
    return question && Object.values(question.known).every((spans) => spans.length === 1) && question;
  });
  assert.ok((known.BTC?.[0]?.[0] ?? Infinity) < mendedAt - outageMs / 1000, 'and what lay before it is known');
}

async function assertWaits(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const binance = await startHostileBinance(t, 'hang');
  const arena = await startArena(t, { databaseUrl: url, game, env: binance.env });
  await sleep(8_000);
  binance.mood = 'honest';
  await assertHonestUnharmed(arena, await arena.closedRounds(4, 60));
}

async function assertSlowIsHarmless(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const binance = await startHostileBinance(t);
  const arena = await startArena(t, { databaseUrl: url, game, env: binance.env });
  await arena.closedRounds(2, 60);
  binance.mood = 'slow';
  // Prices at the edge of what is a base for a question; on a busy machine some slots are beyond it.
  await assertHonestUnharmed(arena, await arena.closedRounds(8, 60), { allowsGaps: true });
  const skips = await arena.query("select from skips where reason <> 'stale-prices'");
  assert.deepEqual(skips, []);
}

async function marketNow(arena: Arena): Promise<number> {
  const [clock] = await arena.query<{ now: number }>('select extract(epoch from now)::float8 as now from market_clock');
  return clock?.now ?? Number.NaN;
}

export const feedFaults: Cases = {
  'fault 1: a feed that hangs skips rounds, and goes on where it was': (t) => assertComesBack('hang', t),
  'fault 1: a feed that is dead skips rounds, and goes on where it was': (t) => assertComesBack('dead', t),
  'fault 1: a feed that hangs at the start is waited for': assertWaits,
  'fault 1: a feed that is slow delays no round': assertSlowIsHarmless,
};
