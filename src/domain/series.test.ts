import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PriceSeries, pricesBefore } from './series.ts';

function seriesOf(...times: number[]): PriceSeries {
  const series = new PriceSeries();
  for (const time of times) series.append(time, time * 10);
  return series;
}

test('PriceSeries.append() puts late prices in their place and ignores duplicates', () => {
  const series = seriesOf(60, 180, 120);
  assert.equal(series.append(120, 9), false);
  assert.equal(series.append(30, 300), true);
  assert.deepEqual(series.between(0, 1000), { pricedAt: [30, 60, 120, 180], price: [300, 600, 1200, 1800] });
  assert.equal(series.length, 4);
  assert.deepEqual(series.last(), { pricedAt: 180, price: 1800 });
});

test('PriceSeries.nearest() prefers the earlier of two as near and keeps the tolerance', () => {
  const series = seriesOf(60, 120, 300);
  assert.equal(series.nearest(90, 90)?.pricedAt, 60);
  assert.equal(series.nearest(91, 90)?.pricedAt, 120);
  assert.equal(series.nearest(210, 90)?.pricedAt, 120);
  assert.equal(series.nearest(209, 88), undefined);
  assert.equal(series.nearest(390, 90)?.pricedAt, 300);
  assert.equal(series.nearest(390.5, 90), undefined);
  assert.equal(series.nearest(0, 60)?.pricedAt, 60);
  assert.equal(seriesOf().nearest(0, Number.POSITIVE_INFINITY), undefined);
});

test('PriceSeries.firstAfter() and between() treat their bounds as they say', () => {
  const series = seriesOf(60, 120, 180);
  assert.equal(series.firstAfter(60)?.pricedAt, 120);
  assert.equal(series.firstAfter(59)?.pricedAt, 60);
  assert.equal(series.firstAfter(180), undefined);
  assert.deepEqual(series.between(60, 180).pricedAt, [120, 180]);
  assert.deepEqual(series.between(180, 60).pricedAt, []);
});

test('PriceSeries.dropBefore() forgets, and what is dropped may be appended again', () => {
  const series = seriesOf(60, 120, 180);
  series.dropBefore(120);
  assert.equal(series.length, 2);
  assert.equal(series.append(60, 1), true);
  assert.deepEqual(series.between(0, 1000).pricedAt, [60, 120, 180]);
});

test('PriceSeries holds what a sorted list holds, whatever the order of appends and drops', () => {
  const action = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 0, max: 400 }).map((time) => ({ append: time })) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 400 }).map((time) => ({ dropBefore: time })) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 400 }), (actions) => {
      const series = new PriceSeries();
      let expected: number[] = [];
      for (const step of actions) {
        if ('append' in step) {
          assert.equal(series.append(step.append, 1), !expected.includes(step.append));
          expected = [...new Set([...expected, step.append])].sort((a, b) => a - b);
        } else {
          series.dropBefore(step.dropBefore);
          expected = expected.filter((time) => time >= step.dropBefore);
        }
        assert.deepEqual(series.between(-1, 1000).pricedAt, expected);
      }
    }),
    { numRuns: 50 },
  );
});

test('pricesBefore() holds n + 1 prices for n candles, none of closed time', () => {
  const minutes = Array.from({ length: 100 }, (_, i) => i * 60);
  const series = seriesOf(...minutes);
  assert.deepEqual(pricesBefore(series, undefined, 600, 300).pricedAt, [300, 360, 420, 480, 540, 600]);
  const calendar = {
    zone: 'UTC',
    weekly: [
      { from: 'Thursday 00:00', to: 'Thursday 00:05' },
      { from: 'Thursday 00:08', to: 'Thursday 12:00' },
    ],
  } as const; // the epoch was a Thursday
  assert.deepEqual(pricesBefore(series, calendar, 600, 240).pricedAt, [180, 240, 300, 540, 600]);
});
