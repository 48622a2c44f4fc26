// Fault 5, its first half: a database that is dead or slow delays no tick, no round and no model; what waits
// for it is bounded, and what is dropped is counted.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { silentLog } from '../../src/lib/log.ts';
import { type EmbeddedPostgres, removeEmbedded, startEmbeddedPostgres } from '../../src/storage/embedded.ts';
import { migrate } from '../../src/storage/migrate.ts';
import { freshDatabase } from '../../src/storage/test-database.ts';
import { afterwards, temporaryFolder } from './condor.ts';
import { eventually, sleep } from './eventually.ts';
import { type Arena, honestIds, startArena } from './hostile-arena.ts';
import type { Cases } from './hostile-cases-models.ts';
import { assertHonestUnharmed } from './hostile-check.ts';
import { startDatabaseProxy, type Weather } from './hostile-database.ts';
import { kill, treeOf } from './processes.ts';

// Longer than a statement may take (10 s), so that one that was under way runs into its deadline.
const outageMs = 14_000;

/** Two rounds, an outage, two more rounds: none is missing or late, and all are written in the end. */
async function assertOutageIsHarmless(
  arena: Arena,
  begin: () => Promise<void> | void,
  end: () => Promise<void> | void,
  isNoticed = true,
): Promise<void> {
  await arena.closedRounds(2, 60);
  await begin();
  const { questions: before } = await arena.reportOf(0);
  await sleep(outageMs);
  const { questions: after } = await arena.reportOf(0);
  // A round every two seconds; the first and the last may be under way.
  assert.ok(after.length - before.length >= outageMs / 2_000 - 1, `${after.length - before.length} rounds were asked`);
  await end();
  const endedAt = Date.now() / 1000;
  const rounds = await eventually(
    'the rounds of the outage and two after it are written',
    60,
    async () => {
      const all = await arena.rounds();
      const later = all.filter(({ isClosed, startedAt }) => isClosed && startedAt > endedAt);
      return later.length >= 2 && all;
    },
    () => arena.predict.tail(),
  );
  const newestClosed = rounds.findLastIndex(({ isClosed }) => isClosed);
  const lost = rounds.slice(0, newestClosed).filter(({ isClosed }) => !isClosed);
  assert.deepEqual(lost, [], 'an older round is still open');
  await assertHonestUnharmed(arena, rounds, { expectedErrors: /^cannot write to the database$/ });
  const said = arena.logged().map(({ msg }) => msg);
  if (isNoticed) assert.ok(said.includes('cannot write to the database') && said.includes('the database is back'));
}

async function assertWeatherIsHarmless(weather: Weather, t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const proxy = await startDatabaseProxy(t, url);
  const arena = await startArena(t, { databaseUrl: proxy.url, lookUrl: () => url });
  const set = (now: Weather) => () => {
    proxy.weather = now;
  };
  await assertOutageIsHarmless(arena, set(weather), set('pass'), weather !== 'slow');
}

/** A server of the test's own, so that it may be killed. */
async function startServer(t: TestContext) {
  const dataDir = join(temporaryFolder(t), 'data');
  // Durable: what it has said to be written must be there after a kill.
  const start = () => startEmbeddedPostgres({ dataDir, log: silentLog });
  let server: EmbeddedPostgres = await start();
  await migrate(server.url, silentLog);
  afterwards(t, async () => {
    await server.stop();
    await removeEmbedded({ dataDir });
  });
  const proxy = await startDatabaseProxy(t, server.url);
  const arena = await startArena(t, { databaseUrl: proxy.url, lookUrl: () => server.url });
  return {
    arena,
    pids: () => treeOf(server.pid).map(({ pid }) => pid),
    async startAgain() {
      server = await start();
      proxy.server = server.url;
    },
  };
}

async function assertKillIsHarmless(t: TestContext): Promise<void> {
  const { arena, pids, startAgain } = await startServer(t);
  await assertOutageIsHarmless(arena, () => kill(pids()[0] as number, 'SIGKILL'), startAgain);
}

async function assertStopIsHarmless(t: TestContext): Promise<void> {
  const { arena, pids } = await startServer(t);
  const stopped: number[] = [];
  const resume = () => {
    for (const pid of stopped.splice(0)) kill(pid, 'SIGCONT');
  };
  afterwards(t, resume);
  const stop = () => {
    stopped.push(...pids());
    for (const pid of stopped) kill(pid, 'SIGSTOP');
  };
  await assertOutageIsHarmless(arena, stop, resume);
}

// Nine answers of 1 MiB that hardly compress, two rounds a second: 14 MiB/s, so that predict's bound of
// 256 MiB is reached after 18 s.
const fullMs = 30_000;
// The bound, a batch of 16 MiB on its way, answers not yet compressed, and what Node itself needs.
const peakMiBMost = 640;

async function assertMemoryIsBounded(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const proxy = await startDatabaseProxy(t, url);
  const game = {
    symbols: ['COIN', 'DICE', 'CARD', 'REEL'],
    profiles: { quick: 2 },
    responseSeconds: 8,
    answerMaxBytes: 2 ** 21,
  };
  const answers = () => JSON.stringify(randomBytes(0.75 * 2 ** 20).toString('base64'));
  const arena = await startArena(t, { databaseUrl: proxy.url, lookUrl: () => url, game, answers });
  await arena.closedRounds(2, 60);
  proxy.weather = 'refuse';
  await sleep(fullMs);
  // From here on little, so that what waits is soon written, however slow the machine.
  const otherAnswer = '"little"';
  for (const index of honestIds.keys()) await arena.honest.behave(index, { answer: otherAnswer });
  proxy.weather = 'pass';
  const health = await eventually('predict says how it is, its database back', 100, () => {
    const lines = arena.logged().filter(({ msg }) => msg === 'health');
    return lines.map(({ journal }) => journal as Health).find(({ connected, waiting }) => connected && waiting < 50);
  });

  assert.ok(health.droppedAnswers > 0);
  assert.equal(health.droppedEntries, 0);
  assert.ok(health.waitingBytes <= 256 * 2 ** 20);
  const rounds = await arena.rounds();
  const dropped = rounds.filter(({ fault }) => fault === 'interrupted');
  assert.equal(dropped.length * honestIds.length, health.droppedAnswers);
  for (const { predictions } of dropped)
    for (const { status, cause } of predictions) assert.deepEqual([status, cause], ['failed', 'interrupted']);
  await assertHonestUnharmed(arena, rounds, {
    responseSeconds: 8,
    otherAnswer,
    isOurs: ({ fault }) => fault === 'interrupted',
    expectedErrors: /^(cannot write to the database|dropped the answers of a round)/,
  });
  assert.ok(arena.peakMiB() <= peakMiBMost, `predict has used ${arena.peakMiB()} MiB`);
}

interface Health {
  readonly connected: boolean;
  readonly waiting: number;
  readonly waitingBytes: number;
  readonly droppedAnswers: number;
  readonly droppedEntries: number;
}

export const storageFaults: Cases = {
  'fault 5: with the database away for long, memory is bounded and what is dropped is counted': assertMemoryIsBounded,
  'fault 5: a database server that is killed delays nothing and costs nothing': assertKillIsHarmless,
  'fault 5: a database server that stands still delays nothing and costs nothing': assertStopIsHarmless,
  'fault 5: a network that swallows all to and from the database delays nothing': (t) =>
    assertWeatherIsHarmless('swallow', t),
  'fault 5: a database that takes seconds for everything delays nothing': (t) => assertWeatherIsHarmless('slow', t),
};
