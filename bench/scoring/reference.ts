// The reference scorers in a process of their own, which is kept: it imports once, and times only its work.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageRoot } from '../../src/lib/package-root.ts';
import type { Work } from './works.ts';

export interface Timed {
  readonly seconds: number;
  readonly score: number;
}

export interface Reference {
  readonly versions: Readonly<Record<string, string>>;
  prepare(work: Work): Promise<void>;
  /** Seconds of one of `times` scorings, with or without the parsing of the answer's JSON. */
  measure(work: Work, parsing: boolean, times: number): Promise<Timed>;
  stop(): Promise<void>;
}

/** @throws Error when the process ends unasked; it says why itself. */
export async function startReference(python: string): Promise<Reference> {
  const child = spawn(python, [join(packageRoot, 'bench', 'scoring', 'reference.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    const { done, value } = await lines.next();
    if (done === true) throw new Error('Cannot go on: the reference process has ended');
    return JSON.parse(value);
  };
  const ask = (request: unknown): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    return next();
  };
  const versions = (await next()) as Record<string, string>; // what reference.py writes
  return {
    versions,
    async prepare({ id, rule, asset, answer, x }) {
      await ask({ do: 'prepare', id, rule, asset, answer: Buffer.from(answer).toString(), x });
    },
    async measure({ id }, parsing, times) {
      return (await ask({ do: 'measure', id, parsing, times })) as Timed;
    },
    async stop() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}
