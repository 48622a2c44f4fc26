// `/v1/events`: a server-sent event for each new board and whenever the database comes or goes. It knows
// nothing of boards; it writes text to many sockets and lets go of those that don't keep up.

import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';

export interface EventLimits {
  /** Open streams at once; each holds a socket and about 20 kB. */
  readonly clientsMax: number;
  /** Unsent bytes after which a client is dropped; its EventSource comes back by itself. */
  readonly backlogMaxBytes: number;
  /** Proxies end a silent stream after 30 to 60 s. */
  readonly heartbeatMs: number;
}

const defaults: EventLimits = { clientsMax: 1000, backlogMaxBytes: 64 * 1024, heartbeatMs: 15_000 };

/** What of a response a stream needs; node's ServerResponse has it. */
interface Stream {
  readonly writableLength: number;
  write(text: string): boolean;
  end(): void;
  destroy(): void;
  on(event: 'close' | 'error', listener: () => void): unknown;
}

export interface EventHub {
  /** Whether every place is taken. */
  readonly isFull: boolean;
  /** `greeting` is the first thing the client gets. */
  add(stream: Stream, greeting: string): void;
  /** Tells every client. */
  send(text: string): void;
  start(): void;
  /** Ends every stream. */
  stop(): void;
}

/** One event in the format of the stream. `data` must survive JSON. */
export function formatEvent(event: string, data: unknown, id?: string): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}

export function createEventHub(limits: Partial<EventLimits> = {}): EventHub {
  const { clientsMax, backlogMaxBytes, heartbeatMs } = { ...defaults, ...limits };
  const streams = new Set<Stream>();
  let heartbeat: NodeJS.Timeout | null = null;

  function writeTo(stream: Stream, text: string) {
    if (stream.writableLength + text.length <= backlogMaxBytes) {
      stream.write(text);
    } else {
      streams.delete(stream);
      stream.destroy();
    }
  }

  function send(text: string) {
    for (const stream of streams) writeTo(stream, text);
  }

  return {
    get isFull() {
      return streams.size >= clientsMax;
    },
    add(stream, greeting) {
      streams.add(stream);
      const remove = () => streams.delete(stream);
      stream.on('close', remove);
      stream.on('error', remove); // a reset connection is ordinary
      writeTo(stream, greeting);
    },
    send,
    start() {
      heartbeat ??= setInterval(() => send(': still here\n\n'), heartbeatMs).unref();
    },
    stop() {
      if (heartbeat) clearInterval(heartbeat);
      heartbeat = null;
      for (const stream of streams) stream.end();
      streams.clear();
    },
  };
}

const retryMs = 3000; // how long a browser waits before it comes back

/** Adds the stream. `greeting` tells a newcomer how things stand. */
export function addEvents(app: FastifyInstance, hub: EventHub, greeting: () => string): void {
  app.get('/v1/events', { exposeHeadRoute: false }, async (_request, reply) => {
    if (hub.isFull) {
      reply.header('retry-after', '30').code(503);
      return { detail: 'All places for live events are taken; ask /v1/leaderboard instead' };
    }
    const headers = reply.getHeaders(); // those the hooks have set: hijacking would lose them
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(headers as OutgoingHttpHeaders), // the same thing, but for explicit undefined
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    hub.add(reply.raw, `retry: ${retryMs}\n\n${greeting()}`);
    return reply;
  });
}
