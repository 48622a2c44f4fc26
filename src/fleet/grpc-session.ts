// One HTTP/2 connection (prior knowledge, no TLS) to one runner, in a transport thread. It connects once,
// carries calls, and ends once; trying again is the main thread's business.
//
// States: connecting → open (the peer's SETTINGS have come: it speaks HTTP/2) → closed, or connecting → closed.

import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { monotonicMs } from './monotonic.ts';
import { type Budget, type CallEnd, UnaryCall } from './unary-call.ts';

export interface SessionOptions {
  readonly host: string;
  readonly port: number;
  readonly connectTimeoutMs: number;
  readonly answerMaxBytes: number;
  readonly budget: Budget;
  /** For tests. Default 10 s. */
  readonly pongTimeoutMs?: number;
  onOpen(): void;
  /** Once; after it no call is carried. */
  onClosed(reason: string): void;
}

/** How a call ended, and when (monotonicMs); `sentAt` is null when it never reached the wire. */
export type SessionCallEnd = CallEnd & { readonly sentAt: number | null; readonly endedAt: number };

// An honest answer of the default limit (1 MiB) needs four windows; what a peer can send us before it
// must wait for us is one.
const windowBytes = 256 * 1024;
// A dead peer is noticed after this long and ten lost probes, one a second (libuv's setting).
const keepAliveMs = 30_000;
// What a connection may bring beyond its answers (settings, pings, headers, data of cancelled calls)
// between two checks. A cancelled answer leaves at most one window behind.
const overheadMaxBytes = 4 * windowBytes;
// After a call that timed out the peer is asked for a sign of life: a runner whose model hangs gives it, a
// dead connection doesn't, nor does one whose peer broke the protocol (nghttp2 then stops reading without a
// word). Not more often: gRPC servers hang up on those who ping idly, and forgive a ping after each call.
const pongTimeoutDefaultMs = 10_000;
// Cancelled streams that don't close. More means that the peer no longer reads what we send.
const stuckStreamsMax = 16;

export class GrpcSession {
  readonly #options: SessionOptions;
  readonly #authority: string;
  readonly #calls = new Set<UnaryCall>();
  readonly #socket: Socket;
  readonly #http2: ClientHttp2Session;
  #streams = 0;
  #isOpen = false;
  #isClosed = false;
  #closeReason = 'the connection was closed by the runner';
  #pongTimer: NodeJS.Timeout | null = null;
  #answerBytes = 0;
  #expectedBytes = 0;

  /** Begins to connect. */
  constructor(options: SessionOptions) {
    this.#options = options;
    const { host, port, connectTimeoutMs } = options;
    this.#authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    this.#socket = connectTcp({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveMs });
    this.#http2 = connectHttp2(`http://${this.#authority}`, {
      createConnection: () => this.#socket,
      settings: { enablePush: false, initialWindowSize: windowBytes, maxHeaderListSize: 16 * 1024 },
      maxHeaderListPairs: 64,
      // Megabytes. A history chunk that the peer is slow to read lies here.
      maxSessionMemory: 128,
    });
    const connectTimer = setTimeout(
      () => this.close(`no HTTP/2 connection within ${connectTimeoutMs} ms`),
      connectTimeoutMs,
    );
    this.#http2.on('connect', () => this.#http2.setLocalWindowSize(windowBytes));
    this.#http2.once('remoteSettings', () => {
      clearTimeout(connectTimer);
      this.#isOpen = true;
      if (!this.#isClosed) options.onOpen();
    });
    this.#http2.on('goaway', () => {
      this.#closeReason = 'the runner said goodbye (GOAWAY)';
    });
    this.#http2.on('error', (error) => {
      this.#closeReason = error.message;
    });
    this.#socket.on('error', (error) => {
      this.#closeReason = error.message;
    });
    this.#http2.on('close', () => {
      clearTimeout(connectTimer);
      this.#onClosed();
    });
  }

  /** One unary call. `onEnd` is called exactly once. */
  call(path: string, framed: Uint8Array, deadline: number, onEnd: (end: SessionCallEnd) => void): void {
    const sentAt = monotonicMs();
    if (!this.#isOpen || this.#isClosed || this.#http2.closed || this.#http2.destroyed) {
      const detail = `connection lost before the call: ${this.#closeReason}`;
      onEnd({ message: null, cause: 'crashed', detail, sentAt: null, endedAt: sentAt });
      return;
    }
    if (deadline <= sentAt) {
      const detail = 'no time left to send the call';
      onEnd({ message: null, cause: 'timeout', detail, sentAt: null, endedAt: sentAt });
      return;
    }
    this.#streams += 1;
    const call: UnaryCall = new UnaryCall({
      session: this.#http2,
      authority: this.#authority,
      path,
      framed,
      timeoutMs: deadline - sentAt,
      answerMaxBytes: this.#options.answerMaxBytes,
      budget: this.#options.budget,
      onEnd: (end) => {
        this.#calls.delete(call);
        this.#answerBytes += call.receivedBytes;
        onEnd({ ...end, sentAt, endedAt: monotonicMs() });
        if (end.message === null && end.cause === 'timeout') this.#askForLife();
      },
      onClosed: () => {
        this.#streams -= 1;
      },
    });
    this.#calls.add(call);
  }

  /** Ends the connection and every call on it, at once. */
  close(reason: string): void {
    if (this.#isClosed) return;
    this.#closeReason = reason;
    this.#http2.destroy();
    this.#socket.destroy();
    this.#onClosed();
  }

  /** To be called regularly: ends a connection that brings floods instead of answers. */
  checkOverhead(): void {
    const overhead = this.#socket.bytesRead - this.#expectedBytes - this.#answerBytes;
    // An answer that is still on its way lies within its own limit; it is judged when it has ended.
    const allowed = overheadMaxBytes + (this.#calls.size > 0 ? this.#options.answerMaxBytes : 0);
    if (overhead > allowed) this.close(`${overhead} bytes that belong to no answer`);
    else if (this.#calls.size === 0) this.#expectedBytes += overhead;
  }

  #askForLife(): void {
    if (this.#isClosed) return;
    if (this.#streams > stuckStreamsMax) {
      this.close(`${this.#streams} cancelled calls that don't end`);
      return;
    }
    if (this.#pongTimer !== null) return;
    const { pongTimeoutMs = pongTimeoutDefaultMs } = this.#options;
    this.#pongTimer = setTimeout(() => this.close(`no sign of life within ${pongTimeoutMs} ms`), pongTimeoutMs);
    this.#http2.ping((error) => {
      if (error !== null) return; // the timer decides
      if (this.#pongTimer !== null) clearTimeout(this.#pongTimer);
      this.#pongTimer = null;
    });
  }

  #onClosed(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#pongTimer !== null) clearTimeout(this.#pongTimer);
    for (const call of this.#calls) call.cancel('crashed', `connection lost: ${this.#closeReason}`);
    this.#socket.destroy();
    this.#options.onClosed(this.#closeReason);
  }
}
