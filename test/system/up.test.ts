// `condor up` as a process: what it refuses, and that it takes everything down with it, however it ends.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  assertAllGone,
  type Condor,
  type CondorOptions,
  startCondor,
  temporaryFolder,
  underShell,
} from '../lib/condor.ts';
import { connect, serverOf } from '../lib/database.ts';
import { eventually, sleep } from '../lib/eventually.ts';
import { endless, honest, writeModels } from '../lib/models.ts';
import { packageRoot } from '../lib/package-root.ts';
import { kill } from '../lib/processes.ts';

const stopSeconds = 10;
const startSeconds = 60; // the machine may be busy; how long a start takes is measured elsewhere
const bounded = { timeout: 120_000 };

function up(
  t: TestContext,
  folder: string,
  flags: readonly string[] = [],
  options: Partial<CondorOptions> = {},
): Condor {
  const dataDir = join(folder, 'data');
  const args = ['up', '--game', 'coin', '--prices', 'simulated', '--data-dir', dataDir, ...flags];
  return startCondor(t, { args, dataDir, ...options });
}

/** A competition with a model that never comes back from its first question, once that model is at it. */
async function upWithEndlessModel(t: TestContext, options: Partial<CondorOptions> = {}): Promise<Condor> {
  const folder = temporaryFolder(t);
  const mark = join(folder, 'endless-began');
  const models = writeModels(join(folder, 'models'), 'coin', [
    { id: '1', predict: honest(2e-4) },
    { id: '2', predict: endless(mark) },
  ]);
  const condor = up(t, folder, ['--models', models, '--port', '0'], options);
  await condor.line(/coin is running: http/, startSeconds);
  await eventually('the endless model has begun', startSeconds, () => existsSync(mark), condor.tail);
  return condor;
}

async function exitOf(condor: Condor, seconds: number) {
  const exit = await Promise.race([condor.exited, sleep(seconds * 1000, null, { ref: false })]);
  assert.ok(exit, `still running after ${seconds} s\n${condor.tail()}`);
  return exit;
}

test('up refuses a taken port with a sentence', bounded, async (t) => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  t.after(() => new Promise<void>((done) => server.close(() => done())));
  const condor = up(t, temporaryFolder(t), ['--port', String(port)]);
  const { code } = await exitOf(condor, startSeconds);
  assert.notEqual(code, 0);
  assert.match(
    condor.lines.join('\n'),
    new RegExp(`Cannot listen on 127\\.0\\.0\\.1:${port}: .*choose another with --port`),
  );
  await assertAllGone(condor, [], stopSeconds);
});

test('up refuses a data directory that is in use, and leaves its user alone', bounded, async (t) => {
  const folder = temporaryFolder(t);
  const first = up(t, folder, ['--port', '0']);
  const [, url = ''] = await first.line(/coin is running: (http\S+)/, startSeconds);
  const before = first.processes();
  const second = startCondor(t, {
    args: ['up', '--game', 'coin', '--prices', 'simulated', '--data-dir', join(folder, 'data')],
  });
  const { code } = await exitOf(second, startSeconds);
  assert.notEqual(code, 0);
  assert.match(second.lines.join('\n'), /Cannot use data directory ".*": it is in use by .*; .*--data-dir/);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);

  kill(first.pid, 'SIGTERM');
  await assertAllGone(first, before, stopSeconds);
  assert.deepEqual(await exitOf(first, 1), { code: 0, signal: null });
});

test('up stops everything on SIGTERM, also with a model in an endless loop', bounded, async (t) => {
  const condor = await upWithEndlessModel(t);
  const before = condor.processes();
  kill(condor.pid, 'SIGTERM');
  await assertAllGone(condor, before, stopSeconds);
  assert.deepEqual(await exitOf(condor, 1), { code: 0, signal: null });
});

test('up stops everything on Ctrl-C, which reaches all of the terminal', bounded, async (t) => {
  const condor = await upWithEndlessModel(t);
  const before = condor.processes();
  process.kill(-condor.pid, 'SIGINT'); // the group, as a terminal does
  await assertAllGone(condor, before, stopSeconds);
});

test('npm start stops everything on SIGTERM to npm', bounded, async (t) => {
  const condor = await upWithEndlessModel(t, { through: 'npm' });
  const before = condor.processes();
  assert.match(before.find(({ pid }) => pid === condor.pid)?.command.join(' ') ?? '', /npm/);
  kill(condor.pid, 'SIGTERM');
  await assertAllGone(condor, before, stopSeconds);
});

test('up stops everything when its parent is killed', bounded, async (t) => {
  const condor = await upWithEndlessModel(t, { prefix: underShell });
  const before = condor.processes();
  assert.equal(before.find(({ pid }) => pid === condor.pid)?.command[0], 'sh');
  kill(condor.pid, 'SIGKILL');
  await assertAllGone(condor, before, stopSeconds);
});

