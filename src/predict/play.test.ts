import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEntry } from '../domain/repositories.ts';
import type { CallOutcome } from '../fleet/fleet.ts';
import { manualClock } from '../lib/clock.ts';
import { silentLog } from '../lib/log.ts';
import { Market } from './market.ts';
import { Members } from './members.ts';
import { type PlayDeps, playLive, playRecorded, type Replay } from './play.ts';
import { Schedule } from './schedule.ts';
import { testGame } from './test-game.ts';

const t0 = 1_200_000;
const answer: CallOutcome = {
  status: 'success',
  answer: { type: 'json', bytes: Buffer.from('[]') },
  deploymentId: 'd',
  latencyUs: 1_000,
  queuedUs: 0,
};
const timeout: CallOutcome = {
  status: 'timeout',
  cause: 'timeout',
  detail: null,
  deploymentId: 'd',
  latencyUs: 1_000,
  queuedUs: 0,
};

/** A worker's parts with a fleet that remembers what it was told and answers as it is told to. */
function stage({ startAt = t0, outcome = (_modelId: string) => answer, late = [] as readonly string[] } = {}) {
  const game = testGame();
  const entries: JournalEntry[] = [];
  const calls: string[] = [];
  const market = new Market(game, []);
  const deps: PlayDeps = {
    game,
    gameVersion: 'v',
    market,
    members: new Members(game.graceSeconds, [
      { modelId: 'a', joinedAt: 0, goneAt: null, leftAt: null },
      { modelId: 'b', joinedAt: 0, goneAt: null, leftAt: null },
    ]),
    schedule: new Schedule(game, startAt, {}),
    fleet: {
      tick: (upTo) => calls.push(`tick ${upTo}`),
      async ask(modelIds) {
        calls.push(`ask ${modelIds}`);
        return new Map(modelIds.map((modelId) => [modelId, outcome(modelId)]));
      },
      idle: async ({ except } = {}) => late.filter((modelId) => !except?.has(modelId)),
    },
    journal: {
      push: (...pushed) => entries.push(...pushed),
      flushed: async () => {},
      recorded: async () => {},
      hasRoom: async () => {},
      health: () => assert.fail('nobody asks'),
      stop: async () => {},
    },
    log: silentLog,
    wallNow: () => 0,
    stalls: { longestSince: () => 0 },
    skew: { isTolerable: () => true },
    score: { passedUntil: async () => Number.POSITIVE_INFINITY, openRounds: async () => 0 },
    boardEverySeconds: 60,
  };
  return { deps, entries, calls, market };
}

const replay: Replay = {
  mode: 'replay',
  speed: Number.POSITIVE_INFINITY,
  startedAt: t0,
  from: t0,
  until: t0 + 1_800,
  pricesEndAt: Number.POSITIVE_INFINITY,
  reaches: () => true,
  responseMs: 1_000,
};

/** A price of each asset every minute. */
const everyMinute = {
  async take(now: number) {
    return ['A', 'B'].map((asset) => ({ asset, pricedAt: now, price: 1, source: 'test' }));
  },
};
const never = new AbortController().signal;
const labels = (entries: readonly JournalEntry[]) =>
  entries.map((entry) => {
    if (entry.type === 'round') return `round ${entry.round.roundId}`;
    if (entry.type === 'answers') return `answers ${entry.roundId}`;
    return entry.type === 'clock' ? `clock ${entry.clock.now - t0}` : entry.type;
  });

test('playRecorded() writes a round, its answers, then the clock that promises them', async () => {
  const { deps, entries } = stage();

  await playRecorded({ ...replay, until: t0 + 60 }, everyMinute, manualClock(t0), deps, never);

  assert.deepEqual(labels(entries).slice(0, 4), ['prices', `round p.A.${t0}`, `answers p.A.${t0}`, 'clock 0']);
});

test('playRecorded() ticks every model before it asks', async () => {
  const { deps, calls } = stage();

  await playRecorded({ ...replay, until: t0 + 60 }, everyMinute, manualClock(t0), deps, never);

  assert.deepEqual(calls, ['tick 2', 'ask a,b']);
});

