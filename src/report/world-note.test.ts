import assert from 'node:assert/strict';
import test from 'node:test';
import { worldNote } from './world-note.ts';

test('worldNote() says whether prices are real and now', () => {
  assert.equal(worldNote('simulated:1'), 'simulated prices, seed 1: not a real market');
  assert.equal(worldNote('replay:3f2a'), 'recorded prices, played again: not live');
  assert.equal(worldNote('live:binance'), 'live prices from binance');
  assert.equal(worldNote('moon'), 'prices from moon');
});
