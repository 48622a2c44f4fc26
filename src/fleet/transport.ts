// Connections to runners, held in worker threads so that a thousand answers at once never stall the main
// thread. The one interface the rest of the fleet knows: open a session, call, close.

import { Worker } from 'node:worker_threads';
import type { Log } from '../lib/log.ts';
import { hashText } from './backoff.ts';
import { monotonicMs } from './monotonic.ts';
import type { CallResult, Command, Method, Report, ThreadData } from './transport-messages.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Session {
  /** Whether the connection came to stand. */
  readonly opened: Promise<boolean>;
  /** Resolves with the reason when the connection has ended, or never came to stand. */
  readonly closed: Promise<string>;
  readonly isClosed: boolean;
  /** Never rejects. `deadline` is monotonicMs; the request's bytes are posted once while they are current. */
  call(method: Method, request: Uint8Array, deadline: number): Promise<CallResult>;
  close(reason: string): void;
}

export interface Transport {
  /** Begins to connect. `key` decides the thread: the same model is always on the same one. */
  open(key: string, address: Address): Session;
  /** Of all answers that have come and were not yet released. */
  inFlightBytes(): number;
  /** The holder of an answer lets go of it. */
  release(heldBytes: number): void;
  stop(): Promise<void>;
}

export interface TransportOptions {
  readonly threads: number;
  readonly answerMaxBytes: number;
  readonly log: Log;
}

// 512 answers of the default limit; with more, a process of the usual size would be at risk.
const inFlightMaxBytes = 512 * 1024 * 1024;
// TCP, then the peer's SETTINGS. The same as the Python client's for one attempt.
const connectTimeoutMs = 10_000;

export function createTransport({ threads, answerMaxBytes, log }: TransportOptions): Transport {
  const inFlight = new SharedArrayBuffer(4);
  const counter = new Int32Array(inFlight);
  const data: ThreadData = { answerMaxBytes, inFlight, inFlightMaxBytes };
  const release = (heldBytes: number) => void Atomics.sub(counter, 0, heldBytes);
  const all = Array.from({ length: threads }, () => new Thread(data, release, log));
  return {
    open: (key, address) => (all[hashText(key) % threads] as Thread).open(address), // threads ≥ 1
    inFlightBytes: () => Atomics.load(counter, 0),
    release,
    async stop() {
      await Promise.all(all.map((thread) => thread.stop()));
    },
  };
}

interface OpenSession {
  onOpen(): void;
  onClosed(reason: string): void;
}

/** One worker thread, seen from the main thread. A thread that dies loses its sessions and is started anew. */
class Thread {
  readonly #data: ThreadData;
  readonly #release: (bytes: number) => void;
  readonly #log: Log;
  readonly #sessions = new Map<number, OpenSession>();
  readonly #calls = new Map<number, { session: number; resolve: (result: CallResult) => void }>();
  #worker: Worker | null = null;
  #shelf = new RequestShelf();
  #commands: Command[] = [];
  #lastId = 0;
  #isStopped = false;

  constructor(data: ThreadData, release: (bytes: number) => void, log: Log) {
    this.#data = data;
    this.#release = release;
    this.#log = log;
  }

