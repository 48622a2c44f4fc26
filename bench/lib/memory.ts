// Resident memory and processor time of processes, as /proc tells them.

import { readdirSync, readFileSync } from 'node:fs';
import { processorSeconds } from '../backlog/processes.ts';

/** Most resident memory of a process so far, MiB; NaN once it has ended. */
export function peakResidentMb(pid: number): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kilobytes) / 1024;
  } catch {
    return Number.NaN;
  }
}

/**
 * Processor time of a process and all that have ever been its children, seconds. Those that have ended are in its own
 * account once it has waited for them.
 */
export function treeProcessorSeconds(pid: number): number {
  const children = readdirSync('/proc').filter((name) => parentOf(name) === pid);
  const ended = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const endedSeconds = (Number(ended[13]) + Number(ended[14])) / 100; // USER_HZ
  return (
    processorSeconds(pid) + endedSeconds + children.reduce((sum, child) => sum + processorSeconds(Number(child)), 0)
  );
}

function parentOf(name: string): number {
  if (!/^\d+$/.test(name)) return Number.NaN;
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return Number.NaN;
  }
}