test('up stops a database that is just coming back', bounded, async (t) => {
  const folder = temporaryFolder(t);
  const condor = up(t, folder, ['--port', '0']);
  await condor.line(/coin is running/, startSeconds);
  const server = serverOf(join(folder, 'data'));
  assert.ok(server, condor.tail());
  const before = condor.processes();
  kill(server.pid, 'SIGKILL');
  await condor.line(/the database is gone/, startSeconds);
  kill(condor.pid, 'SIGTERM');
  await assertAllGone(condor, before, stopSeconds);
  await sleep(500);
  await assertAllGone(condor, [], 0);
});

test('up can be stopped while it starts', bounded, async (t) => {
  for (const line of [/started the database/, /orchestrator/, /predict +\|/]) {
    const condor = up(t, temporaryFolder(t), ['--port', '0']);
    await condor.line(line, startSeconds);
    const before = condor.processes();
    kill(condor.pid, 'SIGTERM');
    await assertAllGone(condor, before, stopSeconds);
  }
});

test('condor --help lists commands and flags', bounded, () => {
  const help = (...args: string[]) =>
    execFileSync(process.execPath, [join(packageRoot, 'dist', 'src', 'cli', 'main.js'), ...args, '--help'], {
      encoding: 'utf8',
    });
  const commands = ['up', 'predict', 'score', 'report', 'orchestrator', 'migrate'];
  const all = help();
  for (const command of commands) assert.match(all, new RegExp(`^  ${command}\\b`, 'm'));
  const flags = 'game prices speed from duration once seed board-every board port host data-dir models reset'.split(
    ' ',
  );
  const ofUp = help('up');
  for (const flag of flags) assert.match(ofUp, new RegExp(`--${flag}\\b`));
  for (const command of commands.slice(1)) assert.match(help(command), /DATABASE_URL|CONDOR_MODELS/);
});

test('condor refuses flags it does not understand, with a sentence', bounded, async (t) => {
  const folder = temporaryFolder(t);
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--prices', join(folder, 'nowhere')], /Cannot use --prices ".*nowhere": /],
    [['--once'], /Cannot play --once without --duration/],
    [['--duration', 'soon', '--once'], /Cannot read duration "soon"/],
    [['--speed', '0'], /Cannot use --speed "0"/],
    [['--models', folder], /holds no models\.dev\.yml/],
  ];
  for (const [flags, sentence] of wrong) {
    const condor = up(t, folder, flags);
    assert.notEqual((await exitOf(condor, startSeconds)).code, 0);
    assert.match(condor.lines.join('\n'), sentence);
  }
});

test('up goes on where it stopped, in the same world only, and begins anew with --reset', bounded, async (t) => {
  const folder = temporaryFolder(t);
  const run = async (flags: readonly string[]) => {
    const condor = up(t, folder, ['--port', '0', ...flags]);
    await condor.line(/is running: http/, startSeconds);
    await eventually('rounds have settled', startSeconds, async () => (await settledRounds(folder)) > 0, condor.tail);
    const settled = await settledRounds(folder);
    kill(condor.pid, 'SIGTERM');
    await exitOf(condor, stopSeconds);
    return { settled, lines: condor.lines.join('\n') };
  };
  const first = await run(['--seed', '1']);
  const second = await run(['--seed', '1']);
  assert.ok(second.settled >= first.settled, `${second.settled} settled rounds after ${first.settled}`);

  const other = up(t, folder, ['--port', '0', '--seed', '2']);
  assert.notEqual((await exitOf(other, startSeconds)).code, 0);
  const sentence = other.lines.find((line) => line.includes('simulated:2')) ?? '';
  assert.match(sentence, /simulated:1/, other.tail());
  assert.match(sentence, /--data-dir/, other.tail());
  assert.match(sentence, /--reset/, other.tail());
  await assertAllGone(other, [], stopSeconds);

  const anew = await run(['--seed', '2', '--reset']);
  assert.match(anew.lines, /simulated:2/);
});

test('up --once leaves nothing behind when it is given no data directory', bounded, async (t) => {
  const folder = temporaryFolder(t);
  const args = ['up', '--game', 'coin', '--prices', 'simulated', '--once', '--duration', '1m'];
  const condor = startCondor(t, { args, env: { TMPDIR: folder, XDG_DATA_HOME: folder } });
  assert.deepEqual(await exitOf(condor, startSeconds), { code: 0, signal: null }, condor.tail());
  assert.match(condor.lines.join('\n'), /rank +model/);
  assert.deepEqual(readdirSync(folder), []);
  await assertAllGone(condor, [], stopSeconds);
});

async function settledRounds(folder: string): Promise<number> {
  const client = await connect(join(folder, 'data'));
  const { rows } = await client
    .query<{ count: number }>(`select count(*)::int as count from settlements where state = 'settled'`)
    .finally(() => client.end());
  return rows[0]?.count ?? 0;
}
