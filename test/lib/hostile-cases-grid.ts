// Faults 18, 19 and 20: which rounds there are, when they are asked, and who belongs to them.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { freshDatabase } from '../../src/storage/test-database.ts';
import { eventually, sleep } from './eventually.ts';
import { type Arena, honestIds, type RoundRow, startArena } from './hostile-arena.ts';
import type { Cases } from './hostile-cases-models.ts';
import { assertHonestUnharmed } from './hostile-check.ts';
import { kill } from './processes.ts';

/** COIN is asked at multiples of four seconds since the epoch, DICE two seconds later. */
const offsets: Readonly<Record<string, number>> = { COIN: 0, DICE: 2 };
const everySeconds = 4;

async function assertRestartKeepsTheGrid(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  // The model that never answers keeps every round open until its deadline, so that a restart always meets one.
  const arena = await startArena(t, { databaseUrl: url, offenders: { offender: { predict: 'silent' } } });
  await arena.closedRounds(2, 60);
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await eventually('a round is open', 10, async () => (await arena.rounds()).some(({ isClosed }) => !isClosed));
    kill(arena.predict.pid, signal);
    await arena.predict.exited;
    await sleep(5_000);
    arena.restart();
    const restartedAt = Date.now() / 1000;
    await eventually('two rounds after the restart', 60, async () => {
      const rounds = await arena.rounds();
      return rounds.filter(({ isClosed, startedAt }) => isClosed && startedAt > restartedAt).length >= 2;
    });
  }

  const rounds = (await arena.rounds()).filter(({ isClosed }) => isClosed);
  for (const { asset, startedAt } of rounds) assert.equal(startedAt % everySeconds, offsets[asset]);
  const ours = rounds.filter(({ fault }) => fault === 'interrupted');
  assert.ok(ours.length >= 2); // one of each stop
  // What came before the stop is kept; what didn't is nobody's fault but ours.
  for (const { predictions } of ours)
    for (const { status, cause } of predictions)
      assert.match(`${status} ${cause}`, /^(success null|failed interrupted)$/);
  const isOurs = ({ fault }: RoundRow) => fault === 'interrupted';
  await assertHonestUnharmed(arena, rounds, {
    allowsGaps: true,
    isOurs,
    expectedErrors: /stopped with entries unwritten/,
  });
  await assertAskedOnce(arena);
  await assertEverySlotIsAccountedFor(arena, rounds);
}

async function assertAskedOnce(arena: Arena): Promise<void> {
  for (const index of honestIds.keys()) {
    const asked = (await arena.reportOf(index)).questions.map(({ asset, startedAt }) => `${asset} ${startedAt}`);
    assert.equal(new Set(asked).size, asked.length, `${honestIds[index]} was asked ${asked}`);
  }
}

/** From the first round to the last each slot is a round or skipped, ours. */
async function assertEverySlotIsAccountedFor(arena: Arena, rounds: readonly RoundRow[]): Promise<void> {
  const skips = await arena.query<{ asset: string; fromSlot: number; toSlot: number; slots: number; reason: string }>(
    `select asset, extract(epoch from from_slot)::float8 as "fromSlot", extract(epoch from to_slot)::float8 as "toSlot",
       slots, reason from skips`,
  );
  assert.ok(skips.some(({ reason }) => reason === 'worker-down'));
  for (const asset of Object.keys(offsets)) {
    const asked = rounds.filter((round) => round.asset === asset).map(({ startedAt }) => startedAt);
    const skipped = skips.filter((skip) => skip.asset === asset);
    for (const { fromSlot, toSlot, slots } of skipped) assert.equal((toSlot - fromSlot) / everySeconds + 1, slots);
    for (let slot = asked[0] as number; slot <= (asked.at(-1) as number); slot += everySeconds) {
      const isSkipped = skipped.some(({ fromSlot, toSlot }) => slot >= fromSlot && slot <= toSlot);
      assert.notEqual(asked.includes(slot), isSkipped, `${asset} at ${slot} is asked or skipped`);
    }
  }
}

