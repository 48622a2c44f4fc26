// The gRPC server of a runner: the service a coordinator calls, and health. Requests travel to the model's
// thread as bytes and come back as bytes; this thread decodes nothing, so it always answers.

import { Worker } from 'node:worker_threads';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData, status } from '@grpc/grpc-js';
import { healthService } from './health.ts';
import type { Procedure, Reply } from './instance.ts';
import type { Message, Request, ThreadData } from './thread.ts';

export interface RunnerOptions {
  /** The model's file, absolute (see `locateModel`). */
  readonly file: string;
  /** `host:port`. Port 0 picks a free one; `[::]` and `localhost` bind both families where they can. */
  readonly address: string;
  /** Limit of the model's heap, MB. */
  readonly memoryMb: number;
  /** Text the model printed, bounded (output.ts). */
  readonly onOutput: (text: string) => void;
  /** The model's thread is gone: it exited, ran out of memory, or threw where nobody could catch it. */
  readonly onEnd: (reason: string) => void;
}

export interface Runner {
  readonly port: number;
  /** Resolves when no call is in flight, at the latest after `ms`. */
  drain(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** What the existing runner allows in both directions; the client's own limit is usually lower. */
const messageMaxBytes = 64 * 1024 * 1024;

/**
 * Starts the model's thread and listens.
 * @throws Error naming the address when it can't be bound.
 */
export async function startRunner({ file, address, memoryMb, onOutput, onEnd }: RunnerOptions): Promise<Runner> {
  const server = new Server({
    'grpc.max_receive_message_length': messageMaxBytes,
    'grpc.max_send_message_length': messageMaxBytes,
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(new Error(`Cannot listen on "${address}": ${error.message}`, { cause: error }));
      else resolve(bound);
    });
  });

  const thread = new Worker(new URL('./thread.js', import.meta.url), {
    workerData: { file } satisfies ThreadData,
    // A small young generation saves 24 MB of memory after 30 days of history and costs nothing measurable.
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 12 },
    stdout: true, // written by nobody (thread.ts), and not to be mixed with our own
    stderr: true,
  });
  /** Who waits for the call in flight; undefined while the model is free. One lock for all three procedures. */
  let waiting: ((reply: Reply) => void) | undefined;
  let drained: (() => void) | undefined;
  let ended = false;

  thread.on('message', (message: Message) => {
    if (message.type === 'output') return onOutput(message.text);
    const answer = waiting;
    waiting = undefined;
    answer?.(message.reply);
    drained?.();
  });
  const end = (reason: string) => {
    if (ended) return;
    ended = true;
    onEnd(reason);
  };
  thread.on('error', (error) => end(error.stack ?? error.message));
  thread.on('exit', (code) => end(`it exited with code ${code}`));

  const handler =
    (procedure: Procedure) =>
    (call: ServerUnaryCall<Uint8Array, Uint8Array>, callback: sendUnaryData<Uint8Array>): void => {
      if (waiting) {
        callback({ code: status.RESOURCE_EXHAUSTED, details: 'Server busy' });
        return;
      }
      waiting = (reply) => {
        if ('bytes' in reply) callback(null, reply.bytes);
        else callback({ code: status[reply.error], details: reply.details });
      };
      // A copy of its own, so that it can move to the thread: the received buffer may be part of a pool.
      const bytes = new Uint8Array(call.request);
      thread.postMessage({ procedure, bytes } satisfies Request, [bytes.buffer]);
    };
  server.addService(dynamicSubclassService, { Setup: handler('Setup'), Call: handler('Call'), Rest: handler('Rest') });
  server.addService(healthService.definition, healthService.handlers);

  return {
    port,
    async drain(ms) {
      if (!waiting) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        drained = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
    async stop() {
      ended = true;
      server.forceShutdown();
      await thread.terminate();
    },
  };
}

/** Bytes in, bytes out: messages are decoded in the model's thread. */
const asBytes = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength); // a view
const procedure = (name: Procedure) => ({
  path: `/dynamic_subclass.DynamicSubclassService/${name}`,
  requestStream: false,
  responseStream: false,
  requestSerialize: asBytes,
  requestDeserialize: asBytes,
  responseSerialize: asBytes,
  responseDeserialize: asBytes,
});
const dynamicSubclassService = { Setup: procedure('Setup'), Call: procedure('Call'), Rest: procedure('Rest') };
