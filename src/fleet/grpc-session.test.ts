import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeSetup } from './encode.ts';
import { GrpcSession, type SessionCallEnd } from './grpc-session.ts';
import { monotonicMs } from './monotonic.ts';
import { frameMessage } from './testing/answers.ts';
import { question } from './testing/harness.ts';
import { type StubOptions, stubModel } from './testing/stub-model.ts';

const service = '/dynamic_subclass.DynamicSubclassService';
const freeBudget = { take: () => true, giveBack: () => {} };

test('GrpcSession ends a connection that gives no sign of life after a call timed out', async (t) => {
  const { call, closed } = await openSession(t, { predict: 'garbage-connection' });

  const end = await call(question, 50);

  assert.equal(end.message, null);
  // Node 20's HTTP/2 stops reading without a word; newer ones say so at once.
  assert.match(await closed, /no sign of life within 50 ms|Protocol error/);
});

test('GrpcSession keeps a connection whose model hangs', async (t) => {
  const { call, stub } = await openSession(t, { predict: 'silent' });

  await call(question, 20);
  await call(question, 200); // longer than a sign of life may take
  stub.behave({ predict: 'honest' });
  const end = await call(question, 5000);

  assert.ok(end.message);
  assert.equal(stub.counts.cancelled, 2);
});

test('GrpcSession says why when there is no HTTP/2 at the other end', async (t) => {
  const stub = await stubModel({ accept: 'silent' });
  t.after(() => stub.close());

  const reason = await new Promise<string>((resolve) => {
    openTo(stub.port, { onClosed: resolve, connectTimeoutMs: 50 });
  });

  assert.equal(reason, 'no HTTP/2 connection within 50 ms');
});

test('GrpcSession refuses an answer when all answers together are too many', async (t) => {
  let room = 1000;
  const budget = {
    take(bytes: number) {
      room -= bytes;
      if (room >= 0) return true;
      room += bytes;
      return false;
    },
    giveBack(bytes: number) {
      room += bytes;
    },
  };
  const { call } = await openSession(t, {}, { budget });

  const end = await call(question, 5000);

  assert.equal(end.message === null && end.cause, 'oversize');
  assert.ok(room > 900 && room <= 1000); // the answer to Setup is still held by us
});

async function openSession(
  t: { after(fn: () => unknown): void },
  options: StubOptions,
  overrides: Partial<ConstructorParameters<typeof GrpcSession>[0]> = {},
) {
  const stub = await stubModel(options);
  t.after(() => stub.close());
  let onClosed: (reason: string) => void;
  const closed = new Promise<string>((resolve) => {
    onClosed = resolve;
  });
  const session = await new Promise<GrpcSession>((resolve) => {
    const opening: GrpcSession = openTo(stub.port, {
      onOpen: () => resolve(opening),
      onClosed: (reason) => onClosed(reason),
      ...overrides,
    });
  });
  t.after(() => session.close('the test is over'));
  const callMethod = (method: string, request: Uint8Array, timeoutMs: number) =>
    new Promise<SessionCallEnd>((resolve) => {
      session.call(`${service}/${method}`, frameMessage(request), monotonicMs() + timeoutMs, resolve);
    });
  await callMethod('Setup', encodeSetup('a.B'), 5000);
  return { stub, closed, call: (request: Uint8Array, timeoutMs: number) => callMethod('Call', request, timeoutMs) };
}

function openTo(port: number, overrides: Partial<ConstructorParameters<typeof GrpcSession>[0]>): GrpcSession {
  return new GrpcSession({
    host: '127.0.0.1',
    port,
    connectTimeoutMs: 5000,
    answerMaxBytes: 1024 * 1024,
    budget: freeBudget,
    pongTimeoutMs: 50,
    onOpen() {},
    onClosed() {},
    ...overrides,
  });
}
