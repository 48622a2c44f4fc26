// What stands between a worker and its database in hostile tests: a Unix socket that passes everything on,
// delays it, swallows it or refuses it, to a server that may change.

import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterwards, type Cleanup } from './condor.ts';

/**
 * `swallow`: connections stand and nothing comes through, either way; one that lost bytes ends at its next
 * ones. `refuse`: connections are reset. `slow`: each chunk is delayed by a second.
 */
export type Weather = 'pass' | 'slow' | 'swallow' | 'refuse';

export interface DatabaseProxy {
  readonly url: string;
  weather: Weather;
  /** The server's own url, from now on. */
  server: string;
}

const slowMs = 1_000;

export async function startDatabaseProxy(t: Cleanup, serverUrl: string): Promise<DatabaseProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'chp-'));
  const proxy = { url: viaFolder(serverUrl, folder), weather: 'pass' as Weather, server: serverUrl };
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    if (proxy.weather === 'refuse') return void client.destroy();
    const server = createConnection(join(folderOf(proxy.server), '.s.PGSQL.5432'));
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (chunk) => carry(chunk, from, to));
      from.on('error', () => {});
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });

  function carry(chunk: Buffer, from: Socket, to: Socket): void {
    if (proxy.weather === 'swallow') deaf.add(from).add(to);
    else if (proxy.weather === 'refuse' || deaf.has(from)) from.destroy();
    else if (proxy.weather === 'slow' || mustWait.has(to)) delay(chunk, to);
    else to.write(chunk);
  }

  /** Chunks of one direction stay in order. */
  function delay(chunk: Buffer, to: Socket): void {
    const before = mustWait.get(to) ?? Promise.resolve();
    const written = Promise.all([before, new Promise((resolve) => setTimeout(resolve, slowMs).unref())]).then(() => {
      if (!to.destroyed) to.write(chunk);
      if (mustWait.get(to) === written) mustWait.delete(to);
    });
    mustWait.set(to, written);
  }
  const mustWait = new Map<Socket, Promise<void>>();
  const deaf = new WeakSet<Socket>();

  await new Promise<void>((resolve) => listener.listen(join(folder, '.s.PGSQL.5432'), resolve));
  afterwards(t, async () => {
    const closed = new Promise((resolve) => listener.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
    rmSync(folder, { recursive: true, force: true });
  });
  return proxy;
}

function folderOf(url: string): string {
  const folder = new URL(url.replace('@/', '@localhost/')).searchParams.get('host');
  if (folder === null) throw new Error(`Cannot find the socket's folder in "${url}"`);
  return folder;
}

function viaFolder(url: string, folder: string): string {
  return url.replace(/host=[^&]*/, `host=${encodeURIComponent(folder)}`);
}
