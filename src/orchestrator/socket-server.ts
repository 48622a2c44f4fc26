// The WebSocket a coordinator listens on (wire-protocol 1.1 to 1.4). It knows who is connected for which
// crunch; what it says comes from outside. One client's faults, slowness or end never reach another.

import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import type { Log } from '../lib/log.ts';
import { type ModelState, messagesOf } from './announcement.ts';
import { type FailureReport, parseReports } from './report.ts';

export interface SocketServerOptions {
  readonly host: string;
  readonly port: number;
  readonly log: Log;
  /** The models running for a crunch, for `init`. */
  readonly running: (crunchId: string) => readonly ModelState[];
  readonly onReport: (crunchId: string, report: FailureReport) => void;
}

export interface SocketServer {
  readonly port: number;
  /** Tells everybody who listens to this crunch. Returns at once. */
  announce(crunchId: string, state: ModelState): void;
  /** Closes all connections (1001) and stops listening, within a second. */
  stop(): Promise<void>;
}

/** The same in both directions as in the existing orchestrator; ws closes with 1009 above it. */
const messageMaxBytes = 1024 * 1024;

/** A client this far behind is cut off; it resyncs by `init` when it returns. */
const unsentMaxBytes = 16 * 1024 * 1024;

/** Coordinators are few. More connections than this are refused with 503. */
const clientsMax = 200;

/** A client that answers no ping for one to two of these is gone. */
const pingEveryMs = 30_000;

/** Warnings about one connection's messages; more would let a client fill the log. */
const complaintsMax = 10;

/**
 * Starts to listen.
 * @throws Error naming the address when it is taken.
 */
export async function startSocketServer(options: SocketServerOptions): Promise<SocketServer> {
  const { host, log, running, onReport } = options;
  const clients = new Map<WebSocket, { readonly crunchId: string; isAlive: boolean; complaints: number }>();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: messageMaxBytes, perMessageDeflate: false });
  const http = createServer((_request, response) => {
    response.writeHead(426, {
      'Content-Type': 'text/plain; charset=utf-8',
      Upgrade: 'websocket',
      Connection: 'Upgrade',
    });
    response.end('Upgrade Required: use WebSocket\n');
  });
  http.maxConnections = 2 * clientsMax;
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (clients.size >= clientsMax) {
      socket.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => welcome(client, request.url ?? '/'));
  });

  function welcome(client: WebSocket, target: string): void {
    client.on('error', (error) => log.debug({ err: error }, 'A coordinator connection failed'));
    const crunchId = target.replace(/^\/+|\/+$/g, '');
    if (crunchId === '') {
      client.send('{"error": "crunch_id is required and is expected in the path as /<crunch_id>"}');
      client.close(1000);
      return;
    }
    const state = { crunchId, isAlive: true, complaints: 0 };
    clients.set(client, state);
    client.on('close', () => clients.delete(client));
    client.on('pong', () => {
      state.isAlive = true;
    });
    client.on('message', (data: RawData) => {
      const parsed = parseReports(textOf(data));
      for (const complaint of parsed?.complaints ?? []) {
        if (++state.complaints <= complaintsMax)
          log.warn({ crunch: crunchId }, `Ignored from a coordinator: ${complaint}`);
      }
      for (const report of parsed?.reports ?? []) onReport(crunchId, report);
    });
    for (const message of messagesOf('init', running(crunchId))) send(client, message);
  }

  function send(client: WebSocket, message: string): void {
    if (client.readyState !== WebSocket.OPEN) return;
    client.send(message, () => {}); // a failure also ends the connection, which `close` tells
    if (client.bufferedAmount <= unsentMaxBytes) return;
    log.warn(`Cut off a coordinator: it left ${client.bufferedAmount} bytes unread, at most ${unsentMaxBytes}`);
    client.terminate();
  }

  const pings = setInterval(() => {
    for (const [client, state] of clients) {
      if (!state.isAlive) client.terminate();
      state.isAlive = false;
      client.ping(() => {});
    }
  }, pingEveryMs);
  pings.unref();

  await new Promise<void>((resolve, reject) => {
    http.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program listens there' : cause.message;
      reject(new Error(`Cannot listen on ${host}:${options.port} for coordinators: ${why}`, { cause }));
    });
    http.listen(options.port, host, resolve);
  });
  http.removeAllListeners('error');
  http.on('error', (error) => log.error({ err: error }, 'The socket for coordinators failed'));

  return {
    port: (http.address() as AddressInfo).port,
    announce(crunchId, state) {
      const messages = messagesOf('update', [state]);
      for (const [client, { crunchId: theirs }] of [...clients]) {
        if (theirs === crunchId) for (const message of messages) send(client, message);
      }
    },
    async stop() {
      clearInterval(pings);
      for (const client of clients.keys()) client.close(1001);
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      const late = setTimeout(() => {
        for (const client of clients.keys()) client.terminate();
        http.closeAllConnections();
      }, 500);
      await closed;
      clearTimeout(late);
    },
  };
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString();
}
