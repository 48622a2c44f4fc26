import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Members } from './members.ts';

const grace = 100;

test('Members: a model is a member from the first time it can be asked', () => {
  const members = new Members(grace, []);

  const joined = members.ready('b', 10);
  members.ready('a', 11);

  assert.deepEqual(joined, { modelId: 'b', joinedAt: 10, goneAt: null, leftAt: null });
  assert.deepEqual(members.ids(), ['a', 'b']);
});

test('Members: a redeployment is no news', () => {
  const members = new Members(grace, []);
  members.ready('a', 10);

  assert.equal(members.ready('a', 20), null);
});

test('Members.goneIds() names those that are disconnected', () => {
  const members = new Members(grace, []);
  members.ready('a', 10);
  members.ready('b', 10);
  members.gone('b', 20);

  assert.deepEqual(members.goneIds(), ['b']);
});

test('Members: within grace an absence does not interrupt membership', () => {
  const members = new Members(grace, []);
  members.ready('a', 10);
  members.gone('a', 20);

  assert.deepEqual(members.expire(119), []);
  assert.deepEqual(members.ids(), ['a'], 'still a member, so its rounds count as missing');
  assert.deepEqual(members.ready('a', 119), { modelId: 'a', joinedAt: 10, goneAt: null, leftAt: null });
});

test('Members: after grace a model has left, and returns as new', () => {
  const members = new Members(grace, []);
  members.ready('a', 10);
  members.gone('a', 20);

  assert.deepEqual(members.expire(120), [{ modelId: 'a', joinedAt: 10, goneAt: 20, leftAt: 120 }]);
  assert.deepEqual(members.ids(), []);
  assert.deepEqual(members.ready('a', 130), { modelId: 'a', joinedAt: 130, goneAt: null, leftAt: null });
});

test('Members: what an earlier run knew goes on, with its own grace', () => {
  const members = new Members(grace, [{ modelId: 'a', joinedAt: 10, goneAt: 50, leftAt: null }]);

  assert.equal(members.gone('a', 60), null, 'it was gone already');
  assert.deepEqual(
    members.expire(150).map(({ leftAt }) => leftAt),
    [150],
  );
});
