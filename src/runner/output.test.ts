import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitOutput } from './output.ts';

test('limitOutput() cuts a flood and says how much is missing once there is room', () => {
  let now = 0;
  const written: string[] = [];
  const say = limitOutput(
    (text) => written.push(text),
    () => now,
  );
  for (let i = 0; i < 100_000; i++) say(`${'x'.repeat(999)}\n`); // 100 MB
  assert.equal(written.length, 65);
  now += 1000;
  say('after\n');
  assert.match(written[65] as string, /^\[99935000 characters of output left out/);
  assert.equal(written[66], 'after\n');
});
