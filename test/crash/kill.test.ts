// SIGKILL, by pid and one at a time, of every process of a running competition, while a round is unanswered.
// The rest goes on, the killed one comes back, and nothing committed is lost, changed or doubled.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Condor, startCondor, temporaryFolder, wholeFile } from '../lib/condor.ts';
import { clusterOf, connect, serverOf } from '../lib/database.ts';
import { eventually } from '../lib/eventually.ts';
import { honest, slow, writeModels } from '../lib/models.ts';
import { describe, kill, type ProcessInfo } from '../lib/processes.ts';
import { assertKept, assertWhole, readCommitted } from './committed.ts';

const file = wholeFile(after);
const modelIds = ['1', '2', '3', '4'];
const backSeconds = 30; // workers come back at once, models after their start; the rest is a busy machine
const bounded = { timeout: 120_000 };

let dataDir: string;
let args: readonly string[];
let condor: Condor;
let url: string;

before(
  async () => {
    const folder = temporaryFolder(file);
    dataDir = join(folder, 'data');
    // The slow one keeps rounds unanswered for a while, so that a kill can fall into one.
    const models = writeModels(join(folder, 'models'), 'coin', [
      { id: '1', predict: honest(2e-4) },
      { id: '2', predict: honest(3e-4) },
      { id: '3', predict: honest(4e-4) },
      { id: '4', predict: slow(1.5) },
    ]);
    args = ['up', '--game', 'coin', '--prices', 'simulated', '--port', '0', '--data-dir', dataDir, '--models', models];
    await start();
    await eventually('the warm-up has ended', 90, async () => (await marketClock()).mode === 'live', condor.tail);
  },
  { timeout: 180_000 },
);

async function start(): Promise<void> {
  condor = startCondor(file, { args, dataDir });
  [, url = ''] = await condor.line(/is running: (http\S+)/, 60);
}

/** Runs `work` with a connection of its own: a killed server takes connections with it. */
async function withDatabase<T>(work: (client: Awaited<ReturnType<typeof connect>>) => Promise<T>): Promise<T> {
  const client = await connect(dataDir);
  return await work(client).finally(() => client.end().catch(() => {}));
}

async function marketClock(): Promise<{ readonly now: number; readonly mode: string }> {
  return await withDatabase(async (client) => {
    const { rows } = await client.query('select extract(epoch from now)::float8 as now, mode from market_clock');
    return rows[0] ?? { now: 0, mode: '' };
  });
}

async function untilRoundIsUnanswered(): Promise<void> {
  await withDatabase((client) =>
    eventually(
      'a round is asked and not answered',
      40,
      async () => {
        const { rowCount } = await client.query('select from rounds where closed_at is null');
        return (rowCount ?? 0) > 0;
      },
      condor.tail,
    ),
  );
}

/** A round that started later than `instant` and has been answered by all, settled and put on a board. */
async function untilPlayedOn(instant: number): Promise<void> {
  await withDatabase((client) =>
    eventually(
      'a later round is answered by all, settled and on a board',
      60,
      async () => {
        const { rows } = await client.query(
          `select r.round_id from rounds r join settlements s using (round_id)
           where r.started_at > to_timestamp($1) and s.state = 'settled'
             and s.settled_at <= (select max(as_of) from leaderboards)
             and cardinality(r.member_ids) = $2
             and $2 = (select count(*) from predictions p where p.round_id = r.round_id and p.status = 'success')`,
          [instant, modelIds.length],
        );
        return rows.length > 0;
      },
      condor.tail,
    ),
  );
}

const isModel =
  (id: string) =>
  ({ command }: ProcessInfo) =>
    command.some((word) => word.endsWith(`model-${id}.ts`));

interface Victim {
  readonly name: string;
  readonly find: () => ProcessInfo | undefined;
  /** Others that may go with it. */
  readonly takesAlong?: (other: ProcessInfo) => boolean;
}

const roleOf = (name: string) => () => condor.process(name);

const victims: readonly Victim[] = [
  { name: 'predict', find: roleOf('predict') },
  { name: 'score', find: roleOf('score') },
  { name: 'report', find: roleOf('report') },
  { name: 'a model', find: () => condor.processes().find(isModel('2')) },
  // Models are the local orchestrator's children; without it nobody could end them.
  {
    name: 'orchestrator',
    find: roleOf('orchestrator'),
    takesAlong: (other) => modelIds.some((id) => isModel(id)(other)),
  },
  {
    name: 'the database',
    find: () => condor.processes().find(({ pid }) => pid === serverOf(dataDir)?.pid),
    takesAlong: ({ folder }) => folder === clusterOf(dataDir),
  },
];

for (const { name, find, takesAlong = () => false } of victims) {
  test(`killing ${name} loses nothing, and it comes back`, bounded, async () => {
    await untilRoundIsUnanswered();
    const victim = find();
    assert.ok(victim, `cannot find ${name}:\n${describe(condor.processes())}`);
    const others = condor
      .processes()
      .filter((other) => other.pid !== victim.pid && !takesAlong(other) && isOurs(other));
    const committed = await withDatabase(readCommitted);
    const { now } = await marketClock();
    kill(victim.pid, 'SIGKILL');

    await eventually(
      `${name} is back`,
      backSeconds,
      () => {
        const found = find();
        return found !== undefined && found.pid !== victim.pid;
      },
      condor.tail,
    );
    await untilPlayedOn(now);
    const left = new Map(condor.processes().map((own) => [own.pid, own.startedAt]));
    const gone = others.filter(({ pid, startedAt }) => left.get(pid) !== startedAt);
    assert.equal(describe(gone), '', `others have ended too\n${condor.tail()}`);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    await withDatabase(async (client) => {
      assertKept(committed, await readCommitted(client));
      await assertWhole(client);
    });
  });
}

test('killing up leaves the database alone, and the next up goes on with it', bounded, async () => {
  await untilRoundIsUnanswered();
  const committed = await withDatabase(readCommitted);
  const { now } = await marketClock();
  const killed = condor;
  kill(killed.pid, 'SIGKILL');
  const cluster = clusterOf(dataDir);
  const others = () => killed.processes().filter(({ folder }) => folder !== cluster);
  await eventually(
    'all but the database has ended',
    10,
    () => others().length === 0,
    () => describe(others()),
  );
  const server = serverOf(dataDir);
  assert.ok(server && killed.processes().some(({ pid }) => pid === server.pid), 'the database has ended');
  assertKept(committed, await withDatabase(readCommitted));

  await start();
  await condor.line(/attached to the database/, 1);
  assert.equal(serverOf(dataDir)?.pid, server.pid);
  await untilPlayedOn(now);
  const played = await withDatabase(async (client) => {
    assertKept(committed, await readCommitted(client));
    return await assertWhole(client);
  });
  assert.ok(
    played.rounds.some(({ fault }) => fault === 'interrupted'),
    'no round was marked as interrupted',
  );
});

/** Long-lived processes; the server's helpers come and go. */
function isOurs({ command }: ProcessInfo): boolean {
  return command.some((word) => word.endsWith('main.js') || word.endsWith('/bin/postgres'));
}
