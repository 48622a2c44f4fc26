// A fake orchestrator for tests and benches: a WebSocket server that says what it is told to say.

import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** One element of a message, with defaults for what a test doesn't care about. */
export interface StubState {
  model_id: string;
  deployment_id?: string;
  state?: string;
  ip?: string | null;
  port?: number | string | null;
  infos?: unknown;
}

export interface StubOrchestrator {
  /** `ws://127.0.0.1:port`. */
  readonly url: string;
  readonly connections: number;
  /** Request targets of the connections, in order. */
  readonly paths: readonly string[];
  /** What every connection hears first. Also sent now when `send` is true. */
  init(states: readonly StubState[], options?: { send?: boolean }): void;
  update(states: readonly StubState[]): void;
  /** Any frame. */
  say(text: string | Buffer): void;
  /** TCP reset. */
  drop(): void;
  /** A clean close of every connection. */
  closeAll(code?: number): void;
  /** From now on: what happens to a new connection. */
  onConnect: 'init' | 'close' | 'nothing';
  close(): Promise<void>;
}

export async function stubOrchestrator({ port = 0 }: { port?: number } = {}): Promise<StubOrchestrator> {
  const server = new WebSocketServer({ host: '127.0.0.1', port });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', reject);
  });
  let init = message('init', []);
  const paths: string[] = [];
  const sockets = new Set<WebSocket>();
  const stub: StubOrchestrator = {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return paths.length;
    },
    paths,
    onConnect: 'init',
    init(states, { send = true } = {}) {
      init = message('init', states);
      if (send) stub.say(init);
    },
    update: (states) => stub.say(message('update', states)),
    say(text) {
      for (const socket of sockets) socket.send(text);
    },
    drop() {
      for (const socket of sockets) socket.terminate();
    },
    closeAll(code = 1000) {
      for (const socket of sockets) socket.close(code);
    },
    close() {
      stub.drop();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  server.on('connection', (socket, request) => {
    paths.push(request.url ?? '');
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    if (stub.onConnect === 'init') socket.send(init);
    if (stub.onConnect === 'close') socket.close(1000);
  });
  return stub;
}

function message(event: 'init' | 'update', states: readonly StubState[]): string {
  return JSON.stringify({ event, data: states.map(fillIn) });
}

function fillIn(state: StubState): unknown {
  const { model_id, deployment_id = `${model_id}-1`, ip = '127.0.0.1', port = null } = state;
  const infos = { model_name: `model ${model_id}`, cruncher_id: 'c', cruncher_name: 'c', cruncher_wallet_pubkey: 'w' };
  return { deployment_id, model_id, infos: state.infos ?? infos, state: state.state ?? 'RUNNING', ip, port };
}
