import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Announcement, ModelState } from './announcement.ts';
import { applyAnnouncement, type Cluster } from './cluster.ts';

const noNames = { modelName: null, cruncherId: null, cruncherName: null, cruncherWallet: null };
const running = (modelId: string, deploymentId: string, port = 1, modelName: string | null = null): ModelState => ({
  modelId,
  deploymentId,
  state: 'running',
  address: { host: 'h', port },
  names: { ...noNames, modelName },
});
const gone = (modelId: string, deploymentId: string): ModelState => ({
  modelId,
  deploymentId,
  state: 'gone',
  address: null,
  names: noNames,
});
const update = (...models: ModelState[]): Announcement => ({ event: 'update', models, ignored: 0 });
const init = (...models: ModelState[]): Announcement => ({ event: 'init', models, ignored: 0 });

/** Applies all in turn; returns the end and what each changed, in short. */
function play(...announcements: Announcement[]) {
  let cluster: Cluster = new Map();
  const changes = announcements.map((announcement) => {
    const result = applyAnnouncement(cluster, announcement);
    cluster = result.cluster;
    return result.changes.map((change) =>
      change.type === 'removed' ? `-${change.modelId}` : `${change.type} ${change.deployment.deploymentId}`,
    );
  });
  return { end: [...cluster.values()].map(({ deploymentId }) => deploymentId), changes };
}

test('applyAnnouncement() replaces a deployment, and its late STOPPED changes nothing', () => {
  assert.deepEqual(play(update(running('m', 'a')), update(running('m', 'b')), update(gone('m', 'a'))), {
    end: ['b'],
    changes: [['deployed a'], ['deployed b'], []],
  });
});

test('applyAnnouncement() removes once, however often STOPPED comes', () => {
  const stopped = update(gone('m', 'a'));
  assert.deepEqual(play(update(running('m', 'a')), stopped, stopped, stopped).changes, [
    ['deployed a'],
    ['-m'],
    [],
    [],
  ]);
});

test('applyAnnouncement() tells new names from a new address', () => {
  const { changes } = play(
    update(running('m', 'a')),
    update(running('m', 'a')),
    update(running('m', 'a', 1, 'frank')),
    update(running('m', 'a', 2, 'frank')),
  );
  assert.deepEqual(changes, [['deployed a'], [], ['renamed a'], ['deployed a']]);
});

test('applyAnnouncement() takes init as the whole truth', () => {
  assert.deepEqual(play(init(running('m', 'a'), running('n', 'b')), init(running('n', 'b'))).changes[1], ['-m']);
});

test('applyAnnouncement() lets the later of two elements win', () => {
  assert.deepEqual(play(update(running('m', 'a'), running('m', 'b'))), { end: ['b'], changes: [['deployed b']] });
});

test('applyAnnouncement() ends in exactly the announced state, and its changes lead there', () => {
  const id = fc.constantFrom('m', 'n', 'o');
  const model = fc.oneof(
    fc.record({ modelId: id, deploymentId: fc.constantFrom('a', 'b'), port: fc.constantFrom(1, 2) }),
    fc.record({ modelId: id, deploymentId: fc.constantFrom('a', 'b'), port: fc.constant(0) }),
  );
  const announcement = fc.record({ isInit: fc.boolean(), models: fc.array(model, { maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(announcement, { maxLength: 20 }), (events) => {
      let cluster: Cluster = new Map();
      const announced = new Map<string, string>(); // the rules of wire-protocol.md 1.3, told again as simply as can be
      const followed = new Map<string, string>(); // what somebody sees who only hears the changes
      for (const { isInit, models } of events) {
        const states = models.map(({ modelId, deploymentId, port }) =>
          port === 0 ? gone(modelId, deploymentId) : running(modelId, deploymentId, port),
        );
        const result = applyAnnouncement(cluster, isInit ? init(...states) : update(...states));
        cluster = result.cluster;
        const listed = new Set<string>(models.map(({ modelId }) => modelId));
        for (const { modelId, deploymentId, port } of models) {
          if (port > 0) announced.set(modelId, `${deploymentId}:${port}`);
          else if (announced.get(modelId)?.startsWith(`${deploymentId}:`)) announced.delete(modelId);
        }
        if (isInit) for (const modelId of [...announced.keys()]) if (!listed.has(modelId)) announced.delete(modelId);
        for (const change of result.changes) {
          if (change.type === 'removed') followed.delete(change.modelId);
          else if (change.type === 'deployed')
            followed.set(change.deployment.modelId, `${change.deployment.deploymentId}:${change.deployment.port}`);
        }
      }
      const end = new Map(
        [...cluster].map(([modelId, { deploymentId, port }]) => [modelId, `${deploymentId}:${port}`]),
      );
      assert.deepEqual(new Map([...end].sort()), new Map([...announced].sort()));
      assert.deepEqual(new Map([...end].sort()), new Map([...followed].sort()));
    }),
  );
});
