// The WebSocket to the orchestrator: connected for as long as it is wanted, whatever the other side does.
// Hands each message on as text; what it means is announcement.ts's business. A lost WebSocket says nothing
// about models: they stay as they were last announced.

import { WebSocket } from 'ws';
import type { Log } from '../lib/log.ts';
import { createBackoff } from './backoff.ts';

export interface OrchestratorOptions {
  /** With the crunch id. */
  readonly url: string;
  readonly log: Log;
  onMessage(text: string): void;
}

// A real `init` of 3,000 models is 1 MiB, the server's own bound; 64 leaves room for anything sane.
const messageMaxBytes = 64 * 1024 * 1024;
const handshakeTimeoutMs = 10_000;
// The Python client's rhythm: a ping each 20 s, and 20 s for anything to come back.
const pingEveryMs = 20_000;
// At least a second after every kind of close, clean ones too, so that a server that closes at once is
// tried less than once a second; at most 45 s, so that a server that is back is found soon.
const retry = { minMs: 1000, maxMs: 30_000 };
// A connection that lived this long was a good one.
const settledAfterMs = 30_000;
// Updates can be lost without a trace (wire-protocol.md 1.5); a new connection begins with the whole truth.
const resyncEveryMs = 30 * 60_000;

export class OrchestratorClient {
  readonly #options: OrchestratorOptions;
  readonly #backoff;
  #socket: WebSocket | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isStopped = false;
  #isConnected = false;

  constructor(options: OrchestratorOptions) {
    this.#options = options;
    this.#backoff = createBackoff({ ...retry, seed: `${process.pid} ${options.url}` });
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  start(): void {
    const { url, log, onMessage } = this.#options;
    const socket = new WebSocket(url, {
      maxPayload: messageMaxBytes,
      handshakeTimeout: handshakeTimeoutMs,
      perMessageDeflate: false,
    });
    this.#socket = socket;
    let reason = 'closed';
    let stopWatching = () => {};
    socket.on('open', () => {
      this.#isConnected = true;
      log.info({ url }, 'connected to the orchestrator');
      stopWatching = this.#watch(socket);
    });
    socket.on('message', (data) => onMessage(data.toString()));
    socket.on('error', (error) => {
      reason = error.message;
    });
    socket.on('close', (code) => {
      stopWatching();
      this.#isConnected = false;
      if (this.#isStopped) return;
      const waitMs = Math.round(this.#backoff.nextMs());
      log.warn({ url, code, reason, waitMs }, 'the orchestrator is away; models stay as they are');
      this.#timer = setTimeout(() => this.start(), waitMs);
    });
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#socket?.terminate();
  }

  /** Pings, and ends a connection from which nothing comes back. Returns how to stop it. */
  #watch(socket: WebSocket): () => void {
    let isAlive = true;
    const heard = () => {
      isAlive = true;
    };
    socket.on('message', heard);
    socket.on('ping', heard);
    socket.on('pong', heard);
    const ping = setInterval(() => {
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.ping();
    }, pingEveryMs);
    const settled = setTimeout(() => this.#backoff.reset(), settledAfterMs);
    const resync = setTimeout(() => socket.close(), resyncEveryMs);
    return () => {
      clearInterval(ping);
      clearTimeout(settled);
      clearTimeout(resync);
    };
  }
}
