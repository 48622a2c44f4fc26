import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BaselineContext } from './baseline-rule.ts';
import { baselineRule } from './baseline-rule.ts';
import { normalDensity } from './distribution.ts';

const rule = baselineRule({ candleSeconds: 60, fallbackVolatility: { BTC: 5e-4 } });
const question = { asset: 'BTC', horizonSeconds: 600, stepsSeconds: [300], startedAt: 0 };

/** Prices a minute apart that go up and down by `change` in turn. */
function zigzag(minutes: number, change: number) {
  const pricedAt = Array.from({ length: minutes + 1 }, (_, i) => i * 60);
  return { pricedAt, price: pricedAt.map((_, i) => (i % 2 === 0 ? 100 : 100 * Math.exp(change))) };
}

function contextOf(minutes: number, change: number): BaselineContext {
  return rule.context(question, zigzag(minutes, change)) as unknown as BaselineContext;
}

test('baselineRule().context is the root mean square of one-candle log-returns', () => {
  const { v, returns } = contextOf(360, 0.002);
  assert.equal(returns, 360);
  assert.ok(Math.abs(v / 0.002 - 1) < 1e-12);
});

test('baselineRule().context falls back below 360 returns and never below the smallest volatility', () => {
  assert.equal(contextOf(359, 0.002).v, 5e-4);
  assert.equal(contextOf(360, 0).v, 1e-6);
  assert.equal(contextOf(0, 0).v, 5e-4);
});

test('baselineRule().context takes no return over a gap', () => {
  const { pricedAt, price } = zigzag(720, 0.002);
  const gap = { pricedAt: pricedAt.filter((_, i) => i !== 100), price: price.filter((_, i) => i !== 100) };
  assert.equal((rule.context(question, gap) as unknown as BaselineContext).returns, 718);
});

test('baselineRule().context names the asset without a fallback', () => {
  assert.throws(() => rule.context({ ...question, asset: 'DOGE' }, zigzag(1, 0)), {
    name: 'RangeError',
    message: 'Cannot estimate the volatility of "DOGE": its fallback must be > 0, is undefined',
  });
});

test('baselineRule().baseline is a normal density for every step, wider by the root of time', () => {
  const { steps } = rule.baseline({ ...question, stepsSeconds: [300, 600] }, { v: 0.001, returns: 400 });
  assert.deepEqual(
    steps.map(({ stepSeconds, densities }) => [stepSeconds, densities.length, densities[0]?.leaves[0]?.scale]),
    [
      [300, 2, 0.001 * Math.sqrt(5)],
      [600, 1, 0.001 * Math.sqrt(10)],
    ],
  );
});

test('baselineRule().score averages CRPS over the scored steps, in units of the expected one', () => {
  const context = { v: 0.001, returns: 400 };
  const sigma = 0.001 * Math.sqrt(5);
  const forecast = { steps: [{ stepSeconds: 300, densities: [normalDensity(0, sigma), normalDensity(0, sigma)] }] };
  const atCentre = Math.SQRT2 - 1; // CRPS of N(0, σ²) at 0 is σ(2φ(0) − 1/√π), times √π/σ
  const missingSecond = rule.score(forecast, [{ stepSeconds: 300, x: Float64Array.of(0, Number.NaN) }], context);
  assert.ok(Math.abs(missingSecond - atCentre) < 1e-14);
  const none = rule.score(forecast, [{ stepSeconds: 300, x: Float64Array.of(Number.NaN, Number.NaN) }], context);
  assert.ok(Number.isNaN(none));
});

test('baselineRule().points are a hundred times what the score is below the baseline', () => {
  assert.deepEqual(rule.points([0.5, 1, 1.25], 1, null), [50, 0, -25]);
});

test('baselineRule() in price differences scales the volatility by the last price before the round', () => {
  const inPrices = baselineRule({ candleSeconds: 60, fallbackVolatility: { BTC: 5e-4 }, change: 'difference' });
  const context = inPrices.context(question, { pricedAt: [0, 60], price: [90_000, 100_000] });
  assert.deepEqual(context, { v: 5e-4, returns: 1, price: 100_000 });
  const [step] = inPrices.baseline(question, context).steps;
  assert.equal(step?.densities[0]?.leaves[0]?.scale, 50 * Math.sqrt(5));
  // The same forecast of the same outcome, in the other unit.
  const score = inPrices.score(
    { steps: [{ stepSeconds: 300, densities: [normalDensity(10, 70)] }] },
    [{ stepSeconds: 300, x: Float64Array.of(-40) }],
    context,
  );
  const inReturns = rule.score(
    { steps: [{ stepSeconds: 300, densities: [normalDensity(1e-4, 7e-4)] }] },
    [{ stepSeconds: 300, x: Float64Array.of(-4e-4) }],
    { v: 5e-4, returns: 1 },
  );
  assert.ok(Math.abs(score / inReturns - 1) < 1e-14);
});

test('baselineRule().context in price differences needs a price before the round', () => {
  const inPrices = baselineRule({ candleSeconds: 60, fallbackVolatility: { BTC: 5e-4 }, change: 'difference' });
  assert.throws(() => inPrices.context(question, { pricedAt: [], price: [] }), {
    name: 'RangeError',
    message: 'Cannot tell how far the price of "BTC" moves: there is no price before the round',
  });
});
