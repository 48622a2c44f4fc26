import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEntry, StoredPrediction } from '../domain/repositories.ts';
import { silentLog } from '../lib/log.ts';
import { createJournal } from './journal.ts';

const clockAt = (now: number): JournalEntry => ({
  type: 'clock',
  clock: { now, speed: 1, mode: 'live', startedAt: 0 },
});

function answers(roundId: string, bytes: number): JournalEntry {
  const prediction: StoredPrediction = {
    roundId,
    modelId: '1',
    deploymentId: 'd',
    status: 'success',
    cause: null,
    detail: null,
    answeredAt: 1,
    latencyUs: 1,
    queuedUs: 1,
    variantType: 'json',
    codec: 'raw',
    payload: new Uint8Array(bytes),
    payloadBytes: bytes,
  };
  return { type: 'answers', roundId, resolvableAt: 1, fault: null, predictions: [prediction] };
}

/** A database that can be taken away, refuses some entries, and remembers what it was given. */
function fakeDatabase() {
  const database = {
    isAway: false,
    refuses: (_entry: JournalEntry) => false,
    written: [] as JournalEntry[],
    async write(entries: readonly JournalEntry[]) {
      if (database.isAway) throw new Error('Cannot reach the database', { cause: new Error('connect ECONNREFUSED') });
      if (entries.some(database.refuses)) throw new Error('invalid input');
      database.written.push(...entries);
    },
  };
  return database;
}

test('createJournal() writes entries in order, the newest clock last', async () => {
  const database = fakeDatabase();
  const journal = createJournal(database.write, silentLog);

  journal.push(clockAt(1), answers('a', 1), clockAt(2), answers('b', 1));
  await journal.flushed();

  assert.deepEqual(
    database.written.map((entry) => (entry.type === 'answers' ? entry.roundId : entry.type)),
    ['a', 'b', 'clock'],
  );
});

test('createJournal() keeps what it has while the database is away and loses nothing within its bound', async () => {
  const database = fakeDatabase();
  database.isAway = true;
  const journal = createJournal(database.write, silentLog);

  journal.push(answers('a', 10), answers('b', 10));
  while (journal.health().failures < 2) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(journal.health().connected, false);
  database.isAway = false;
  await journal.flushed();

  assert.deepEqual(database.written, [answers('a', 10), answers('b', 10)]);
  assert.equal(journal.health().droppedAnswers, 0);
});

test('createJournal() drops payloads, oldest first, when memory is full: their rounds are void through us', async () => {
  const database = fakeDatabase();
  database.isAway = true;
  const journal = createJournal(database.write, silentLog, { bytes: 100, entries: 1_000 });

  journal.push(answers('in flight', 60));
  journal.push(answers('oldest', 60));
  journal.push(answers('newest', 60));
  assert.equal(journal.health().droppedAnswers, 1);
  assert.ok(journal.health().waitingBytes <= 100);
  database.isAway = false;
  await journal.flushed();

  const faults = database.written.map((entry) => entry.type === 'answers' && [entry.roundId, entry.fault]);
  assert.deepEqual(faults, [
    ['in flight', null],
    ['oldest', 'interrupted'],
    ['newest', null],
  ]);
});

test('createJournal() bounds the number of entries too', async () => {
  const database = fakeDatabase();
  database.isAway = true;
  const journal = createJournal(database.write, silentLog, { bytes: 1_000, entries: 5 });

  for (let index = 0; index < 20; index += 1) journal.push(answers(String(index), 0));

  assert.ok(journal.health().waiting <= 6, `${journal.health().waiting} entries wait`);
  assert.ok(journal.health().droppedEntries >= 14);
  await journal.stop(0);
});

test('createJournal() no longer counts the bytes of entries it dropped', async () => {
  const database = fakeDatabase();
  database.isAway = true;
  const journal = createJournal(database.write, silentLog, { bytes: 1_000, entries: 2 });

  for (let index = 0; index < 20; index += 1) journal.push(answers(String(index), 100));

  assert.equal(journal.health().waitingBytes, 200, 'what two entries hold');
  assert.equal(journal.health().droppedAnswers, 0, 'memory was never full of payloads');
  await journal.stop(0);
});

test('createJournal() drops only the entry the database refuses', async () => {
  const database = fakeDatabase();
  database.refuses = (entry) => entry.type === 'answers' && entry.roundId === 'poison';
  const journal = createJournal(database.write, silentLog);

  journal.push(answers('a', 1), answers('poison', 1), answers('b', 1));
  await journal.flushed();

  assert.deepEqual(
    database.written.map((entry) => entry.type === 'answers' && entry.roundId),
    ['a', 'b'],
  );
  assert.equal(journal.health().droppedEntries, 1);
});

test('createJournal() gives up within the stated time when stopped without a database', async () => {
  const database = fakeDatabase();
  database.isAway = true;
  const journal = createJournal(database.write, silentLog);

  journal.push(answers('a', 1));
  await journal.stop(20);

  assert.equal(journal.health().droppedEntries, 1);
});

test('createJournal().recorded() waits for a healthy database, and not for a sick one', async () => {
  const database = fakeDatabase();
  const journal = createJournal(database.write, silentLog);

  journal.push(answers('a', 1));
  await journal.recorded(10_000);
  assert.equal(database.written.length, 1);

  database.isAway = true;
  journal.push(answers('b', 1));
  while (journal.health().connected) await new Promise((resolve) => setTimeout(resolve, 5));
  await journal.recorded(10_000);
  await journal.stop(0);
});
