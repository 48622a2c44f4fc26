import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SettlementRepository, WaitingRound } from '../domain/repositories.ts';
import { silentLog } from '../lib/log.ts';
import { createSettlementPrices } from './prices.ts';
import type { RoundResult } from './round-result.ts';
import type { CommittedRound } from './score-round.ts';
import { type SettleDeps, settleDue } from './settle-due.ts';
import game from './test-game.ts';
import { own } from './test-play.ts';
import { competition, startedAt } from './test-scenario.ts';
import type { ScoringThreads } from './threads.ts';
import { createGameVersions } from './versions.ts';

const at = (minute: number) => startedAt + minute * 60;

/** A 2m round of AAA that ends at `minute`. */
function roundEnding(minute: number, changes: Partial<WaitingRound> = {}): WaitingRound {
  return {
    roundId: `2m.AAA.${at(minute - 2)}`,
    profile: '2m',
    asset: 'AAA',
    startedAt: at(minute - 2),
    resolvableAt: at(minute),
    gameVersion: own.gameVersion,
    ruleName: game.rule.name,
    ruleVersion: game.rule.version,
    askedAt: at(minute - 2),
    lastPricedAt: null,
    scoredSteps: { '60': [[1, 2]] },
    context: {},
    memberIds: ['a', 'b'],
    warmup: false,
    fault: null,
    checked: false,
    ...changes,
  };
}

/** Rounds in memory; `held` are those another worker has claimed. Notes what is asked of it. */
function fakeSettlements(rounds: readonly WaitingRound[], held: readonly string[] = []) {
  const waiting = new Map(rounds.map((round) => [round.roundId, round]));
  const notes = {
    pages: [] as string[],
    claims: [] as number[],
    loaded: 0,
    loadedMost: 0,
    states: [] as string[],
    givenBack: [] as string[],
  };
  const unused = async () => assert.fail('not part of settling');
  const repository: SettlementRepository = {
    competition: unused,
    gameVersion: async () => null,
    unchecked: unused,
    saveVerdicts: unused,
    async waiting(upTo, limit, after) {
      notes.pages.push(after?.roundId ?? 'first');
      const all = [...waiting.values()].filter(({ resolvableAt }) => resolvableAt <= upTo);
      const from = all.findIndex(({ roundId }) => roundId === after?.roundId) + 1;
      return all.slice(from, from + limit);
    },
    async claim(ids, _token, leaseSeconds) {
      if (leaseSeconds === 0) {
        notes.givenBack.push(...ids);
        return ids;
      }
      const taken = ids.filter((id) => !held.includes(id));
      notes.claims.push(taken.length);
      return taken;
    },
    async *predictions() {
      notes.loaded++;
      notes.loadedMost = Math.max(notes.loadedMost, notes.loaded);
      yield [];
    },
    async commit(_token, committed) {
      notes.loaded -= committed.length;
      for (const { settlement } of committed) {
        waiting.delete(settlement.roundId);
        notes.states.push(`${settlement.state} ${settlement.settledAt}`);
      }
      return committed.map(({ settlement }) => settlement.roundId);
    },
  };
  return { repository, notes };
}

const noResult: RoundResult = {
  baseline: 1,
  baselineHours: [1],
  verdicts: [],
  scores: new Map(),
  shadows: [],
  details: new Map(),
};

/** Threads that give the same for each round, after having read all of it. */
const threadsGiving = (result: Partial<RoundResult>): ScoringThreads => ({
  width: 2,
  async scoreRound(_task, pages) {
    for await (const _ of pages);
    return { ...noResult, ...result };
  },
  close: async () => {},
});

const noAnswers = threadsGiving({});

/** Deps over `settlements`, with a price of AAA at each of `minutes`. */
function depsOver(
  settlements: SettlementRepository,
  minutes: readonly number[],
  changes: Partial<SettleDeps> = {},
): SettleDeps {
  const rows = minutes.map((n) => ({ asset: 'AAA', pricedAt: at(n), price: 100 + n, source: 'simulated' }));
  const prices = createSettlementPrices({
    prices: {
      append: async () => 0,
      range: async (asset, _source, from, to) =>
        rows.filter((row) => row.asset === asset && row.pricedAt > from && row.pricedAt <= to),
      latest: async () => ({}),
    },
    source: 'simulated',
    candleSeconds: 60,
    log: silentLog,
    signal: new AbortController().signal,
  });
  const versions = createGameVersions(own, settlements.gameVersion);
  const base = { versions, settlements, prices, threads: noAnswers, log: silentLog, alarm: () => {}, token: () => 't' };
  return { ...base, ...changes };
}

