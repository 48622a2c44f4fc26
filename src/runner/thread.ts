// The model's thread: loads the participant's file and answers one request after another. It runs apart
// from the sockets, so that a model in an endless loop blocks neither health checks nor its own end.

import { parentPort, workerData } from 'node:worker_threads';
import { loadDefaultExport } from '../lib/load-module.ts';
import { createInstance, type Procedure, type Reply } from './instance.ts';
import { limitOutput } from './output.ts';

/** Main → thread. */
export interface Request {
  readonly procedure: Procedure;
  readonly bytes: Uint8Array;
}

/** Thread → main. */
export type Message =
  | { readonly type: 'reply'; readonly reply: Reply }
  | { readonly type: 'output'; readonly text: string };

export interface ThreadData {
  /** The participant's file, absolute. */
  readonly file: string;
}

const port = parentPort;
if (!port) throw new Error('Cannot run thread.js by itself: it is the model thread of a runner');
const { file } = workerData as ThreadData;

const say = limitOutput((text) => port.postMessage({ type: 'output', text } satisfies Message));
for (const stream of [process.stdout, process.stderr]) {
  // Node would queue what a thread prints without limit, and print it through the main thread.
  stream.write = (chunk: unknown, ...rest: unknown[]) => {
    say(typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString());
    const done = rest.at(-1);
    if (typeof done === 'function') queueMicrotask(() => done());
    return true;
  };
}

// Loaded while the coordinator still connects. A failure is Setup's to tell, and Setup tries again.
let loading: Promise<unknown> | undefined = loadDefaultExport(file);
loading.catch((error: unknown) => {
  loading = undefined;
  say(`${error instanceof Error ? error.message : String(error)}\n`);
});

const answer = createInstance({
  load: () => loading ?? loadDefaultExport(file),
  warn: (message) => say(`warning: ${message}\n`),
});

port.on('message', async ({ procedure, bytes }: Request) => {
  const reply = await answer(procedure, bytes);
  // The buffer is the reply's alone, so it moves instead of being copied.
  const isOwn = 'bytes' in reply && reply.bytes.byteLength === reply.bytes.buffer.byteLength;
  port.postMessage({ type: 'reply', reply } satisfies Message, isOwn ? [reply.bytes.buffer as ArrayBuffer] : []);
});
