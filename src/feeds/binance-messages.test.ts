import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKlines, parseStreamMessage } from './binance-messages.ts';

test('parseStreamMessage() reads the contract’s literal message, combined and raw', () => {
  const event =
    '{"e":"kline","E":1672515782136,"s":"BTCUSDT","k":{"t":1672515780000,"T":1672515839999,"s":"BTCUSDT","i":"1m",' +
    '"f":100,"L":200,"o":"0.0010","c":"0.0020","h":"0.0025","l":"0.0015","v":"1000","n":100,"x":false,"q":"1.0000",' +
    '"V":"500","Q":"0.500","B":"123456"}}';
  const wanted = {
    type: 'candle',
    symbol: 'BTCUSDT',
    isClosed: false,
    candle: { pricedAt: 1_672_515_840, price: 0.002, closesAtMs: 1_672_515_839_999 },
  };
  assert.deepEqual(parseStreamMessage(event, '1m', 60), wanted);
  assert.deepEqual(parseStreamMessage(`{"stream":"btcusdt@kline_1m","data":${event}}`, '1m', 60), wanted);
});

test('parseStreamMessage() reads candles of one second', () => {
  const message =
    '{"e":"kline","s":"ETHUSDT","k":{"t":1672515781000,"T":1672515781999,"i":"1s","c":"1200.5","x":true}}';
  assert.deepEqual(parseStreamMessage(message, '1s', 1), {
    type: 'candle',
    symbol: 'ETHUSDT',
    isClosed: true,
    candle: { pricedAt: 1_672_515_782, price: 1200.5, closesAtMs: 1_672_515_781_999 },
  });
});

test('parseStreamMessage() tells shapes apart without their values', () => {
  const shapeOf = (text: string) => parseStreamMessage(text, '1m', 60);
  assert.deepEqual(shapeOf('{"e":"new","list":[1,"a",2]}'), {
    type: 'unknown',
    shape: '{e:"new",list:[number,string]}',
  });
  assert.deepEqual(shapeOf('{"e":"new","list":[7,"b"]}'), shapeOf('{"e":"new","list":[1,"a",2]}'));
  assert.deepEqual(shapeOf('{"e":'), { type: 'unknown', shape: 'not JSON' });
});

test('parseKlines() reads the contract’s literal row', () => {
  const row =
    '[1499040000000,"0.01634790","0.80000000","0.01575800","0.01577100","148976.11427815",1499040059999,' +
    '"2434.19055334",308,"1756.87402397","28.46694368","0"]';
  assert.deepEqual(parseKlines(`[${row}]`, 60), [
    { pricedAt: 1_499_040_060, price: 0.015771, closesAtMs: 1_499_040_059_999 },
  ]);
  assert.deepEqual(parseKlines('[]', 60), []);
  assert.equal(parseKlines(`[${row},${row}]`, 60), null);
});
