// For tests: a raw gRPC client of a runner, and runners started as processes on models written for the test.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { VariantType } from '../gen/commons_pb.ts';
import {
  CallRequestSchema,
  type CallResponse,
  CallResponseSchema,
  type RestResponse,
  RestResponseSchema,
  SetupRequestSchema,
  type SetupResponse,
  SetupResponseSchema,
} from '../gen/dynamic_subclass_pb.ts';
import { HealthCheckRequestSchema, type HealthCheckResponse, HealthCheckResponseSchema } from '../gen/health_pb.ts';
import { sleep } from '../lib/clock.ts';
import { packageRoot } from '../lib/package-root.ts';

const service = '/dynamic_subclass.DynamicSubclassService';

export interface TestClient {
  setup(request?: MessageInitShape<typeof SetupRequestSchema>): Promise<SetupResponse>;
  call(request: MessageInitShape<typeof CallRequestSchema>, deadlineMs?: number): Promise<CallResponse>;
  rest(): Promise<RestResponse>;
  check(name?: string): Promise<HealthCheckResponse>;
  /** Any bytes to any procedure. */
  raw(path: string, request: Uint8Array): Promise<Uint8Array>;
  readonly grpc: Client;
  close(): void;
}

export function connect(port: number, host = '127.0.0.1'): TestClient {
  const grpc = new Client(`${host}:${port}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': 64 * 1024 * 1024,
    'grpc.max_send_message_length': -1,
  });
  const raw = (path: string, request: Uint8Array, deadlineMs = 20_000) =>
    new Promise<Uint8Array>((resolve, reject) => {
      grpc.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => bytes,
        request,
        { deadline: Date.now() + deadlineMs },
        (error: ServiceError | null, value?: Uint8Array) => (error ? reject(error) : resolve(value as Uint8Array)),
      );
    });
  async function exchange<Q extends DescMessage, A extends DescMessage>(
    path: string,
    question: Q,
    answer: A,
    request: MessageInitShape<Q>,
    deadlineMs?: number,
  ): Promise<MessageShape<A>> {
    return fromBinary(answer, await raw(path, toBinary(question, create(question, request)), deadlineMs));
  }
  return {
    grpc,
    raw,
    setup: (request = { className: 'condorgame.tracker.TrackerBase' }) =>
      exchange(`${service}/Setup`, SetupRequestSchema, SetupResponseSchema, request),
    call: (request, deadlineMs) =>
      exchange(`${service}/Call`, CallRequestSchema, CallResponseSchema, request, deadlineMs),
    rest: async () => fromBinary(RestResponseSchema, await raw(`${service}/Rest`, new Uint8Array())),
    check: (name = '') =>
      exchange('/grpc.health.v1.Health/Check', HealthCheckRequestSchema, HealthCheckResponseSchema, { service: name }),
    close: () => grpc.close(),
  };
}

/** A value on the wire, as `data` of an argument. */
export const wire = {
  json: (text: string) => ({ type: VariantType.JSON, value: Buffer.from(text) }),
  string: (text: string) => ({ type: VariantType.STRING, value: Buffer.from(text) }),
  int: (value: bigint | number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return { type: VariantType.INT, value: bytes };
  },
  double: (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return { type: VariantType.DOUBLE, value: bytes };
  },
};

export const predictCall = (asset: string, horizonSeconds: number, stepSeconds: number) => ({
  methodName: 'predict',
  methodArguments: [
    { position: 1, data: wire.string(asset) },
    { position: 2, data: wire.int(horizonSeconds) },
    { position: 3, data: wire.int(stepSeconds) },
  ],
});

export interface TestRunner extends TestClient {
  readonly child: ChildProcess;
  readonly port: number;
  readonly stderr: () => string;
  /** Resolves when the pattern is on stderr, where text arrives later than a reply. */
  says(pattern: RegExp): Promise<void>;
  stop(): Promise<void>;
}

/** Starts `main.js` on a model file (a path, or the text of one) and connects to it. */
export async function startTestRunner(model: string, options: readonly string[] = []): Promise<TestRunner> {
  const folder = await mkdtemp(join(tmpdir(), 'condor-runner-'));
  let file = model;
  if (model.includes('\n')) {
    file = join(folder, 'model.ts');
    await writeFile(file, model);
  }
  const main = join(packageRoot, 'dist', 'src', 'runner', 'main.js');
  const child = spawn(
    process.execPath,
    [main, '--model', file, '--address', '127.0.0.1:0', '--parent', String(process.pid), ...options],
    { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
  );
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    child.once('exit', (code) => reject(new Error(`The runner ended with code ${code}: ${stderr}`)));
  });
  const { port } = JSON.parse(line) as { port: number };
  const client = connect(port);
  return {
    ...client,
    child,
    port,
    stderr: () => stderr,
    async says(pattern) {
      for (let i = 0; i < 200 && !pattern.test(stderr); i++) await sleep(50);
      if (!pattern.test(stderr)) throw new Error(`${pattern} is not in:\n${stderr}`);
    },
    async stop() {
      client.close();
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A model with a method for each thing a test wants to see. */
export const probe = `
import { Model, normal } from 'condor-coordinator';
let kept: unknown;
export default class Probe extends Model {
  static classNames = ['condorgame.tracker.TrackerBase', 'other.Base'];
  shelf: number = 3;
  release = () => {};
  constructor(public first = 'none', public second = 'none') {
    super();
    if (first === 'raise') throw new Error('no thanks');
    if (first === 'import') throw Object.assign(new Error("Cannot find package 'torch'"), { code: 'ERR_MODULE_NOT_FOUND' });
  }
  override predict(asset: string, horizonSeconds: number, stepSeconds: number) {
    return Array.from({ length: horizonSeconds / stepSeconds }, () => normal(0, 1));
  }
  echo(value: unknown) { return value; }
  names(a: unknown, b = 2, { c } = { c: 3 }, d = 'x,)') { return [a, b, c, d]; }
  any(...all: unknown[]) { return all; }
  made() { return [this.first, this.second]; }
  show(value: unknown) { return typeof value + ':' + String(value); }
  async later(value: unknown) { await new Promise((r) => setTimeout(r, 10)); return value; }
  raise(text: string) { throw new Error(text); }
  map() { return new Map(); }
  circle() { const a: unknown[] = []; a.push(a); return a; }
  wait() { return new Promise<string>((resolve) => { kept = resolve; setTimeout(() => resolve('done'), 400); }); }
  big(bytes: number) { return 'x'.repeat(bytes); }
  length(text: string) { return text.length; }
  loop() { for (;;) kept; }
  print() { for (let i = 0; i < 20000; i++) console.log('x'.repeat(1000)); return true; }
  leave() { process.exit(3); }
  grow() { for (const all: number[][] = []; ; ) all.push(Array.from({ length: 10000 }, (_, i) => i + 0.5)); }
  int(value: unknown) { return BigInt(value as bigint); }
}
`;
