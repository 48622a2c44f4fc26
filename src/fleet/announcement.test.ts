import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAnnouncement } from './announcement.ts';

// Real bytes of the existing orchestrator.
const real =
  '{"event": "init", "data": [{"deployment_id": "1_20261122_161043_657", "model_id": "1", "infos": {"model_name": "frank", "cruncher_id": "w", "cruncher_name": "w", "cruncher_wallet_pubkey": "w", "cruncher_hotkey": "h"}, "state": "RUNNING", "ip": "localhost", "port": 50051}]}';
const state = { deployment_id: 'd', model_id: 'm', state: 'RUNNING', ip: 'h', port: 1 };
const parse = (...data: unknown[]) => parseAnnouncement(JSON.stringify({ event: 'update', data }));

test('parseAnnouncement() reads what the existing orchestrator sends', () => {
  assert.deepEqual(parseAnnouncement(real), {
    event: 'init',
    ignored: 0,
    models: [
      {
        modelId: '1',
        deploymentId: '1_20261122_161043_657',
        state: 'running',
        address: { host: 'localhost', port: 50051 },
        names: { modelName: 'frank', cruncherId: 'w', cruncherName: 'w', cruncherWallet: 'w' },
      },
    ],
  });
});

test('parseAnnouncement() takes a port as number or text, and names that are missing or odd', () => {
  const announcement = parse(
    { ...state, port: '49153', infos: null, extra: 1 },
    { ...state, ip: '[::1]', infos: { model_name: 5, cruncher_id: null } },
    { ...state, model_id: 7, ip: '::1' },
  );
  assert.equal(announcement?.ignored, 0);
  assert.deepEqual(
    announcement?.models.map(({ modelId, address, names }) => [modelId, address, names.modelName]),
    [
      ['m', { host: 'h', port: 49153 }, null],
      ['m', { host: '::1', port: 1 }, null],
      ['7', { host: '::1', port: 1 }, null],
    ],
  );
});

test('parseAnnouncement() leaves out and counts elements it cannot understand', () => {
  const announcement = parse(
    null,
    [],
    { ...state, state: 'DANCING' },
    { ...state, port: 0 },
    { ...state, ip: null },
    { ...state, ip: 'a b/c' },
    { ...state, model_id: '' },
    { ...state, state: 'STOPPED', ip: null, port: null },
  );
  assert.deepEqual([announcement?.ignored, announcement?.models.map((model) => model.state)], [7, ['gone']]);
});

test('parseAnnouncement() answers null to whatever is no announcement', () => {
  const texts = ['', '{', 'null', '5', '[]', '{"error": "no"}', '{"event": "dance", "data": []}', '{"event": "init"}'];
  for (const text of texts) assert.equal(parseAnnouncement(text), null, text);
});
