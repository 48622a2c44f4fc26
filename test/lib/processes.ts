// The processes of this machine, as /proc tells them. Linux only, like the suites that need it.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot; with the pid it names one process for ever. */
  readonly startedAt: number;
  readonly command: readonly string[];
  readonly folder: string;
}

/** All living processes; those that have ended and only wait for their parent are left out. */
export function listProcesses(): readonly ProcessInfo[] {
  return readdirSync('/proc').flatMap((name) => {
    const found = /^\d+$/.test(name) ? readProcess(Number(name)) : null;
    return found ? [found] : [];
  });
}

/** `pid` and all that descend from it. */
export function treeOf(pid: number, all = listProcesses()): readonly ProcessInfo[] {
  const tree = all.filter((process) => process.pid === pid);
  for (const member of tree) tree.push(...all.filter(({ parent }) => parent === member.pid));
  return tree;
}

/** Those that still live, told from later processes of the same id. */
export function alive(processes: readonly ProcessInfo[]): readonly ProcessInfo[] {
  return processes.filter(({ pid, startedAt }) => readProcess(pid)?.startedAt === startedAt);
}

/** Processes whose environment holds `NAME=value`, as children inherit it. */
export function withEnvironment(entry: string, all = listProcesses()): readonly ProcessInfo[] {
  return all.filter(({ pid }) => read(`/proc/${pid}/environ`).split('\0').includes(entry));
}

export function describe(processes: readonly ProcessInfo[]): string {
  return processes.map(({ pid, parent, command }) => `${pid} (of ${parent}) ${command.join(' ')}`).join('\n');
}

/** @throws Error when the process is gone. */
export function kill(pid: number, signal: NodeJS.Signals): void {
  process.kill(pid, signal);
}

function readProcess(pid: number): ProcessInfo | null {
  // The second field is the name in brackets and may hold anything; the rest follows its last bracket.
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 20 || fields[0] === 'Z' || fields[0] === 'X') return null;
  return {
    pid,
    parent: Number(fields[1]),
    startedAt: Number(fields[19]),
    command: read(`/proc/${pid}/cmdline`).split('\0').filter(Boolean),
    folder: folderOf(pid),
  };
}

function folderOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return ''; // another user's, or gone meanwhile
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
