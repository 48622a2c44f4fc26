// What one answer of synth's 24 h costs from its stored bytes to its score, stage by stage.

import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { parseAnswerJson } from '../../src/scoring/answer-json.ts';
import { percentile, tableLine } from '../lib/figures.ts';
import { timed } from './compare.ts';
import type { Work } from './works.ts';

const widths = [20, 10, 10, 12, 12, 12, 10, 10];
const turns = 7;
const turnSeconds = 0.1;
const day = { answers: 370_668, densities: 58_000_000 }; // 1,343 rounds, 276 models

export function printAnswerCostHead(): void {
  console.log(
    '\nOne answer of synth 24 h (317 densities), processor µs; last, one density in all, and a production day of them',
  );
  const stages = ['decompress', 'JSON', 'densities', 'rule', 'in all'];
  console.log(tableLine(['', 'bytes', ...stages, 'one', 'day'], [...widths, 10]));
}

/** Stages are timed cumulatively, so that what they leave behind for the collector is counted. */
export function printAnswerCost(name: string, work: Work, densities: number): void {
  const stored = brotliCompressSync(work.answer, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
  const decompress = () => brotliDecompressSync(stored);
  const stages = [
    () => decompress().length,
    () => (parseAnswerJson(decompress()).ok ? 1 : 0),
    () => work.read(decompress()).steps.length,
    () => work.score(work.read(decompress())),
  ];
  const samples = stages.map((): number[] => []);
  for (const stage of stages) timed(stage, turnSeconds);
  for (let i = 0; i < turns; i++) {
    for (const [j, stage] of stages.entries()) samples[j]?.push(1e6 * timed(stage, turnSeconds).seconds);
  }
  const upTo = samples.map((values) => percentile(values, 0.5));
  const own = upTo.map((value, i) => (value - (upTo[i - 1] ?? 0)).toFixed(0));
  const all = upTo.at(-1) ?? Number.NaN;
  const one = all / densities;
  const daySeconds = (one * day.densities) / 1e6;
  const cells = [name, String(work.answer.length), ...own, all.toFixed(0), `${one.toFixed(2)} µs`];
  console.log(tableLine([...cells, `${daySeconds.toFixed(0)} s`], [...widths, 10]));
}
