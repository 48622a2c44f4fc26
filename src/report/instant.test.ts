import assert from 'node:assert/strict';
import test from 'node:test';
import { naiveIso, parseInstant } from './instant.ts';

test('naiveIso() gives UTC without offset, six digits only where there is a fraction', () => {
  assert.equal(naiveIso(1_764_590_400), '2025-12-01T12:00:00');
  assert.equal(naiveIso(1_764_590_400.123456), '2025-12-01T12:00:00.123456');
  assert.equal(naiveIso(1_764_590_400.5), '2025-12-01T12:00:00.500000');
});

test('parseInstant() reads what browsers, Python and people send', () => {
  assert.equal(parseInstant('2025-12-01T12:00:00.000Z'), 1_764_590_400);
  assert.equal(parseInstant('2025-12-01T12:00:00'), 1_764_590_400);
  assert.equal(parseInstant('2025-12-01 12:00'), 1_764_590_400);
  assert.equal(parseInstant('2025-12-01T14:00:00+02:00'), 1_764_590_400);
  assert.equal(parseInstant('2025-12-01T07:00:00-0500'), 1_764_590_400);
  assert.equal(parseInstant('2025-12-01'), 1_764_547_200);
  assert.equal(parseInstant('2025-12-01T12:00:00.25Z'), 1_764_590_400.25);
});

test('parseInstant() reads a plus that became a space on its way', () => {
  assert.equal(parseInstant('2025-12-01T14:00:00 02:00'), 1_764_590_400);
});

test('parseInstant() refuses what is no instant', () => {
  for (const text of ['', 'yesterday', '2025-13-01', '2025-02-30', '2025-12-01T25:00', '2025-12-01T12:00:00ZZ', '0']) {
    assert.equal(parseInstant(text), null, text);
  }
});
