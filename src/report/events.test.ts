import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import test, { type TestContext } from 'node:test';
import { silentLog } from '../lib/log.ts';
import { createReportApp } from './app.ts';
import { createEventHub, formatEvent } from './events.ts';
import { fakeData, fakeRepository, game, leaderboard, noon } from './fixture.ts';

async function listen(t: TestContext, clientsMax = 10) {
  const data = fakeData();
  let hint = () => {};
  const app = await createReportApp(
    {
      repository: fakeRepository(data),
      game,
      log: silentLog,
      now: () => 0,
      onBoard: (listener) => {
        hint = listener;
      },
    },
    { events: { clientsMax }, board: { hintEveryMs: 0, pollEveryMs: 5 } },
  );
  await app.listen({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}/v1/events`;
  return { app, data, url, hint: () => hint() };
}

/** Everything up to and including `wanted`. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, wanted: string): Promise<string> {
  let text = '';
  while (!text.includes(wanted)) {
    const { value, done } = await reader.read();
    assert.ok(!done, `the stream ended before "${wanted}": ${text}`);
    text += Buffer.from(value).toString();
  }
  return text;
}

test('GET /v1/events tells of each new board over a real socket', async (t) => {
  const { data, url, hint } = await listen(t);
  const response = await fetch(url);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  assert.equal(response.headers.get('access-control-allow-origin'), '*');
  assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
  assert.match(await readUntil(reader, `"asOf":${noon}`), /^retry: 3000\n\n/);
  data.board = leaderboard(noon + 60);
  hint();
  assert.match(await readUntil(reader, `"asOf":${noon + 60}`), /event: board\nid: \S+\ndata: \{/);
  await reader.cancel();
});

test('GET /v1/events tells when the database goes and comes', async (t) => {
  const { data, url } = await listen(t);
  const reader = ((await fetch(url)).body as ReadableStream<Uint8Array>).getReader();
  await readUntil(reader, '"reachable":true');
  data.failure = new Error('gone');
  await readUntil(reader, 'event: database\ndata: {"reachable":false}\n\n');
  data.failure = null;
  await readUntil(reader, 'event: database\ndata: {"reachable":true}\n\n');
  await reader.cancel();
});

test('GET /v1/events refuses with a sentence when all places are taken', async (t) => {
  const { url } = await listen(t, 1);
  const first = await fetch(url);
  const second = await fetch(url);
  assert.equal(second.status, 503);
  assert.deepEqual(await second.json(), {
    detail: 'All places for live events are taken; ask /v1/leaderboard instead',
  });
  await first.body?.cancel();
});

test('GET /v1/events does not hold up closing', async (t) => {
  const { app, url } = await listen(t);
  const reader = ((await fetch(url)).body as ReadableStream<Uint8Array>).getReader();
  await readUntil(reader, 'retry');
  const closed = once(app.server, 'close');
  await app.close();
  await closed;
});

test('createEventHub() drops a client that does not keep up, and no other', () => {
  const hub = createEventHub({ backlogMaxBytes: 100 });
  const slow = fakeStream(90);
  const quick = fakeStream(0);
  hub.add(slow, 'hello');
  hub.add(quick, 'hello');
  hub.send('more than ten bytes');
  hub.send('again');
  assert.deepEqual([slow.isDestroyed, slow.written], [true, ['hello']]);
  assert.deepEqual([quick.isDestroyed, quick.written], [false, ['hello', 'more than ten bytes', 'again']]);
});

test('createEventHub() counts places, and frees one when a client goes', () => {
  const hub = createEventHub({ clientsMax: 1 });
  const stream = fakeStream(0);
  hub.add(stream, '');
  assert.equal(hub.isFull, true);
  stream.close();
  assert.equal(hub.isFull, false);
});

test('formatEvent() is one event with its data on one line', () => {
  assert.equal(
    formatEvent('board', { text: 'two\nlines' }, 'v1'),
    'event: board\nid: v1\ndata: {"text":"two\\nlines"}\n\n',
  );
});

function fakeStream(writableLength: number) {
  const listeners: (() => void)[] = [];
  const written: string[] = [];
  return {
    writableLength,
    written,
    isDestroyed: false,
    write: (text: string) => written.push(text) > 0,
    end() {},
    destroy() {
      this.isDestroyed = true;
    },
    on: (_event: string, listener: () => void) => listeners.push(listener),
    close() {
      for (const listener of listeners) listener();
    },
  };
}
