// The contract of `PredictRepository` and `PriceRepository`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Competition, MarketClock } from '../../domain/clock.ts';
import type { Model } from '../../domain/model.ts';
import type { Price } from '../../domain/price.ts';
import type { Backend } from '../contract.test.ts';
import { allOf, hour, noon, playRounds, sampleAnswers, samplePrediction, sampleRound } from './samples.ts';

const competition: Competition = {
  game: 'coin',
  world: 'simulated:1',
  seed: 7,
  boardEverySeconds: 60,
  alwaysOpen: ['XAU'],
};
const clock: MarketClock = { now: noon, speed: Infinity, mode: 'replay', startedAt: noon - hour };
const model: Model = {
  modelId: 'm1',
  modelName: '<b>one</b> "quoted" \\ 😀',
  cruncherKey: 'wallet:1',
  cruncherId: 'c1',
  cruncherName: 'Ada',
};

export function predictContract({ name, open }: Backend): void {
  test(`PredictRepository.openCompetition() keeps the first competition and refuses another (${name})`, async (t) => {
    const { predict } = await open(t);
    assert.deepEqual(await predict.openCompetition(competition), competition);
    assert.deepEqual(await predict.openCompetition({ ...competition, seed: 8 }), competition);
    await assert.rejects(
      predict.openCompetition({ ...competition, world: 'live:binance' }),
      /world "simulated:1", and this is world "live:binance"/,
    );
    await assert.rejects(predict.openCompetition({ ...competition, game: 'condor' }), /game "coin".*game "condor"/);
  });

  test(`PredictRepository.load() knows nothing of an empty database (${name})`, async (t) => {
    const { predict } = await open(t);
    assert.deepEqual(await predict.load(), {
      clock: null,
      models: [],
      memberships: [],
      openRounds: [],
      lastSlots: {},
    });
  });

  test(`PredictRepository.load() returns what was written, open rounds oldest first (${name})`, async (t) => {
    const { predict } = await open(t);
    const [closed, late, early] = [
      sampleRound(noon),
      sampleRound(noon + hour),
      sampleRound(noon + 60, { asset: 'ETH' }),
    ];
    await playRounds(await sameRepositories({ predict }), [closed]);
    await predict.write([
      { type: 'clock', clock },
      { type: 'model', model, seenAt: noon },
      { type: 'membership', membership: { modelId: 'm1', joinedAt: noon, goneAt: null, leftAt: null } },
      { type: 'membership', membership: { modelId: 'm0', joinedAt: noon, goneAt: noon + 5, leftAt: null } },
      { type: 'membership', membership: { modelId: 'm2', joinedAt: noon, goneAt: noon + 1, leftAt: noon + 2 } },
      { type: 'round', round: late },
      { type: 'round', round: early },
      {
        type: 'skip',
        skip: { profile: '1h', asset: 'SOL', fromSlot: noon, toSlot: noon + 120, slots: 3, reason: 'late-start' },
      },
    ]);
    const state = await predict.load();
    assert.deepEqual(state.clock, clock);
    assert.deepEqual(state.models, [model]);
    assert.deepEqual(state.memberships, [
      { modelId: 'm0', joinedAt: noon, goneAt: noon + 5, leftAt: null },
      { modelId: 'm1', joinedAt: noon, goneAt: null, leftAt: null },
    ]);
    assert.deepEqual(state.openRounds, [early, late]);
    assert.deepEqual(state.lastSlots, { '1h.BTC': noon + hour, '1h.ETH': noon + 60, '1h.SOL': noon + 120 });
  });

  test(`PredictRepository.write() changes nothing when a batch is written again (${name})`, async (t) => {
    const { predict, settlements, report } = await open(t);
    const round = sampleRound();
    const first = [
      { type: 'model', model, seenAt: noon },
      { type: 'deployment', deployment: { deploymentId: 'd1', modelId: 'm1', seenAt: noon } },
      { type: 'round', round },
      sampleAnswers(round),
      { type: 'clock', clock },
    ] as const;
    await predict.write(first);
    await predict.write([
      { type: 'model', model: { ...model, modelName: 'renamed' }, seenAt: noon + 60 },
      { type: 'deployment', deployment: { deploymentId: 'd2', modelId: 'm1', seenAt: noon + 60 } },
      { type: 'clock', clock: { ...clock, now: noon + 60 } },
    ]);
    await predict.write(first);
    await predict.write([sampleAnswers(round, { fault: 'stalled', predictions: [] })]);

    const [waiting] = await settlements.waiting(Infinity, 10);
    assert.equal(waiting?.fault, null);
    assert.equal((await allOf(settlements.predictions(round))).length, 3);
    assert.equal((await predict.load()).clock?.now, noon + 60);
    const [row] = await report.models();
    assert.deepEqual([row?.modelName, row?.deploymentId], ['renamed', 'd2']);
  });

  test(`PredictRepository.write() keeps the answers with the round's fault (${name})`, async (t) => {
    const { predict, settlements } = await open(t);
    const round = sampleRound();
    const predictions = [
      samplePrediction(round.roundId, 'm2', { payload: Buffer.alloc(70_000, 7), payloadBytes: 70_000, codec: 'br' }),
      samplePrediction(round.roundId, 'm1', {
        deploymentId: null,
        status: 'failed',
        cause: 'raised',
        detail: 'ValueError: "ü"',
        answeredAt: null,
        latencyUs: null,
        queuedUs: null,
        variantType: null,
        codec: null,
        payload: null,
        payloadBytes: 0,
      }),
    ];
    await predict.write([
      { type: 'round', round },
      sampleAnswers(round, {
        fault: 'stalled',
        faultReason: 'stalled for 1.4 s',
        predictions: [...predictions, samplePrediction(round.roundId, 'm2', { status: 'timeout' })],
      }),
    ]);
    assert.deepEqual(await allOf(settlements.predictions(round)), [predictions[1], predictions[0]]);
    const [waiting] = await settlements.waiting(round.resolvableAt, 10);
    assert.deepEqual(waiting, { ...round, fault: 'stalled', faultReason: 'stalled for 1.4 s', checked: false });
  });

  test(`PredictRepository.write() writes nothing of a batch that can't be written (${name})`, async (t) => {
    const { predict } = await open(t);
    const round = sampleRound();
    await assert.rejects(
      predict.write([{ type: 'clock', clock }, { type: 'round', round }, sampleAnswers(sampleRound(noon + hour))]),
      /round "1h.BTC.1748782800": the round was never recorded/,
    );
    assert.deepEqual(await predict.load(), {
      clock: null,
      models: [],
      memberships: [],
      openRounds: [],
      lastSlots: {},
    });
  });

  test(`PredictRepository.write() extends a gap's row, and a membership until it has left (${name})`, async (t) => {
    const { predict, report } = await open(t);
    const skip = { profile: '1h', asset: 'BTC', fromSlot: noon, reason: 'worker-down' } as const;
    const membership = { modelId: 'm1', joinedAt: noon, goneAt: null, leftAt: null };
    await predict.write([
      { type: 'skip', skip: { ...skip, toSlot: noon, slots: 1 } },
      { type: 'skip', skip: { ...skip, toSlot: noon + 120, slots: 3 } },
      { type: 'skip', skip: { ...skip, toSlot: noon + 60, slots: 2 } },
      { type: 'membership', membership },
      { type: 'membership', membership: { ...membership, goneAt: noon + 60, leftAt: noon + 120 } },
    ]);
    await predict.write([{ type: 'membership', membership }]);
    assert.equal((await report.stats()).rounds.skipped, 3);
    assert.deepEqual((await predict.load()).memberships, []);
  });

  test(`PriceRepository.append() keeps the first price of an instant and source (${name})`, async (t) => {
    const { prices } = await open(t);
    const price = { asset: 'BTC', pricedAt: noon, price: 100.125, source: 'a' };
    assert.equal(await prices.append([price, { ...price, price: 5 }, { ...price, source: 'b' }], noon + 1), 2);
    assert.equal(await prices.append([{ ...price, price: 7 }], noon + 2), 0);
    assert.deepEqual(await prices.range('BTC', 'a', noon - 1, noon), [price]);
  });

  test(`PriceRepository.range() excludes from, includes to, and ascends (${name})`, async (t) => {
    const { predict, prices } = await open(t);
    const candles = [3, 1, 2, 0].map(
      (i): Price => ({ asset: 'BTC', pricedAt: noon + 60 * i, price: 1e-5 * (i + 1), source: 'a' }),
    );
    await predict.write([{ type: 'prices', prices: candles, receivedAt: noon }]);
    const found = await prices.range('BTC', 'a', noon, noon + 120);
    assert.deepEqual(
      found.map(({ pricedAt }) => pricedAt),
      [noon + 60, noon + 120],
    );
    assert.deepEqual(await prices.range('ETH', 'a', noon, noon + 120), []);
  });

  test(`PriceRepository.latest() gives each asset's newest price of one source (${name})`, async (t) => {
    const { prices } = await open(t);
    const at = (asset: string, pricedAt: number, source: string): Price => ({ asset, pricedAt, price: 1, source });
    await prices.append(
      [at('BTC', noon, 'a'), at('BTC', noon + 60, 'a'), at('ETH', noon, 'a'), at('SOL', noon, 'b')],
      noon,
    );
    assert.deepEqual(await prices.latest('a'), { BTC: noon + 60, ETH: noon });
    assert.deepEqual(await prices.latest('none'), {});
  });
}

/** `playRounds` needs only what predict has. */
async function sameRepositories(repositories: Pick<Awaited<ReturnType<Backend['open']>>, 'predict'>) {
  return repositories as Awaited<ReturnType<Backend['open']>>;
}
