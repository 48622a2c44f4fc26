import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { status as grpcStatus } from '@grpc/grpc-js';
import { HealthCheckResponse_ServingStatus as ServingStatus } from '../gen/health_pb.ts';
import { packageRoot } from '../lib/package-root.ts';
import { connect, predictCall, probe, startTestRunner } from './test-kit.ts';

// Most of their time is waiting.
describe('runner processes', { concurrency: 3 }, () => {
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