async function assertRoundsRunBesideEachOther(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const game = { profiles: { slow: 10, quick: 4 }, responseSeconds: 60 };
  const arena = await startArena(t, { databaseUrl: url, game, offenders: { offender: { predict: 'hang' } } });

  const rounds = await arena.closedRounds(2, 90);

  // All asked while the first was still open, for sixty seconds: 12 of one profile, 30 of the other.
  const first = rounds.find(({ isClosed }) => isClosed) as RoundRow;
  const beside = rounds.filter(({ askedAt }) => askedAt > first.askedAt && askedAt < first.askedAt + 59);
  assert.ok(beside.filter(({ profile }) => profile === 'slow').length >= 11);
  assert.ok(beside.filter(({ profile }) => profile === 'quick').length >= 28);
  for (const { startedAt, askedAt, roundId } of rounds) assert.ok(askedAt - startedAt <= 2, roundId);
  const whole = await assertHonestUnharmed(arena, rounds, { responseSeconds: 60 });
  for (const { predictions } of whole)
    assert.equal(predictions.find(({ modelId }) => modelId === 'offender')?.status, 'timeout');
}

const graceSeconds = 7;

async function assertGraceEnds(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const arena = await startArena(t, { databaseUrl: url, game: { graceSeconds }, offenders: { leaver: {} } });
  await arena.closedRounds(2, 60);
  arena.orchestrator.stop('leaver');
  const [gone] = await eventually('the leaver is gone', 10, async () => {
    const rows = await memberships(arena);
    return rows[0]?.goneAt !== null && rows;
  });
  const goneAt = gone?.goneAt as number;
  await eventually(
    'its grace has ended',
    graceSeconds + 10,
    async () => (await memberships(arena))[0]?.leftAt !== null,
  );
  await sleep(3_000);
  const { port } = await arena.offender('leaver').start({});
  arena.orchestrator.announce('leaver', port, 'leaver-2');
  await eventually('it is back as new', 15, async () => (await memberships(arena)).length === 2);
  const [before, after] = await memberships(arena);
  assert.equal(before?.leftAt, goneAt + graceSeconds);
  assert.equal(after?.leftAt, null);
  const backAt = after?.joinedAt as number;
  await eventually(
    'two rounds with it again',
    15,
    async () => (await arena.rounds()).filter(({ isClosed, startedAt }) => isClosed && startedAt > backAt).length >= 2,
  );

  const rounds = (await arena.rounds()).filter(({ isClosed }) => isClosed);
  await assertHonestUnharmed(arena, rounds);
  const statusIn = ({ predictions }: RoundRow) =>
    predictions.find(({ modelId }) => modelId === 'leaver')?.status ?? 'no row';
  const within = (from: number, to: number) => [
    ...new Set(rounds.filter(({ askedAt }) => askedAt > from && askedAt < to).map(statusIn)),
  ];
  assert.deepEqual(within(goneAt + 1, goneAt + graceSeconds - 1), ['absent']);
  assert.deepEqual(within(goneAt + graceSeconds + 1, backAt - 1), ['no row']);
  assert.deepEqual(within(backAt + 1, Infinity), ['success']);
}

async function memberships(arena: Arena) {
  return await arena.query<{ joinedAt: number; goneAt: number | null; leftAt: number | null }>(
    `select extract(epoch from joined_at)::float8 as "joinedAt", extract(epoch from gone_at)::float8 as "goneAt",
       extract(epoch from left_at)::float8 as "leftAt" from memberships where model_id = 'leaver' order by joined_at`,
  );
}

export const gridFaults: Cases = {
  'fault 19: rounds run beside each other; one that takes a minute delays none': assertRoundsRunBesideEachOther,
  'fault 18: rounds lie on the grid, and a restart neither asks again nor shifts it': assertRestartKeepsTheGrid,
  'fault 20: a model that left has absent rows within its grace and none after': assertGraceEnds,
};
