import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../lib/log.ts';
import { encodeSetup } from './encode.ts';
import { monotonicMs } from './monotonic.ts';
import { question } from './testing/harness.ts';
import { stubModel } from './testing/stub-model.ts';
import { createTransport, RequestShelf } from './transport.ts';

test('RequestShelf posts the bytes of the same request once', () => {
  const shelf = new RequestShelf();
  const first = shelf.put(question);
  const second = shelf.put(question);
  assert.equal(first.bytes?.length, question.length);
  assert.deepEqual(second, { id: first.id, bytes: null, forgotten: [] });
});

test('RequestShelf forgets the least recently used beyond 64 requests', () => {
  const shelf = new RequestShelf();
  const requests = Array.from({ length: 64 }, () => new Uint8Array(1));
  const ids = requests.map((request) => shelf.put(request).id);
  shelf.put(requests[0] as Uint8Array); // 64 were made
  const { forgotten } = shelf.put(new Uint8Array(1));
  assert.deepEqual(forgotten, [ids[1]]);
});

test('RequestShelf keeps at most 64 MiB, and posts a view without the buffer around it', () => {
  const shelf = new RequestShelf();
  const { id } = shelf.put(new Uint8Array(40 * 1024 * 1024));
  assert.deepEqual(shelf.put(new Uint8Array(40 * 1024 * 1024)).forgotten, [id]);
  const view = new Uint8Array(1024).subarray(10, 20);
  assert.equal(shelf.put(view).bytes?.buffer.byteLength, 10);
});

test('Transport carries calls, counts answers until they are released, and says why a port is dead', async (t) => {
  const stub = await stubModel();
  const transport = createTransport({ threads: 1, answerMaxBytes: 1024 * 1024, log: silentLog });
  t.after(async () => {
    await transport.stop();
    await stub.close();
  });
  const session = transport.open('m', { host: '127.0.0.1', port: stub.port });
  assert.equal(await session.opened, true);
  const deadline = monotonicMs() + 5000;
  await session.call('Setup', encodeSetup('a.B'), deadline);
  const result = await session.call('Call', question, deadline);

  assert.equal(result.status === 'reply' && result.answerType, 'json');
  assert.ok(transport.inFlightBytes() > 50_000);

  session.close('enough');
  assert.equal(await session.closed, 'enough');
  const late = await session.call('Call', question, deadline);
  assert.deepEqual([late.status, late.sentAt], ['failed', null]);

  await stub.close();
  const dead = transport.open('m', { host: '127.0.0.1', port: stub.port });
  assert.equal(await dead.opened, false);
  assert.match(await dead.closed, /ECONNREFUSED/);
});