const nowAt = (minute: number) => ({
  competition,
  clock: { now: at(minute), speed: 1, mode: 'live' as const, startedAt },
});
const { signal } = new AbortController();
const minutesUpTo = (last: number) => Array.from({ length: last + 1 }, (_, n) => n);

test('settleDue() settles what is due and leaves what waits, which holds up no board', async () => {
  const { repository, notes } = fakeSettlements([3, 4, 5].map((minute) => roundEnding(minute)));
  const result = await settleDue(depsOver(repository, minutesUpTo(5)), nowAt(5), signal);
  assert.deepEqual(result, { committed: 2, completeBefore: Number.POSITIVE_INFINITY, hasMore: false });
  assert.deepEqual(notes.states, [`settled ${at(4)}`, `settled ${at(5)}`]);
});

test('settleDue() holds up boards for a due round that another worker has', async () => {
  const rounds = [3, 4, 5].map((minute) => roundEnding(minute));
  const { repository } = fakeSettlements(rounds, [rounds[1]?.roundId ?? '']);
  const result = await settleDue(depsOver(repository, minutesUpTo(8)), nowAt(8), signal);
  assert.deepEqual([result.committed, result.completeBefore], [2, at(5)]); // its witness is the price after its end
});

test('settleDue() claims a backlog in bounded batches, and never holds more than two (peer-faults 5.1 10)', async () => {
  const rounds = Array.from({ length: 40 }, (_, i) => roundEnding(3 + i));
  const { repository, notes } = fakeSettlements(rounds);
  const limits = { page: 25, batchRounds: 10, batchPredictions: 12 };
  const deps = depsOver(repository, minutesUpTo(60), { limits });
  const first = await settleDue(deps, nowAt(60), signal);
  assert.deepEqual([first.committed, first.completeBefore, first.hasMore], [25, at(27), true]);
  const second = await settleDue(deps, nowAt(60), signal);
  assert.deepEqual([second.committed, second.completeBefore], [15, Number.POSITIVE_INFINITY]);
  assert.deepEqual(notes.claims, [6, 6, 6, 6, 1, 6, 6, 3]); // two members each, so twelve predictions
  assert.ok(notes.loadedMost <= 2 * 6, `${notes.loadedMost} at once`); // one batch is scored while one is committed
});

test('settleDue() looks behind a page full of rounds that wait', async () => {
  const waiting = Array.from({ length: 10 }, (_, i) => roundEnding(20, { roundId: `waits ${i}`, asset: 'BBB' }));
  const { repository, notes } = fakeSettlements([...waiting, roundEnding(20)]);
  const result = await settleDue(depsOver(repository, minutesUpTo(21), { limits: { page: 4 } }), nowAt(21), signal);
  assert.deepEqual(notes.pages, ['first', 'waits 3', 'waits 7']);
  assert.equal(result.committed, 1);
});

test('settleDue() never scores a round of another version, says so, and goes on', async () => {
  const refused: string[] = [];
  const rounds = [
    roundEnding(3, { gameVersion: 'other' }),
    roundEnding(4, { ruleVersion: 2 }),
    roundEnding(5),
    roundEnding(6, { gameVersion: 'other', fault: 'interrupted' }),
  ];
  const { repository, notes } = fakeSettlements(rounds);
  const alarm: SettleDeps['alarm'] = (others) => refused.push(...others.map(({ roundId }) => roundId));
  const result = await settleDue(depsOver(repository, minutesUpTo(9), { alarm }), nowAt(9), signal);
  assert.deepEqual(refused, [rounds[0]?.roundId, rounds[1]?.roundId]);
  assert.deepEqual(notes.states, [`settled ${at(6)}`, `void ${at(6)}`]);
  assert.equal(result.completeBefore, Number.POSITIVE_INFINITY);
});

test('settleDue() voids, ours, a round whose baseline or points the game can not give', async () => {
  const scoreless = threadsGiving({ baseline: 'could not be made: division by zero' });
  const pointless = { ...own, game: { ...game, points: () => [Number.NaN, 1] } };
  const scores = new Map(Object.entries({ a: 1, b: 2 }));
  const scored = threadsGiving({ scores });
  for (const changes of [
    { threads: scoreless },
    { versions: createGameVersions(pointless, async () => null), threads: scored },
  ]) {
    const { repository, notes } = fakeSettlements([roundEnding(3)]);
    await settleDue(depsOver(repository, minutesUpTo(5), changes), nowAt(5), signal);
    assert.deepEqual(notes.states, [`void ${at(4)}`]);
  }
});

