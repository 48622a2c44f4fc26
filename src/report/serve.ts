// Puts the application on a port, says where it is, and takes it off again.

import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';

// A thousand event streams and as many ordinary connections; beyond it new ones wait in the system's queue
// or are refused, and the worker keeps within the usual limit of open files.
const connectionsMax = 2000;

/**
 * Listens, and gives the address a person can open. Port 0 takes a free one.
 * @throws Error saying which address could not be had and what to do about it.
 */
export async function serve(app: FastifyInstance, host: string, port: number): Promise<string> {
  app.server.maxConnections = connectionsMax;
  try {
    await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    throw new Error(`Cannot serve the report on ${addressOf(host, port)}: ${reasonOf(cause)}`, { cause });
  }
  return `http://${addressOf(openable(host), (app.server.address() as AddressInfo).port)}`; // never a pipe: host is given
}

function reasonOf(cause: unknown): string {
  const { code = '', message = String(cause) } = cause instanceof Error ? (cause as NodeJS.ErrnoException) : {};
  switch (code) {
    case 'EADDRINUSE':
      return 'another program has this port; end it, or choose another port (0 takes a free one)';
    case 'EACCES':
      return 'this user may not use this port; choose one above 1023';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'this machine has no such address; 127.0.0.1 serves this machine only, 0.0.0.0 every network';
    default:
      return message;
  }
}

function addressOf(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** "Every network" is nothing a browser can open. */
function openable(host: string): string {
  return host === '0.0.0.0' || host === '::' ? 'localhost' : host;
}
