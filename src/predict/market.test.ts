import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Market } from './market.ts';
import { testGame } from './test-game.ts';

const game = testGame();
const priceAt = (asset: string, pricedAt: number, price = 1) => ({ asset, pricedAt, price, source: 'test' });
/** The JSON inside an encoded tick. */
const told = (market: Market, cursor: number) =>
  market.tickRequests(cursor, market.position).map(({ request }) => {
    const text = Buffer.from(request).toString('latin1');
    return JSON.parse(text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1));
  });

test('Market.append() takes each price once and only of assets the game plays', () => {
  const market = new Market(game, []);

  const first = market.append([priceAt('A', 60), priceAt('A', 60), priceAt('DOGE', 60)]);
  const again = market.append([priceAt('A', 60)]);

  assert.deepEqual(first, [priceAt('A', 60)]);
  assert.deepEqual(again, []);
  assert.equal(market.position, 1);
});

test('Market.tickRequests() tells what a model has not seen, in one request', () => {
  const market = new Market(game, []);
  market.append([priceAt('A', 60, 1), priceAt('B', 60, 2)]);
  const cursor = market.position;
  market.append([priceAt('A', 120, 3)]);
  market.append([priceAt('A', 180, 4), priceAt('B', 120, 5)]);

  assert.deepEqual(told(market, cursor), [
    {
      A: [
        [120, 3],
        [180, 4],
      ],
      B: [[120, 5]],
    },
  ]);
  assert.deepEqual(market.tickRequests(market.position, market.position), []);
});

test('Market.tickRequests() tells everybody of a price that arrives late', () => {
  const market = new Market(game, []);
  market.append([priceAt('A', 60), priceAt('A', 180)]);
  const cursor = market.position;

  market.append([priceAt('A', 120, 9)]);

  assert.deepEqual(told(market, cursor), [{ A: [[120, 9]] }]);
});

test('Market.tickRequests() gives the same bytes to everybody', () => {
  const market = new Market(game, []);
  market.append([priceAt('A', 60)]);

  const [first] = market.tickRequests(0, 1);
  const [second] = market.tickRequests(0, 1);

  assert.equal(first?.request, second?.request);
});

test('Market.tickRequests() sends a newcomer all history in bounded chunks that lead to now', () => {
  const market = new Market(game, []);
  const prices = Array.from({ length: 1_440 }, (_, minute) => priceAt('A', 60 * (minute + 1)));
  market.append([...prices, ...prices.map(({ pricedAt }) => priceAt('B', pricedAt))]);

  const requests = market.tickRequests(Number.NEGATIVE_INFINITY, market.position);

  assert.equal(requests.at(-1)?.upTo, market.position);
  assert.equal(told(market, Number.NEGATIVE_INFINITY)[0].A.length, 1_440);
});

test('Market.tickRequests() gives models that came at different times the same chunks of history', () => {
  let encodings = 0;
  const { requests } = game;
  const tick: typeof requests.tick = (prices) => {
    encodings += 1;
    return requests.tick(prices);
  };
  const market = new Market({ ...game, historySeconds: 30 * 86_400, requests: { ...requests, tick } }, []);
  market.append(Array.from({ length: 43_200 }, (_, minute) => priceAt('A', 60 * (minute + 1))));
  const first = market.tickRequests(Number.NEGATIVE_INFINITY, market.position);
  assert.equal(encodings, 0); // each when it is sent
  const sent = first.map(({ request }) => request);
  market.append([priceAt('A', 60 * 43_201)]);

  const second = market.tickRequests(Number.NEGATIVE_INFINITY, market.position).map(({ request }) => request);

  assert.deepEqual([sent.length, second.length, encodings], [3, 3, 4]);
  assert.equal(sent[0], second[0]);
  assert.equal(sent[1], second[1]);
});

test('Market forgets what is older than the history of the game', () => {
  const market = new Market(game, []);
  const days = 3;
  for (let minute = 1; minute <= days * 1_440; minute += 1) market.append([priceAt('A', minute * 60)]);

  const kept = told(market, Number.NEGATIVE_INFINITY).flatMap(({ A }) => A).length;

  assert.ok(kept >= 1_440 && kept <= 1_440 * 1.25 + 1, `${kept} prices kept`);
  assert.equal(market.position, days * 1_440);
});
