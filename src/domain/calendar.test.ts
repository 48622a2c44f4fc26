import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addOpenSeconds, type Calendar, isOpen, openSeconds } from './calendar.ts';

const gold: Calendar = {
  zone: 'America/New_York',
  weekly: [
    { from: 'Sunday 18:00', to: 'Monday 17:00' },
    { from: 'Monday 18:00', to: 'Tuesday 17:00' },
    { from: 'Tuesday 18:00', to: 'Wednesday 17:00' },
    { from: 'Wednesday 18:00', to: 'Thursday 17:00' },
    { from: 'Thursday 18:00', to: 'Friday 17:00' },
  ],
  closed: [{ from: '2025-05-26 14:30', to: '2025-05-26 18:00' }],
};
const at = (iso: string) => Date.parse(iso) / 1000;

test('isOpen() counts the instant of closing and not the instant of opening', () => {
  assert.equal(isOpen(gold, at('2025-05-19T21:00:00Z')), true); // Monday 17:00 in New York's summer
  assert.equal(isOpen(gold, at('2025-05-19T21:00:01Z')), false);
  assert.equal(isOpen(gold, at('2025-05-19T22:00:00Z')), false);
  assert.equal(isOpen(gold, at('2025-05-19T22:00:01Z')), true);
});

test('isOpen() follows daylight saving time', () => {
  assert.equal(isOpen(gold, at('2025-03-07T21:30:00Z')), true); // Friday 16:30, winter
  assert.equal(isOpen(gold, at('2025-03-14T21:30:00Z')), false); // Friday 17:30, summer
  assert.equal(isOpen(gold, at('2025-03-09T22:00:00Z')), false); // the Sunday of the change: opens at 22:00Z
  assert.equal(isOpen(gold, at('2025-03-09T22:00:01Z')), true);
  assert.equal(isOpen(gold, at('2025-11-02T22:30:00Z')), false); // the Sunday of the change back: opens at 23:00Z
  assert.equal(isOpen(gold, at('2025-11-02T23:00:01Z')), true);
});

test('isOpen() closes the exceptions and the weekend', () => {
  assert.equal(isOpen(gold, at('2025-05-26T18:30:00Z')), true); // 14:30 local: the instant of closing
  assert.equal(isOpen(gold, at('2025-05-26T18:31:00Z')), false);
  assert.equal(isOpen(gold, at('2025-05-26T22:00:00Z')), false);
  assert.equal(isOpen(gold, at('2025-05-26T22:01:00Z')), true);
  assert.equal(isOpen(gold, at('2025-05-24T12:00:00Z')), false);
});

test('isOpen() lets an interval run over the end of the week, and a whole week be open', () => {
  const weekend: Calendar = { zone: 'Asia/Tokyo', weekly: [{ from: 'Saturday 12:00', to: 'Sunday 12:00' }] };
  assert.equal(isOpen(weekend, at('2025-05-24T03:00:01Z')), true);
  assert.equal(isOpen(weekend, at('2025-05-25T03:00:00Z')), true);
  assert.equal(isOpen(weekend, at('2025-05-25T03:00:01Z')), false);
  const always: Calendar = { zone: 'UTC', weekly: [{ from: 'Sunday 00:00', to: 'Sunday 00:00' }] };
  assert.equal(isOpen(always, at('2025-05-25T00:00:00Z')), true);
  assert.equal(isOpen(undefined, 0), true);
});

test('openSeconds() sums open time', () => {
  assert.equal(openSeconds(gold, at('2025-05-18T22:00:00Z'), at('2025-05-23T21:00:00Z')), 5 * 23 * 3600);
  assert.equal(openSeconds(gold, at('2025-05-25T22:00:00Z'), at('2025-05-30T21:00:00Z')), (5 * 23 - 2.5) * 3600);
  assert.equal(openSeconds(gold, at('2025-05-24T00:00:00Z'), at('2025-05-25T00:00:00Z')), 0);
  assert.equal(openSeconds(undefined, 100, 160), 60);
  assert.equal(openSeconds(undefined, 160, 100), 0);
});

test('addOpenSeconds() walks over closed time both ways', () => {
  assert.equal(addOpenSeconds(gold, at('2025-05-23T20:00:00Z'), 7200), at('2025-05-25T23:00:00Z'));
  assert.equal(addOpenSeconds(gold, at('2025-05-25T23:00:00Z'), -7200), at('2025-05-23T20:00:00Z'));
  assert.equal(addOpenSeconds(gold, at('2025-05-24T12:00:00Z'), 60), at('2025-05-25T22:01:00Z'));
  assert.equal(addOpenSeconds(gold, at('2025-05-24T12:00:00Z'), 0), at('2025-05-24T12:00:00Z'));
  assert.equal(addOpenSeconds(undefined, 1000, -60), 940);
});

test('addOpenSeconds() agrees with openSeconds() everywhere', () => {
  const instant = fc.integer({ min: at('2024-12-01T00:00:00Z'), max: at('2025-12-31T00:00:00Z') });
  fc.assert(
    fc.property(instant, fc.integer({ min: 1, max: 30 * 86_400 }), (t, seconds) => {
      assert.equal(openSeconds(gold, t, addOpenSeconds(gold, t, seconds)), seconds);
      assert.equal(openSeconds(gold, addOpenSeconds(gold, t, -seconds), t), seconds);
    }),
    { numRuns: 300 },
  );
});

test('addOpenSeconds() refuses what ten years do not hold', () => {
  const hourly: Calendar = { zone: 'UTC', weekly: [{ from: 'Monday 00:00', to: 'Monday 01:00' }] };
  assert.throws(() => addOpenSeconds(hourly, 0, 1e9), /Cannot walk 1000000000 s of open time from 0/);
});