  open({ host, port }: Address): Session {
    const id = this.#nextId();
    let isClosed = false;
    let resolveOpened: (isOpen: boolean) => void;
    const opened = new Promise<boolean>((resolve) => {
      resolveOpened = resolve;
    });
    const closed = new Promise<string>((resolve) => {
      this.#sessions.set(id, {
        onOpen: () => resolveOpened(true),
        onClosed: (reason) => {
          isClosed = true;
          resolveOpened(false);
          resolve(reason);
        },
      });
    });
    this.#post({ type: 'open', session: id, host, port, connectTimeoutMs });
    return {
      opened,
      closed,
      get isClosed() {
        return isClosed;
      },
      call: (method, request, deadline) => this.#call(id, method, request, deadline),
      close: (reason) => {
        if (!isClosed) this.#post({ type: 'close', session: id, reason });
      },
    };
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#worker?.terminate();
    this.#loseEverything('the fleet is stopping');
  }

  #call(session: number, method: Method, request: Uint8Array, deadline: number): Promise<CallResult> {
    if (!this.#sessions.has(session)) return Promise.resolve(neverSent('connection lost before the call'));
    return new Promise((resolve) => {
      const call = this.#nextId();
      this.#calls.set(call, { session, resolve });
      const { id, bytes, forgotten } = this.#shelf.put(request);
      this.#post({ type: 'call', call, session, method, request: id, bytes, deadline });
      for (const old of forgotten) this.#post({ type: 'forget', request: old });
    });
  }

  /** Everything said in one turn of the event loop, microtasks included, is posted as one message. */
  #post(command: Command): void {
    if (this.#commands.length === 0) process.nextTick(() => this.#flush());
    this.#commands.push(command);
  }

  #flush(): void {
    const commands = this.#commands;
    this.#commands = [];
    if (this.#isStopped) this.#loseEverything('the fleet is stopping');
    else {
      this.#worker ??= this.#start();
      this.#worker.postMessage(commands);
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./transport-thread.js', import.meta.url), { workerData: this.#data });
    worker.on('message', (reports: readonly Report[]) => {
      for (const report of reports) this.#take(report);
    });
    worker.on('error', (error) => this.#log.error({ err: error }, 'a transport thread failed; it is started again'));
    worker.on('exit', () => {
      if (this.#worker !== worker) return;
      this.#worker = null;
      this.#shelf = new RequestShelf();
      this.#commands = [];
      this.#loseEverything('the transport thread ended');
    });
    return worker;
  }

  #take(report: Report): void {
    if (report.type === 'open') this.#sessions.get(report.session)?.onOpen();
    else if (report.type === 'closed') this.#closeSession(report.session, report.reason);
    else {
      const call = this.#calls.get(report.call);
      this.#calls.delete(report.call);
      if (call !== undefined) call.resolve(report.result);
      else if (report.result.status === 'reply') this.#release(report.result.heldBytes);
    }
  }

  #closeSession(id: number, reason: string): void {
    const session = this.#sessions.get(id);
    this.#sessions.delete(id);
    session?.onClosed(reason);
  }

  #loseEverything(reason: string): void {
    for (const { resolve } of this.#calls.values()) resolve(neverSent(reason));
    this.#calls.clear();
    for (const id of [...this.#sessions.keys()]) this.#closeSession(id, reason);
  }

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }
}

function neverSent(detail: string): CallResult {
  return { status: 'failed', cause: 'crashed', detail, sentAt: null, endedAt: monotonicMs() };
}

// A minute's tick, the rounds that are open, and a newcomer's history in chunks of about 1 MiB.
const shelfRequestsMax = 64;
const shelfBytesMax = 64 * 1024 * 1024;

/** Which requests a thread has on its side, so that each is posted once. The least recently used go first. */
export class RequestShelf {
  readonly #ids = new Map<Uint8Array, number>();
  #bytes = 0;
  #lastId = 0;

  /** `bytes` are to be posted unless null; then `forgotten` are to be forgotten over there. */
  put(request: Uint8Array): { id: number; bytes: Uint8Array | null; forgotten: readonly number[] } {
    const known = this.#ids.get(request);
    const id = known ?? this.#lastId + 1;
    this.#lastId = Math.max(this.#lastId, id);
    this.#ids.delete(request); // and set again: the newest is last
    this.#ids.set(request, id);
    if (known !== undefined) return { id, bytes: null, forgotten: [] };
    this.#bytes += request.length;
    const forgotten: number[] = [];
    for (const [old, oldId] of this.#ids) {
      if (this.#ids.size <= shelfRequestsMax && this.#bytes <= shelfBytesMax) break;
      this.#ids.delete(old);
      this.#bytes -= old.length;
      forgotten.push(oldId);
    }
    return { id, bytes: wholeBuffer(request), forgotten };
  }
}

/** A view into a larger buffer would be cloned with all of that buffer. */
function wholeBuffer(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
}
