import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { status as grpcStatus } from '@grpc/grpc-js';
import { VariantType } from '../gen/commons_pb.ts';
import { HealthCheckResponseSchema, HealthCheckResponse_ServingStatus as ServingStatus } from '../gen/health_pb.ts';
import { packageRoot } from '../lib/package-root.ts';
import { connect, predictCall, startTestRunner, type TestRunner, wire } from './test-kit.ts';

const probe = `
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

let runner: TestRunner;
before(async () => {
  runner = await startTestRunner(probe);
});
after(() => runner.stop());

const call = (methodName: string, ...data: ReturnType<typeof wire.json>[]) =>
  runner.call({ methodName, methodArguments: data.map((value, i) => ({ position: i + 1, data: value })) });
const json = async (methodName: string, ...data: ReturnType<typeof wire.json>[]) => {
  const { status, methodResponse } = await call(methodName, ...data);
  assert.equal(status?.code, 'SUCCESS', status?.message);
  return JSON.parse(Buffer.from(methodResponse?.value ?? []).toString());
};
const hex = (text: string) => Buffer.from(text, 'hex');

test('Setup, Call and Rest give every status word of the table', async () => {
  const words = async (reply: Promise<{ status?: { code: string; message: string } | undefined }>) => {
    const { status } = await reply;
    return [status?.code, status?.message];
  };
  const base = 'condorgame.tracker.TrackerBase';
  const setupWith = (text: string) =>
    runner.setup({ className: base, instanceArguments: [{ position: 1, data: wire.string(text) }] });

  assert.deepEqual(await words(call('echo')), ['FAILED_PRECONDITION', 'Setup has not been called yet']);
  assert.deepEqual(await words(runner.rest()), ['SUCCESS', 'No instance exists to reset']);
  assert.deepEqual(await words(runner.setup({ className: '  ' })), ['INVALID_ARGUMENT', 'class_name cannot be empty']);
  assert.equal((await words(runner.setup({ className: 'nodot' })))[0], 'SETUP_FAILED');
  assert.equal((await words(runner.setup({ className: 'unknown.Base' })))[0], 'BAD_IMPLEMENTATION');
  assert.deepEqual(await words(setupWith('raise')), ['SETUP_FAILED', 'no thanks']);
  assert.deepEqual(await words(setupWith('import')), ['BAD_IMPLEMENTATION', "Cannot find package 'torch'"]);
  const unknown = { className: base, instanceKwArguments: [{ keyword: 'third', data: wire.int(1) }] };
  assert.equal((await words(runner.setup(unknown)))[0], 'SETUP_FAILED');
  const broken = { position: 1, data: { type: VariantType.DOUBLE, value: hex('00') } };
  assert.equal((await words(runner.setup({ className: base, instanceArguments: [broken] })))[0], 'SETUP_FAILED');

  const keyword = { keyword: 'second', data: wire.string('two') };
  const good = { className: ` ${base} `, instanceKwArguments: [keyword] };
  assert.deepEqual(await words(runner.setup(good)), ['SUCCESS', 'Instance created successfully']);
  assert.deepEqual(await words(runner.setup()), ['SUCCESS', 'Instance already exists']);
  assert.deepEqual(await json('made'), ['none', 'two']);

  assert.deepEqual(await words(call('')), ['INVALID_ARGUMENT', 'methodName cannot be empty']);
  const missing = ['BAD_IMPLEMENTATION', 'Method "nothing" not found in class "Probe"'];
  assert.deepEqual(await words(call('nothing')), missing);
  assert.equal((await words(call('toString')))[0], 'BAD_IMPLEMENTATION');
  await assert.rejects(call('shelf'), { code: grpcStatus.UNKNOWN });
  assert.deepEqual(await words(call('raise', wire.string('oh no'))), [
    'MODEL_FAILED',
    'The model raised an exception: oh no',
  ]);
  await runner.says(/"raise" failed: Error: oh no\n +at .*model\.ts/);
  for (const method of ['map', 'circle']) assert.equal((await words(call(method)))[0], 'MODEL_FAILED');
  for (const data of [wire.json('{'), { type: VariantType.PARQUET, value: hex('50') }, { type: 9, value: hex('') }]) {
    assert.equal((await words(call('echo', data)))[0], 'MODEL_FAILED');
  }
  assert.deepEqual(await words(runner.rest()), ['SUCCESS', 'Instance successfully reset']);
  assert.equal((await words(call('echo')))[0], 'FAILED_PRECONDITION');
  assert.equal((await words(runner.setup()))[0], 'SUCCESS');
});

test('Call speaks the recorded bytes', async () => {
  const path = (name: string) => `/dynamic_subclass.DynamicSubclassService/${name}`;
  const reply = async (name: string, request: string) => Buffer.from(await runner.raw(path(name), hex(request)));
  await runner.rest();
  assert.equal(
    (await reply('Setup', '0a0a6f746865722e42617365')).toString('hex'),
    '0a280a0753554343455353121d496e7374616e63652063726561746564207375636365737366756c6c79',
  );
  // "later"(JSON 1.5) and "echo"() as Python's client writes them.
  assert.equal(
    (await reply('Call', '0a056c61746572120b0801120710061a03312e35')).toString('hex'),
    '0a090a0753554343455353120c10011a08000000000000f83f',
  );
  assert.equal((await reply('Call', '0a046563686f')).toString('hex'), '0a090a0753554343455353');
  // CallRequest("predict", [(1, JSON "[1]")], [("k", DOUBLE 1.5)]): the model raises or answers, but it is read.
  const predict = '0a0770726564696374120b0801120710061a035b315d1a110a016b120c10011a08000000000000f83f';
  assert.match((await reply('Call', predict)).toString(), /SUCCESS|MODEL_FAILED/);
  await assert.rejects(reply('Call', 'ffffff'), { code: grpcStatus.INTERNAL });
});

test('Call orders positions, places keywords by name and drops those it does not know', async () => {
  const at = (position: number, value: number) => ({ position, data: wire.int(value) });
  const by = (keyword: string, value: number) => ({ keyword, data: wire.int(value) });
  const names = async (methodArguments: ReturnType<typeof at>[], methodKwArguments: ReturnType<typeof by>[]) => {
    const { status, methodResponse } = await runner.call({ methodName: 'names', methodArguments, methodKwArguments });
    return status?.code === 'SUCCESS' ? JSON.parse(Buffer.from(methodResponse?.value ?? []).toString()) : status?.code;
  };
  assert.deepEqual(await names([at(3, 3), at(1, 1)], []), [1, 3, 3, 'x,)']);
  assert.deepEqual(await names([at(1, 5)], [by('d', 7), by('a', 9), by('zzz', 9)]), [5, 2, 3, 7]);
  assert.deepEqual(await names([at(1, 5)], [by('b', 1), by('b', 8)]), [5, 8, 3, 'x,)']);
  assert.deepEqual(
    await names(
      [1, 1, 1, 1, 1].map((p) => at(p, 1)),
      [],
    ),
    'MODEL_FAILED',
  );
  const any = { methodName: 'any', methodArguments: [at(7, 1), at(7, 2), at(0, 3)], methodKwArguments: [by('all', 1)] };
  const { methodResponse } = await runner.call(any);
  assert.equal(Buffer.from(methodResponse?.value ?? []).toString(), '[3,1,2]');
  await runner.says(/Unused keyword arguments of names: a, zzz/);
});

test('Call reads and writes each type of value', async () => {
  const shown = async (data: { type: VariantType; value: Uint8Array }) =>
    Buffer.from((await call('show', data as never)).methodResponse?.value ?? []).toString();
  assert.equal(await shown(wire.int(2n ** 63n - 1n)), 'bigint:9223372036854775807');
  assert.equal(await shown(wire.int(-1)), 'number:-1');
  assert.equal(await shown({ type: VariantType.INT, value: hex('ff') }), 'number:-1');
  assert.equal(await shown({ type: VariantType.INT, value: hex('') }), 'number:0');
  assert.equal(
    await shown({ type: VariantType.INT, value: hex('00000000000000000100000000000000') }),
    'bigint:18446744073709551616',
  );
  assert.equal(await shown({ type: VariantType.NONE, value: hex('') }), 'object:null');
  assert.equal(await shown(wire.string('héllo 🦅')), 'string:héllo 🦅');
  assert.equal(await shown(wire.json('[NaN, -Infinity, 1e999]')), 'object:NaN,-Infinity,Infinity');
  assert.equal(await shown(wire.json('1180591620717411303425')), 'bigint:1180591620717411303425');

  const value = async (methodName: string, data: ReturnType<typeof wire.json>) => {
    const { methodResponse } = await call(methodName, data);
    return methodResponse && [methodResponse.type, Buffer.from(methodResponse.value).toString('hex')];
  };
  assert.deepEqual(await value('echo', wire.double(-0)), [VariantType.DOUBLE, '0000000000000080']);
  assert.deepEqual(await value('echo', wire.int(3)), [VariantType.DOUBLE, '0000000000000840']);
  assert.deepEqual(await value('int', wire.int(-1)), [VariantType.INT, 'ffffffffffffffff']);
  assert.deepEqual(await value('echo', wire.json('true')), [VariantType.INT, '0100000000000000']);
  assert.deepEqual(await value('echo', wire.string('')), [VariantType.STRING, '']);
  assert.deepEqual(await value('later', wire.json('{}')), [VariantType.JSON, '7b7d']);
  assert.equal(await value('echo', wire.json('null')), undefined);
});

test('Call refuses a second call at once, and goes on after a deadline has passed', async () => {
  const first = runner.call({ methodName: 'wait' }, 100);
  const busy = { code: grpcStatus.RESOURCE_EXHAUSTED, details: 'Server busy' };
  await assert.rejects(call('echo'), busy);
  await assert.rejects(runner.setup(), busy);
  await assert.rejects(runner.rest(), busy);
  await assert.rejects(first, { code: grpcStatus.DEADLINE_EXCEEDED });
  await assert.rejects(call('echo'), busy);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal((await call('echo')).status?.code, 'SUCCESS');
});

test('Call carries up to 64 MiB both ways, and names what is larger', async () => {
  const text = 'x'.repeat(20 * 1024 * 1024); // five times grpc-js's own limit
  const { methodResponse } = await call('length', wire.string(text));
  assert.equal(Buffer.from(methodResponse?.value ?? []).readDoubleLE(), text.length);
  const back = await call('big', wire.int(text.length));
  assert.equal(back.methodResponse?.value.length, text.length);
  const exhausted = { code: grpcStatus.RESOURCE_EXHAUSTED };
  await assert.rejects(call('big', wire.int(65 * 1024 * 1024)), exhausted);
  await assert.rejects(call('length', wire.string('x'.repeat(65 * 1024 * 1024))), exhausted);
  assert.equal((await call('echo')).status?.code, 'SUCCESS');
});

test('Health answers Check and Watch', async () => {
  assert.equal((await runner.check()).status, ServingStatus.SERVING);
  await assert.rejects(runner.check('other'), { code: grpcStatus.NOT_FOUND });
  const watch = runner.grpc.makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    (bytes: Buffer) => bytes,
    (bytes: Buffer) => bytes,
    Buffer.alloc(0),
  );
  watch.on('error', () => {}); // our cancel
  const first = await new Promise<Buffer>((resolve) => watch.once('data', resolve));
  assert.equal(fromBinary(HealthCheckResponseSchema, first).status, ServingStatus.SERVING);
  watch.cancel();
});

test('a model that prints 20 MB is cut short', async () => {
  const before = runner.stderr().length;
  assert.equal((await call('print')).status?.code, 'SUCCESS');
  assert.ok(runner.stderr().length - before < 1_000_000);
});

describe('runners of their own', { concurrency: 3 }, () => {
  test('a model in an endless loop blocks neither health nor its own end', async () => {
    const looping = await startTestRunner(probe);
    await looping.setup();
    const lost = assert.rejects(looping.call({ methodName: 'loop' }, 10_000), { code: grpcStatus.UNAVAILABLE });
    assert.equal((await looping.check()).status, ServingStatus.SERVING);
    const ended = new Promise((resolve) => looping.child.once('exit', resolve));
    looping.child.kill('SIGTERM');
    await ended;
    await lost;
    await looping.stop();
  });

  test('a runner whose model leaves ends too', async () => {
    const leaving = await startTestRunner(probe);
    await leaving.setup();
    const ended = new Promise((resolve) => leaving.child.once('exit', resolve));
    await assert.rejects(leaving.call({ methodName: 'leave' }), { code: grpcStatus.UNAVAILABLE });
    assert.equal(await ended, 1);
    await leaving.says(/The model has ended: it exited with code 3/);
    await leaving.stop();
  });

  test('a runner whose file can not be loaded says so at Setup', async () => {
    const broken = await startTestRunner('export default class {\n');
    const { status } = await broken.setup();
    assert.equal(status?.code, 'BAD_IMPLEMENTATION');
    await broken.says(/Setup failed: Cannot load/);
    await broken.stop();
    const empty = await startTestRunner('export default 3;\n');
    assert.equal((await empty.setup()).status?.code, 'BAD_IMPLEMENTATION');
    await empty.stop();
  });

  test('a runner binds both families for localhost and answers an example model', async () => {
    const model = join(packageRoot, 'models', 'random-walk.ts');
    const both = await startTestRunner(model, ['--address', '[::]:0']);
    const four = connect(both.port);
    assert.equal((await four.check()).status, ServingStatus.SERVING);
    four.close();
    assert.equal((await both.setup()).status?.code, 'SUCCESS');
    const { methodResponse } = await both.call(predictCall('BTC', 86_400, 300));
    assert.equal(JSON.parse(Buffer.from(methodResponse?.value ?? []).toString()).length, 288);
    await both.stop();
  });

  test('a runner in an endless loop ends within two seconds of its parent', async () => {
    const main = join(packageRoot, 'dist', 'src', 'runner', 'main.js');
    const folder = await mkdtemp(join(tmpdir(), 'condor-runner-'));
    const model = join(folder, 'model.ts');
    await writeFile(model, 'for (;;);');
    // A parent in between starts the runner, tells its pid and port, and waits to be killed.
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(main)}, '--model',
        ${JSON.stringify(model)}, '--address', '127.0.0.1:0', '--parent', String(process.pid)],
        { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
      child.stdout.once('data', (line) => console.log(JSON.stringify({ ...JSON.parse(line), pid: child.pid })));
      setInterval(() => {}, 1000)`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const line = await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve));
    const { port, pid } = JSON.parse(line.toString()) as { port: number; pid: number };
    const client = connect(port);
    assert.equal((await client.check()).status, ServingStatus.SERVING);
    parent.kill('SIGKILL');
    const isThere = () => {
      try {
        process.kill(pid, 0);
        return true;
      } catch {
        return false;
      }
    };
    for (let i = 0; i < 300 && isThere(); i++) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(isThere(), false);
    client.close();
    await rm(folder, { recursive: true });
  });

  test('main() names what is wrong with its arguments', async () => {
    const main = join(packageRoot, 'dist', 'src', 'runner', 'main.js');
    const say = (...args: string[]) =>
      new Promise<string>((resolve) => {
        const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
        let text = '';
        child.stderr.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        child.once('close', (code) => resolve(`${code} ${text}`));
      });
    const [missing, folder, memory] = await Promise.all([
      say(),
      say('--model', join(packageRoot, 'proto')),
      say('--model', main, '--memory-mb', 'much'),
    ]);
    assert.match(missing, /^1 Cannot start runner: --model FILE_OR_FOLDER is missing/);
    assert.match(folder, /^1 Cannot find model in .*: it holds none of model\.ts/);
    assert.match(memory, /^1 Cannot start runner: --memory-mb must be a whole number from 32, is "much"/);
  });

  test('a model that takes too much memory ends, and nothing else', async () => {
    const greedy = await startTestRunner(probe, ['--memory-mb', '40']);
    await greedy.setup();
    const ended = new Promise((resolve) => greedy.child.once('exit', resolve));
    await assert.rejects(greedy.call({ methodName: 'grow' }), { code: grpcStatus.UNAVAILABLE });
    assert.equal(await ended, 1);
    await greedy.says(/The model has ended: .*memory/);
    await greedy.stop();
  });
});
