import assert from 'node:assert/strict';
import { test } from 'node:test';
import { infosOf, type ModelState, messagesOf } from './announcement.ts';
import type { ModelEntry } from './models-file.ts';

function stateOf(i: number, name: string): ModelState {
  const entry: ModelEntry = {
    id: `model-${i}`,
    crunchId: 'condorgame',
    submissionId: 'x.ts',
    resourceId: null,
    hardwareType: 'CPU',
    desiredState: 'RUNNING',
    modelName: name,
    cruncherId: 'wallet',
    cruncherName: null,
  };
  const deployment_id = `model-${i}_20261122_161043_657`;
  return { deployment_id, model_id: entry.id, infos: infosOf(entry), state: 'RUNNING', ip: '127.0.0.1', port: 50_000 };
}

test('messagesOf() cuts 5000 models into messages below 1 MiB, init first, nothing lost', () => {
  const states = Array.from({ length: 5000 }, (_, i) => stateOf(i, i % 2 ? 'plain' : '🦅'.repeat(100)));
  const messages = messagesOf('init', states);
  assert.ok(messages.length > 1);
  for (const message of messages) assert.ok(Buffer.byteLength(message) < 1024 * 1024);
  const parsed = messages.map((message) => JSON.parse(message) as { event: string; data: ModelState[] });
  assert.deepEqual(
    parsed.map(({ event }) => event),
    ['init', ...messages.slice(1).map(() => 'update')],
  );
  assert.deepEqual(
    parsed.flatMap(({ data }) => data),
    states,
  );
});

test('messagesOf() says init also when nothing runs', () => {
  assert.deepEqual(
    messagesOf('init', []).map((message) => JSON.parse(message)),
    [{ event: 'init', data: [] }],
  );
});

test('messagesOf() keeps the longest entry a models file can hold below 1 MiB', () => {
  const worst = stateOf(1, '\u0001'.repeat(16_384));
  const [message, ...more] = messagesOf('init', [
    { ...worst, infos: { ...worst.infos, cruncher_name: '\u0001'.repeat(16_384) } },
  ]);
  assert.ok(Buffer.byteLength(message as string) < 1024 * 1024);
  assert.deepEqual(more, []);
});
