// A transport thread: holds the sockets of its share of the models. Nothing here knows models, rounds or
// retries; it opens, calls, closes, and reports.

import { parentPort, workerData } from 'node:worker_threads';
import { decodeReply } from './decode.ts';
import { GrpcSession, type SessionCallEnd } from './grpc-session.ts';
import { monotonicMs } from './monotonic.ts';
import type { CallResult, Command, Report, ThreadData } from './transport-messages.ts';
import type { Budget } from './unary-call.ts';

const { answerMaxBytes, inFlight, inFlightMaxBytes } = workerData as ThreadData; // posted by transport.ts
if (parentPort === null) throw new Error('Cannot run transport-thread.ts: it is started as a worker thread only');
const port = parentPort;

const service = '/dynamic_subclass.DynamicSubclassService';
// The main thread takes in one message without a break; 128 answers are about 1 ms of its time.
const reportsPerMessage = 128;
const overheadCheckMs = 250;

const sessions = new Map<number, GrpcSession>();
const requests = new Map<number, Buffer>();
const budget = sharedBudget(new Int32Array(inFlight), inFlightMaxBytes);
let reports: Report[] = [];

port.on('message', (commands: readonly Command[]) => {
  for (const command of commands) run(command);
});
setInterval(() => {
  for (const session of sessions.values()) session.checkOverhead();
}, overheadCheckMs).unref();

function run(command: Command): void {
  switch (command.type) {
    case 'open':
      open(command);
      break;
    case 'close':
      sessions.get(command.session)?.close(command.reason);
      break;
    case 'call':
      call(command);
      break;
    case 'forget':
      requests.delete(command.request);
      break;
  }
}

function open({ session, host, port, connectTimeoutMs }: Extract<Command, { type: 'open' }>): void {
  sessions.set(
    session,
    new GrpcSession({
      host,
      port,
      connectTimeoutMs,
      answerMaxBytes,
      budget,
      onOpen: () => report({ type: 'open', session }),
      onClosed: (reason) => {
        sessions.delete(session);
        report({ type: 'closed', session, reason });
      },
    }),
  );
}

function call({ call, session, method, request, bytes, deadline }: Extract<Command, { type: 'call' }>): void {
  if (bytes !== null) requests.set(request, frame(bytes));
  const framed = requests.get(request);
  const onEnd = (end: SessionCallEnd) => report({ type: 'result', call, result: resultOf(end) });
  const carrier = sessions.get(session);
  if (framed === undefined) throw new Error(`Cannot send request ${request}: its bytes were never posted`);
  if (carrier === undefined) {
    const endedAt = monotonicMs();
    onEnd({ message: null, cause: 'crashed', detail: 'connection lost before the call', sentAt: null, endedAt });
  } else {
    carrier.call(`${service}/${method}`, framed, deadline, onEnd);
  }
}

function resultOf(end: SessionCallEnd): CallResult {
  const { sentAt, endedAt } = end;
  if (end.message === null) return { status: 'failed', cause: end.cause, detail: end.detail, sentAt, endedAt };
  try {
    const { word, message, type, bytes } = decodeReply(end.message);
    const heldBytes = end.message.length;
    return { status: 'reply', word, message, answerType: type, bytes, heldBytes, sentAt, endedAt };
  } catch (error) {
    budget.giveBack(end.message.length);
    const detail = error instanceof Error ? error.message : String(error);
    return { status: 'failed', cause: 'undecodable', detail, sentAt, endedAt };
  }
}

function report(one: Report): void {
  if (reports.length === 0) setImmediate(flush);
  reports.push(one);
}

function flush(): void {
  const all = reports;
  reports = [];
  for (let i = 0; i < all.length; i += reportsPerMessage) {
    const some = all.slice(i, i + reportsPerMessage);
    port.postMessage(some, some.flatMap(buffersOf));
  }
}

/** Answers are transferred, not copied. Each lies in a buffer of its own; empty ones share one. */
function buffersOf(report: Report): ArrayBuffer[] {
  if (report.type !== 'result' || report.result.status !== 'reply' || report.result.bytes.length === 0) return [];
  return [report.result.bytes.buffer as ArrayBuffer]; // allocated by unary-call.ts, never shared
}

/** gRPC's length-prefixed message: a flag (0, not compressed), four bytes of length, the message. */
function frame(bytes: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafeSlow(bytes.length + 5);
  framed[0] = 0;
  framed.writeUInt32BE(bytes.length, 1);
  framed.set(bytes, 5);
  return framed;
}

function sharedBudget(counter: Int32Array, max: number): Budget {
  return {
    take(bytes) {
      if (Atomics.add(counter, 0, bytes) + bytes <= max) return true;
      Atomics.sub(counter, 0, bytes);
      return false;
    },
    giveBack(bytes) {
      Atomics.sub(counter, 0, bytes);
    },
  };
}
