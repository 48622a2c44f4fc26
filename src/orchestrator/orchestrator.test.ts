import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';
import { silentLog } from '../lib/log.ts';
import { packageRoot } from '../lib/package-root.ts';
import type { ModelState } from './announcement.ts';
import { type Orchestrator, type OrchestratorOptions, startOrchestrator } from './orchestrator.ts';
import { isServing } from './probe.ts';

const calm = 'export default class Calm { predict() { return []; } }\n';
const fails = 'setTimeout(() => { throw new Error("boom"); }, 50);\nexport default class Fails {}\n';
const loops = 'for (;;);\n';

interface Stage {
  readonly folder: string;
  readonly orchestrator: Orchestrator;
  write(file: string, text: string): Promise<void>;
  entries(...entries: readonly string[]): Promise<void>;
}

/** An entry as YAML flow text. */
function entry(id: string, submission: string, more = ''): string {
  return `{id: "${id}", submission_id: ${submission}, crunch_id: condorgame, desired_state: RUNNING${more}}`;
}

async function stage(
  t: TestContext,
  files: Record<string, string>,
  entries: readonly string[],
  options: Partial<OrchestratorOptions> = {},
): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'condor-orchestrator-'));
  const write = (file: string, text: string) => writeFile(join(folder, file), text);
  const writeEntries = (...list: readonly string[]) => write('models.dev.yml', `models: [${list.join(', ')}]\n`);
  for (const [file, text] of Object.entries(files)) await write(file, text);
  await writeEntries(...entries);
  const orchestrator = await startOrchestrator({
    host: '127.0.0.1',
    port: 0,
    modelsDir: folder,
    crunchIds: ['condorgame'],
    log: silentLog,
    handoverMs: 100,
    onModelLine: () => {},
    ...options,
  });
  t.after(async () => {
    await orchestrator.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return { folder, orchestrator, write, entries: writeEntries };
}

interface Listener {
  readonly socket: WebSocket;
  readonly messages: { event?: string; error?: string; data: ModelState[] }[];
  /** `STATE deployment` of every element of every update so far, `init` elements included. */
  readonly seen: () => ModelState[];
  until(what: (states: ModelState[]) => boolean): Promise<ModelState[]>;
  readonly closed: Promise<number>;
}

async function listen(t: TestContext, port: number, path = 'condorgame'): Promise<Listener> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/${path}`);
  t.after(() => socket.terminate());
  const messages: Listener['messages'] = [];
  let look = () => {};
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)));
    look();
  });
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  const seen = () => messages.flatMap(({ data }) => data ?? []);
  await new Promise<void>((resolve) => {
    look = () => messages.length > 0 && resolve();
  });
  return {
    socket,
    messages,
    seen,
    closed,
    until: (what) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`Not seen in 15 s: ${JSON.stringify(messages)}`)), 15_000);
        look = () => {
          if (!what(seen())) return;
          clearTimeout(late);
          resolve(seen());
        };
        look();
      }),
  };
}

const states = (list: readonly ModelState[]) => list.map(({ model_id, state }) => `${model_id} ${state}`);
const has = (state: string) => (list: ModelState[]) => states(list).includes(state);
const count = (state: string, n: number) => (list: ModelState[]) => states(list).filter((s) => s === state).length >= n;
const settle = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

// Most of their time is waiting.
describe('orchestrator', { concurrency: 4 }, () => {
  test('startOrchestrator() announces what runs, for its crunch and with its names', async (t) => {
    const long = 'x'.repeat(10_000);
    const { orchestrator } = await stage(t, { 'calm.ts': calm }, [
      entry('1', 'calm.ts', ', model_name: "<b onclick=x>&amp;</b>", cruncher_id: w'),
      entry('2', 'calm.ts', `, model_name: ${long}, cruncher_name: "\\u202e\\u0007"`),
      entry('3', 'calm.ts').replace('RUNNING', 'STOPPED'),
      entry('4', 'calm.ts').replace('condorgame', 'elsewhere'),
    ]);
    const first = await listen(t, orchestrator.port);
    assert.equal(first.messages[0]?.event, 'init');
    await first.until((list) => has('1 RUNNING')(list) && has('2 RUNNING')(list));

    const second = await listen(t, orchestrator.port, 'condorgame/');
    const [init] = second.messages;
    assert.deepEqual(states(init?.data ?? []), ['1 RUNNING', '2 RUNNING']);
    const [one, two] = (init?.data ?? []) as [ModelState, ModelState];
    assert.match(one.deployment_id, /^1_\d{8}_\d{6}_\d{3}$/);
    assert.deepEqual(one.infos, {
      model_name: '<b onclick=x>&amp;</b>',
      cruncher_id: 'w',
      cruncher_name: 'w',
      cruncher_wallet_pubkey: 'w',
      cruncher_hotkey: null,
    });
    assert.equal(two.infos.model_name, long);
    assert.equal(two.infos.cruncher_name, '\u202e\u0007');
    assert.equal(await isServing('127.0.0.1', one.port as number, 5000), true);
    const other = await listen(t, orchestrator.port, 'elsewhere');
    assert.deepEqual(other.messages[0], { event: 'init', data: [] });
  });

  test('startOrchestrator() refuses an empty path and plain HTTP as the platform does', async (t) => {
    const { orchestrator } = await stage(t, {}, []);
    const empty = await listen(t, orchestrator.port, '');
    assert.match(
      empty.messages[0]?.error ?? '',
      /^crunch_id is required and is expected in the path as \/<crunch_id>$/,
    );
    assert.equal(await empty.closed, 1000);
    const plain = await fetch(`http://127.0.0.1:${orchestrator.port}/condorgame`);
    assert.equal(plain.status, 426);
    assert.equal(plain.headers.get('content-type'), 'text/plain; charset=utf-8');
    assert.equal(await plain.text(), 'Upgrade Required: use WebSocket\n');
    await assert.rejects(
      startOrchestrator({ host: '127.0.0.1', port: orchestrator.port, modelsDir: '/', crunchIds: [], log: silentLog }),
      /Cannot listen on 127\.0\.0\.1:\d+ for coordinators: another program listens there/,
    );
  });

  test('startOrchestrator() redeploys changed code: the new runs before the old stops', async (t) => {
    const { orchestrator, write, folder } = await stage(t, {}, [entry('1', 'folder')]);
    await mkdir(join(folder, 'folder'));
    await write('folder/model.ts', calm);
    const client = await listen(t, orchestrator.port);
    const [before] = await client.until(has('1 RUNNING'));
    const oldPid = orchestrator.models()[0]?.pid as number;
    await write('folder/helper.ts', 'export const x = 1;\n');
    const list = await client.until(has('1 STOPPED'));
    assert.deepEqual(states(list), ['1 RUNNING', '1 RUNNING', '1 STOPPED']);
    assert.notEqual(list[1]?.deployment_id, before?.deployment_id);
    assert.equal(list[2]?.deployment_id, before?.deployment_id);
    assert.equal(await isServing('127.0.0.1', list[1]?.port as number, 5000), true);
    for (let i = 0; i < 300 && isAlive(oldPid); i++) await settle(50);
    assert.equal(isAlive(oldPid), false);
  });

  test('startOrchestrator() follows the file: new names, stopped and deleted entries, nothing broken', async (t) => {
    const { orchestrator, entries, write } = await stage(t, { 'calm.ts': calm }, [
      entry('1', 'calm.ts'),
      entry('2', 'calm.ts'),
    ]);
    const client = await listen(t, orchestrator.port);
    await client.until((list) => has('1 RUNNING')(list) && has('2 RUNNING')(list));
    const pids = orchestrator.models().map(({ pid }) => pid as number);

    await entries(entry('1', 'calm.ts', ', model_name: Renamed'), entry('2', 'calm.ts'));
    const renamed = (await client.until(count('1 RUNNING', 2))).at(-1);
    assert.equal(renamed?.infos.model_name, 'Renamed');
    assert.equal(renamed?.deployment_id, client.seen().find(({ model_id }) => model_id === '1')?.deployment_id);

    await write('models.dev.yml', 'models: [{id: 1, submission_id: ../x, crunch_id: condorgame, desired_state: ON}]');
    await settle(1000);
    assert.deepEqual(
      orchestrator.models().map(({ pid }) => pid),
      pids,
    );

    await entries(entry('1', 'calm.ts').replace('RUNNING', 'STOPPED'));
    await client.until((list) => has('1 STOPPED')(list) && has('2 STOPPED')(list));
    for (let i = 0; i < 300 && pids.some(isAlive); i++) await settle(50);
    assert.deepEqual(pids.filter(isAlive), []);
    assert.deepEqual(
      orchestrator.models().map(({ modelId, state }) => [modelId, state]),
      [['1', 'stopped']],
    );
  });

  test('startOrchestrator() ignores every bad report and acts on a good one', async (t) => {
    const { orchestrator } = await stage(t, { 'calm.ts': calm }, [entry('1', 'calm.ts'), entry('2', 'calm.ts')]);
    const client = await listen(t, orchestrator.port);
    const [one] = await client.until((list) => has('1 RUNNING')(list) && has('2 RUNNING')(list));
    const report = (data: unknown) => client.socket.send(JSON.stringify({ event: 'report_failure', data }));
    const good = { model_id: '2', failure_code: 'BAD_IMPLEMENTATION', ip: '127.0.0.1' };
    for (const text of ['{', '3', 'true', 'null', '[]', '"x"', '{"event":"other"}', '{"event":"report_failure"}']) {
      client.socket.send(text);
    }
    report([null, {}, { ...good, model_id: 'nobody' }, { ...good, ip: '10.0.0.1' }, { ...good, deployment_id: 'old' }]);
    const foreign = await listen(t, orchestrator.port, 'other');
    foreign.socket.send(JSON.stringify({ event: 'report_failure', data: [good] }));
    const huge = await listen(t, orchestrator.port);
    huge.socket.on('error', () => {});
    huge.socket.send('x'.repeat(2 * 1024 * 1024));
    assert.equal(await huge.closed, 1009);
    await settle(200);
    assert.equal(client.socket.readyState, WebSocket.OPEN);
    assert.deepEqual(
      orchestrator.models().map(({ state }) => state),
      ['running', 'running'],
    );

    client.socket.send(Buffer.from(JSON.stringify({ event: 'report_failure', data: [{}, good] })));
    report([{ model_id: '1', failure_code: 'MULTIPLE_TIMEOUT', failure_reason: null, ip: '127.0.0.1' }]);
    const list = await client.until((all) => has('2 STOPPED')(all) && count('1 RUNNING', 2)(all));
    assert.notEqual(list.at(-1)?.deployment_id, one?.deployment_id);
    assert.deepEqual(
      orchestrator.models().map(({ state }) => state),
      ['running', 'refused'],
    );
  });

  test('startOrchestrator() starts a model that dies again, and ends one in an endless loop', async (t) => {
    const { orchestrator } = await stage(t, { 'fails.ts': fails, 'loops.ts': loops }, [
      entry('1', 'fails.ts'),
      entry('2', 'loops.ts'),
    ]);
    const client = await listen(t, orchestrator.port);
    const list = await client.until((all) => count('1 RUNNING', 3)(all) && has('2 RUNNING')(all));
    const ids = list.filter(({ model_id, state }) => model_id === '1' && state === 'RUNNING');
    assert.equal(new Set(ids.map(({ deployment_id }) => deployment_id)).size, ids.length);
    const mine = states(list).filter((state) => state.startsWith('1'));
    assert.deepEqual(mine.slice(0, 4), ['1 RUNNING', '1 STOPPED', '1 RUNNING', '1 STOPPED']);
    const pid = orchestrator.models()[1]?.pid as number;
    assert.ok(isAlive(pid));
    await orchestrator.stop();
    assert.equal(isAlive(pid), false);
    assert.equal(await client.closed, 1001);
  });

  test('startOrchestrator() runs nothing from outside of the models directory', async (t) => {
    const { orchestrator, folder, entries } = await stage(t, { 'calm.ts': calm }, []);
    await symlink(join(packageRoot, 'models', 'random-walk.ts'), join(folder, 'link.ts'));
    await entries(entry('1', 'link.ts'), entry('2', 'missing.ts'), entry('3', 'calm.ts'));
    const client = await listen(t, orchestrator.port);
    assert.deepEqual(states(await client.until(has('3 RUNNING'))), ['3 RUNNING']);
  });

  test('an orchestrator that is killed leaves no model behind', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'condor-orchestrator-'));
    t.after(() => rm(folder, { recursive: true, force: true }));
    // It also starts a process of its own, which must not outlive it.
    const starts = `import { spawn } from 'node:child_process';
    export const child = spawn('sleep', ['60']);
    console.log('child ' + child.pid);
    for (const until = Date.now() + 1000; Date.now() < until; );
    export default class Starts {}
    for (;;);`;
    await writeFile(join(folder, 'starts.ts'), starts);
    await writeFile(join(folder, 'models.dev.yml'), `models: [${entry('1', 'starts.ts')}]`);
    const urlOf = (file: string) => JSON.stringify(pathToFileURL(join(packageRoot, 'dist', 'src', file)).href);
    const script = `
    const { startOrchestrator } = await import(${urlOf('orchestrator/orchestrator.js')});
    const { silentLog } = await import(${urlOf('lib/log.js')});
    const o = await startOrchestrator({ host: '127.0.0.1', port: 0, modelsDir: ${JSON.stringify(folder)},
      crunchIds: ['condorgame'], log: silentLog, modelEnvironment: { PATH: ${JSON.stringify(process.env.PATH)} },
      onModelLine: (_, line) => { if (line.startsWith('child ')) console.log(line.slice(6)); } });
    const tell = setInterval(() => { const pid = o.models()[0]?.pid; if (pid) { console.log(pid); clearInterval(tell); } }, 20);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    let text = '';
    const pids = await new Promise<number[]>((resolve) => {
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        const lines = text.trim().split('\n');
        if (lines.length === 2) resolve(lines.map(Number));
      });
    });
    assert.ok(pids.every(isAlive));
    child.kill('SIGKILL');
    for (let i = 0; i < 300 && pids.some(isAlive); i++) await settle(50);
    assert.deepEqual(pids.filter(isAlive), []);
  });
});
