import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fromBinary } from '@bufbuild/protobuf';
import { status as grpcStatus } from '@grpc/grpc-js';
import { VariantType } from '../gen/commons_pb.ts';
import { HealthCheckResponseSchema, HealthCheckResponse_ServingStatus as ServingStatus } from '../gen/health_pb.ts';
import { probe, startTestRunner, type TestRunner, wire } from './test-kit.ts';

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
