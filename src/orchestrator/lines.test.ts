import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lineLimiter } from './lines.ts';

test('lineLimiter() joins chunks to lines and cleans them for a terminal', () => {
  const lines: string[] = [];
  const add = lineLimiter((line) => lines.push(line));
  add('one\ntw');
  add('o\r\n\n\u001b[31mred\u202e\tback\n');
  add(`${'x'.repeat(5000)}\nunfinished`);
  assert.deepEqual(lines.slice(0, 3), ['one', 'two', '�[31mred� back']);
  assert.equal(lines[3]?.length, 2001);
  assert.equal(lines.length, 4);
});

test('lineLimiter() keeps neither a flood nor an endless line', () => {
  let now = 0;
  const lines: string[] = [];
  const add = lineLimiter(
    (line) => lines.push(line),
    () => now,
  );
  for (let i = 0; i < 100_000; i++) add('flood\n');
  assert.equal(lines.length, 200);
  for (let i = 0; i < 1000; i++) add('x'.repeat(100_000));
  now += 1000;
  add('\nafter\n');
  assert.match(lines[200] as string, /^\[99800 lines left out/);
  assert.equal(lines.at(-1), 'after');
});