test('playRecorded() asks each slot of its span once and ends when the last round has its witness', async () => {
  const { deps, entries } = stage();

  const endedAt = await playRecorded(replay, everyMinute, manualClock(t0), deps, never);

  const rounds = entries.flatMap((entry) => (entry.type === 'round' ? [entry.round.roundId] : []));
  assert.deepEqual(rounds, [`p.A.${t0}`, `p.B.${t0 + 600}`, `p.A.${t0 + 1_200}`]);
  assert.equal(endedAt, t0 + 1_200 + 600 + 60, 'resolvable after ten minutes, the witness a minute later');
});

test('playRecorded() ends with the recording when prices end', async () => {
  const { deps } = stage();

  const endedAt = await playRecorded(
    { ...replay, pricesEndAt: t0 + 120, until: t0 + 60 },
    everyMinute,
    manualClock(t0),
    deps,
    never,
  );

  assert.equal(endedAt, t0 + 120);
});

test('playRecorded() without an end of its own stops where the recording stops', async () => {
  const { deps } = stage();
  const endless = { ...replay, until: Number.POSITIVE_INFINITY, pricesEndAt: t0 + 3_000 };

  assert.equal(await playRecorded(endless, everyMinute, manualClock(t0), deps, never), t0 + 3_000);
});

test('playRecorded() sets a model aside that times out or holds up market time, and records it as timed out', async () => {
  const { deps, entries, calls } = stage({ outcome: (modelId) => (modelId === 'b' ? timeout : answer) });

  await playRecorded(replay, everyMinute, manualClock(t0), deps, never);

  assert.deepEqual(
    calls.filter((call) => call.startsWith('ask')),
    ['ask a,b', 'ask a', 'ask a'],
  );
  const statuses = entries.flatMap((entry) =>
    entry.type === 'answers' ? [entry.predictions.map(({ status }) => status)] : [],
  );
  assert.deepEqual(statuses, [
    ['success', 'timeout'],
    ['success', 'timeout'],
    ['success', 'timeout'],
  ]);
});

test('playRecorded() waits for a member that lost its connection', async () => {
  const { deps, calls } = stage();
  deps.members.gone('b', t0);
  setTimeout(() => {
    calls.push('b is back');
    deps.members.ready('b', t0);
  }, 100);

  await playRecorded({ ...replay, until: t0 + 60 }, everyMinute, manualClock(t0), deps, never);

  assert.deepEqual(calls, ['b is back', 'tick 2', 'ask a,b']);
});

test('playRecorded() waits while score is too far behind', async () => {
  const { deps } = stage();
  let passed = t0;
  const asked: number[] = [];
  const score = {
    openRounds: async () => 0,
    async passedUntil() {
      asked.push(passed);
      passed += 600;
      return passed;
    },
  };

  await playRecorded({ ...replay, until: t0 + 7_200 }, everyMinute, manualClock(t0), { ...deps, score }, never);

  assert.ok(asked.length > 3, 'market time asked how far score is');
});

test('playLive() starts rounds without waiting for those under way', async () => {
  const { deps, calls } = stage();
  const clock = manualClock(t0);
  const stopping = new AbortController();
  let release = () => {};
  const hanging = new Promise<void>((resolve) => {
    release = resolve;
  });
  const fleet: PlayDeps['fleet'] = {
    ...deps.fleet,
    async ask(modelIds) {
      calls.push(`ask ${modelIds}`);
      await hanging;
      return new Map();
    },
  };
  const source = {
    take: (now: number) => everyMinute.take(now - (now % 60)),
    arrival: () => new Promise<void>(() => {}),
    stop: async () => {},
  };

  const playing = playLive(source, clock, t0, { ...deps, fleet }, stopping.signal);
  for (const now of [t0 + 1, t0 + 600, t0 + 1_200]) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.set(now);
    await new Promise((resolve) => setImmediate(resolve));
  }
  stopping.abort();
  await playing;
  release();

  assert.equal(calls.filter((call) => call.startsWith('ask')).length, 3);
});
