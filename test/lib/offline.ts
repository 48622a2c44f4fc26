// A network without a route: only loopback, so that whatever reaches for the world outside fails.

import { spawnSync } from 'node:child_process';

/** Words that put a program into such a network; root is needed to make one. */
export const offline: readonly string[] = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];

/** Words that put a program into the network of another one. */
export function inNetworkOf(pid: number): readonly string[] {
  return ['nsenter', '--target', String(pid), '--net'];
}

/** Why no such network can be made here; false when it can. Under CI it must be possible. */
export function cannotBeOffline(): string | false {
  const [command = '', ...args] = [...offline, 'true'];
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0 || process.env.CI === 'true') return false;
  return `cannot make a network without a route here: ${error?.message ?? stderr.trim()}`;
}
