// Fake models for tests and benches: gRPC servers over node:http2, honest or hostile in one named way for
// each kind of call. Not part of the product; several may live in one process, each on a port of its own.

import { createServer, type Http2Session, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { frameMessage, jsonReply, mixtureAnswer, statusReply } from './answers.ts';
import { type Behaviour, misbehave, refuse, succeed } from './behaviours.ts';

export interface StubOptions {
  setup?: Behaviour;
  tick?: Behaviour;
  predict?: Behaviour;
  /** `silent`: takes TCP connections and says nothing; `garbage`: sends bytes that are no HTTP/2. */
  accept?: 'honest' | 'silent' | 'garbage';
  /** JSON of an honest answer to any method but tick. Default 53 KB of valid densities. */
  answer?: string;
  /** Work before an honest answer. Default 0. */
  delayMs?: number;
  /** 0 picks a free port. */
  port?: number;
  host?: string;
  /** Keeps the requests of calls in `received`. Default false. */
  record?: boolean;
  /** Hears of everything as it happens. */
  watch?: (event: StubEvent) => void;
}

export type StubEvent =
  /** Setup was answered with success; `isNew` when there was no instance before. */
  | { readonly type: 'setup'; readonly isNew: boolean }
  /** A call came, and whatever follows. */
  | { readonly type: 'called'; readonly method: string; readonly request: Uint8Array }
  /** A call is being answered as an honest model would: the instance has taken it in. */
  | { readonly type: 'answered'; readonly method: string; readonly request: Uint8Array };

export interface StubModel {
  readonly port: number;
  /** Calls that came, by method (`Setup` and the method names called); `connections`, `disconnections`; calls `closed`, and of them `cancelled`. */
  readonly counts: Readonly<Record<string, number>>;
  /** Requests of calls (not of Setup), in order, when `record` is on. */
  readonly received: readonly { readonly method: string; readonly request: Uint8Array }[];
  behave(change: StubOptions): void;
  /** As if the process had been replaced behind the same connections: the instance is gone. */
  forget(): void;
  /** As if the process had been killed: connections are reset; the instance is gone unless kept. */
  drop(options?: { keepInstance?: boolean }): void;
  close(): Promise<void>;
}

const created = frameMessage(statusReply('SUCCESS', 'Instance created successfully'));
const exists = frameMessage(statusReply('SUCCESS', 'Instance already exists'));
const noInstance = frameMessage(statusReply('FAILED_PRECONDITION', 'Setup has not been called yet'));
const told = frameMessage(statusReply('SUCCESS'));

/** Starts one fake model and resolves when it listens. */
export async function stubModel(options: StubOptions = {}): Promise<StubModel> {
  const settings: StubOptions = { ...options };
  const counts: Record<string, number> = { connections: 0, cancelled: 0 };
  const received: { method: string; request: Uint8Array }[] = [];
  const sockets = new Map<Http2Session | Socket, Socket>();
  const timers = new Set<NodeJS.Timeout>();
  let answer = frameMessage(jsonReply(options.answer ?? mixtureAnswer()));
  let hasInstance = false;
  let isBusy = false;

  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1;
  };
  let accepted: Socket | null = null;
  const http2 = createServer({ settings: { initialWindowSize: 1024 * 1024 } });
  http2.on('session', (session) => {
    if (accepted !== null) sockets.set(session, accepted);
    session.on('error', () => {});
    session.on('close', () => sockets.delete(session));
  });
  http2.on('stream', onStream);
  const tcp = createTcpServer({ noDelay: true }, (socket) => {
    count('connections');
    sockets.set(socket, socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      count('disconnections');
      sockets.delete(socket);
    });
    if (settings.accept === 'silent') socket.resume();
    else if (settings.accept === 'garbage') socket.end('HTTP/1.1 400 What?\r\n\r\n');
    else {
      accepted = socket;
      http2.emit('connection', isHonest() ? socket : tapped(socket));
    }
  });
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });

  return {
    port: (tcp.address() as AddressInfo).port, // it listens on TCP
    counts,
    received,
    behave(change) {
      Object.assign(settings, change);
      if (change.answer !== undefined) answer = frameMessage(jsonReply(change.answer));
    },
    forget() {
      hasInstance = false;
    },
    drop({ keepInstance = false } = {}) {
      hasInstance &&= keepInstance;
      isBusy = false;
      for (const socket of new Set(sockets.values())) socket.destroy();
    },
    close() {
      for (const timer of timers) clearTimeout(timer);
      const closed = new Promise<void>((resolve) => tcp.close(() => resolve()));
      for (const socket of new Set(sockets.values())) socket.destroy();
      return closed;
    },
  };

  function isHonest(): boolean {
    return [settings.setup, settings.tick, settings.predict].every((behaviour = 'honest') => behaviour === 'honest');
  }

  function onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const chunks: Buffer[] = [];
    stream.on('error', () => {});
    stream.on('close', () => {
      count('closed');
      if (stream.rstCode === 8) count('cancelled');
    });
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => {
      const request = (chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).subarray(5);
      if (headers[':path']?.endsWith('/Setup')) onSetup(stream);
      else onCall(stream, request);
    });
  }

  function onSetup(stream: ServerHttp2Stream): void {
    count('Setup');
    const honest = () => {
      const message = hasInstance ? exists : created;
      settings.watch?.({ type: 'setup', isNew: !hasInstance });
      hasInstance = true;
      return message;
    };
    if (isBusy) refuse(stream, 8, 'Server busy');
    else act(settings.setup ?? 'honest', stream, honest);
  }

  function onCall(stream: ServerHttp2Stream, request: Buffer): void {
    const method = methodName(request);
    count(method);
    if (settings.record) received.push({ method, request: Buffer.from(request) });
    settings.watch?.({ type: 'called', method, request });
    const isTick = method === 'tick';
    const honest = () => {
      settings.watch?.({ type: 'answered', method, request });
      return isTick ? told : answer;
    };
    if (isBusy) refuse(stream, 8, 'Server busy');
    else if (!hasInstance) succeed(stream, noInstance);
    else act((isTick ? settings.tick : settings.predict) ?? 'honest', stream, honest);
  }

  function act(behaviour: Behaviour, stream: ServerHttp2Stream, honest: () => Buffer): void {
    const socket = sockets.get(stream.session as Http2Session); // a stream that has just come has a session
    if (behaviour === 'honest') workThenAnswer(stream, honest);
    else if (behaviour === 'hang') isBusy = true;
    else if (behaviour === 'crash') hasInstance = false;
    if (socket !== undefined) misbehave(behaviour, { stream, socket, answer, after });
  }

  function workThenAnswer(stream: ServerHttp2Stream, honest: () => Buffer): void {
    const { delayMs = 0 } = settings;
    if (delayMs === 0) {
      succeed(stream, honest());
      return;
    }
    isBusy = true;
    after(delayMs, () => {
      isBusy = false;
      succeed(stream, honest());
    });
  }

  function after(delayMs: number, then: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      then();
    }, delayMs);
    timers.add(timer);
  }
}

/**
 * The same connection behind a stream of JavaScript. node:http2 takes over a socket's inside and must not
 * find that others write to it, which misbehaving stubs do.
 */
function tapped(socket: Socket): Duplex {
  const tap = new Duplex({
    read: () => void socket.resume(),
    write: (chunk, _encoding, done) => void socket.write(chunk, done),
    final: (done) => void socket.end(done),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => {
    if (!tap.push(chunk)) socket.pause();
  });
  socket.on('end', () => tap.push(null));
  socket.on('close', () => tap.destroy());
  return tap;
}

/** CallRequest's first field, as every encoder writes it. */
function methodName(request: Buffer): string {
  return request[0] === 0x0a ? request.toString('utf8', 2, 2 + (request[1] ?? 0)) : '?';
}
