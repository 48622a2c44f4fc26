// Two ways of doing the same work, in turns within one run: the ratio of each pair, its median and spread.

import { percentile, tableLine } from '../lib/figures.ts';
import type { Reference, Timed } from './reference.ts';
import type { Work } from './works.ts';

const pairs = 7;
const oursSeconds = 0.1; // of each turn; a reference's run takes at least that long, or is repeated
const warmSeconds = 0.3;
const agreement = 1e-9;
const widths = [40, 12, 12, 8, 15, 8];

export interface Target {
  readonly parsing: boolean;
  /** Times as fast as the other, at least. */
  readonly atLeast: number;
}

export function printHead(other: string): void {
  console.log(tableLine(['', 'ours', other, 'ratio', 'spread', 'target'], widths));
}

/** Prints a line; whether the whole spread reaches the target. @throws Error when the scores differ by more than 1e-9. */
export async function compareWithReference(work: Work, target: Target, reference: Reference): Promise<boolean> {
  const forecast = work.read();
  const ours = target.parsing ? () => work.score(work.read()) : () => work.score(forecast);
  timed(ours, warmSeconds);
  const warm = await reference.measure(work, target.parsing, 1);
  const times = Math.max(1, Math.round(oursSeconds / warm.seconds));
  const turns: { ours: Timed; theirs: Timed }[] = [];
  for (let i = 0; i < pairs; i++) {
    const turn = { ours: timed(ours, oursSeconds), theirs: await reference.measure(work, target.parsing, times) };
    const error = Math.abs(turn.ours.score / turn.theirs.score - 1);
    if (!(error <= agreement)) {
      throw new Error(`Cannot compare ${work.id}: scores are ${turn.ours.score} and ${turn.theirs.score}`);
    }
    turns.push(turn);
  }
  const name = `${work.id}${target.parsing ? ', with parsing' : ''}`;
  return judge(name, turns, target.atLeast);
}

/** The same for two of our own ways. */
export function compareOwn(name: string, fast: () => number, slow: () => number, atLeast: number): boolean {
  timed(fast, warmSeconds);
  timed(slow, warmSeconds);
  const turns = Array.from({ length: pairs }, () => ({
    ours: timed(fast, oursSeconds),
    theirs: timed(slow, oursSeconds),
  }));
  return judge(name, turns, atLeast);
}

/**
 * Processor seconds of one `work`, repeated for `seconds` of them: of the whole process, the collector's threads
 * included. Unlike wall time they don't count what else the machine does. The reference is timed likewise.
 */
export function timed(work: () => number, seconds: number): Timed {
  const before = process.cpuUsage();
  let score = 0;
  let done = 0;
  let took = 0;
  let batch = 1; // asking for the time is a system call of a microsecond
  do {
    for (let i = 0; i < batch; i++) score = work();
    done += batch;
    batch = Math.min(2 * batch, 64);
    const { user, system } = process.cpuUsage(before);
    took = (user + system) / 1e6;
  } while (took < seconds);
  return { seconds: took / done, score };
}

function judge(name: string, turns: readonly { ours: Timed; theirs: Timed }[], atLeast: number): boolean {
  const ratios = turns.map(({ ours, theirs }) => theirs.seconds / ours.seconds);
  const least = Math.min(...ratios);
  const most = Math.max(...ratios);
  const met = least >= atLeast;
  const us = (side: 'ours' | 'theirs') => {
    const median =
      1e6 *
      percentile(
        turns.map((turn) => turn[side].seconds),
        0.5,
      );
    return `${median.toFixed(median < 100 ? 1 : 0)} µs`;
  };
  const digits = least < 10 ? 1 : 0;
  const spread = `${least.toFixed(digits)}–${most.toFixed(digits)}`;
  const ratio = `${percentile(ratios, 0.5).toFixed(digits)}×`;
  console.log(tableLine([name, us('ours'), us('theirs'), ratio, spread, `${atLeast}×`, met ? '' : '  MISSED'], widths));
  return met;
}