test('settleDue() rejects, commits nothing of the batch and gives it back, when the threads fail', async () => {
  const broken: ScoringThreads = {
    ...noAnswers,
    scoreRound: async () => {
      throw new Error('Cannot load "game.ts"');
    },
  };
  const { repository, notes } = fakeSettlements([roundEnding(3)]);
  const settling = settleDue(depsOver(repository, minutesUpTo(5), { threads: broken }), nowAt(5), signal);
  await assert.rejects(settling, /Cannot load/);
  assert.deepEqual([notes.states, notes.givenBack], [[], [roundEnding(3).roundId]]);
});

test('settleDue() begins no batch once it is stopped (peer-faults 5.1 28)', async () => {
  const { repository, notes } = fakeSettlements([roundEnding(3)]);
  const result = await settleDue(depsOver(repository, minutesUpTo(5)), nowAt(5), AbortSignal.abort());
  assert.deepEqual([result.committed, result.completeBefore, notes.claims], [0, at(4), []]);
});

test('settleDue() stores a row under each rule; a missing answer has its points spread over the hours', async () => {
  const committed: CommittedRound[] = [];
  const { repository } = fakeSettlements([roundEnding(3, { memberIds: ['a', 'b'] })]);
  const keeping: SettlementRepository = {
    ...repository,
    async commit(token, rounds) {
      committed.push(...rounds);
      return repository.commit(token, rounds);
    },
  };
  const threads = threadsGiving({
    scores: new Map([['a', 3]]),
    details: new Map([['a', { hours: [3], calibration: null }]]),
    shadows: [
      { baseline: 0.5, scores: new Map([['a', 0.25]]) },
      { baseline: 7, scores: new Map([['a', 9]]) },
    ],
  });
  await settleDue(depsOver(keeping, minutesUpTo(5), { threads }), nowAt(5), signal);
  const rows = committed[0]?.scores.map(({ modelId, ruleName, ruleVersion, score, points, answered }) =>
    [modelId, ruleName, ruleVersion, score, points, answered].join(' '),
  );
  assert.deepEqual(rows, [
    'a tiny 1 3 -2 true',
    'b tiny 1  -0.5 false',
    'a tiny-near 1 0.25 0.25 true',
    'b tiny-near 1  0.5 false', // without points of the rule's own, as the baseline
    'a tiny-first 2 9 1 true',
    'b tiny-first 2  -1 false',
  ]);
  const firstHour = at(1) / 3600;
  assert.deepEqual(
    committed[0]?.scores.map(({ diagnostics }) => diagnostics),
    [
      { hourPoints: [-2], firstHour: Math.floor(firstHour), calibration: null },
      { hourPoints: [-0.5], firstHour: Math.floor(firstHour), calibration: null },
      ...new Array(4).fill(null),
    ],
  );
});

test('settleDue() settles a round without a shadow rule that can not be computed, and says so', async () => {
  const faults: string[] = [];
  const { repository, notes } = fakeSettlements([roundEnding(3)]);
  const shadows = [
    { baseline: Number.NaN, scores: new Map([['a', 1]]) },
    { baseline: 1, scores: new Map() },
  ];
  const shadowAlarm: SettleDeps['shadowAlarm'] = ({ name }, reason) => faults.push(`${name} ${reason}`);
  const changes = { threads: threadsGiving({ shadows }), shadowAlarm };
  await settleDue(depsOver(repository, minutesUpTo(5), changes), nowAt(5), signal);
  assert.deepEqual([notes.states, faults], [[`settled ${at(4)}`], ['tiny-near gave the baseline no score']]);
});

test('settleDue() begins no more batches once its turn is over, and holds up the boards of what is left', async () => {
  const rounds = Array.from({ length: 6 }, (_, i) => roundEnding(3 + i));
  const { repository } = fakeSettlements(rounds);
  let seconds = 0;
  const limits = { batchRounds: 1, turnSeconds: 2 };
  const deps = depsOver(repository, minutesUpTo(20), { limits, wall: () => seconds++ });
  const { committed, completeBefore, hasMore } = await settleDue(deps, nowAt(20), signal);
  assert.deepEqual([committed, completeBefore, hasMore], [2, at(6), true]);
});
