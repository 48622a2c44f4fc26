import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { silentLog } from '../lib/log.ts';
import { createReportApp } from './app.ts';
import { fakeData, fakeRepository, game, noon, summary } from './fixture.ts';

async function open(t: TestContext) {
  const data = fakeData();
  const repository = fakeRepository(data);
  const app = await createReportApp({ repository, game, log: silentLog, now: () => 0, onBoard: () => {} });
  t.after(() => app.close());
  return { app, data, repository };
}

test('GET /v1/diagnostics tells why a model scored as it did, over a window of the newest board', async (t) => {
  const { app, repository } = await open(t);
  const body = (await app.inject('/v1/diagnostics?model=a%2Fb%20%3Ci%3E&window=steady')).json();
  assert.deepEqual(body, {
    modelId: 'a/b <i>',
    window: 'steady',
    from: noon - 259_200,
    to: noon,
    rule: 'condor',
    scores: [summary('condor'), { ...summary('log-score'), calibration: null }],
  });
  assert.equal(repository.reads.at(-1), 'diagnostics of a/b <i> over 259200 s, 10000 rounds');
});

test('GET /v1/diagnostics is over the shortest window unless asked, and empty before the first board', async (t) => {
  const { app, data } = await open(t);
  data.board = null;
  const { window, from, to, scores } = (await app.inject('/v1/diagnostics?model=7')).json();
  assert.deepEqual([window, from, to, scores], ['recent', null, null, []]);
});

test('GET /v1/diagnostics refuses what it cannot read', async (t) => {
  const { app } = await open(t);
  for (const query of ['', 'model=', 'model=7&window=week', `model=${'x'.repeat(201)}`, 'model=7&model=8']) {
    const response = await app.inject(`/v1/diagnostics?${query}`);
    assert.equal(response.statusCode, 422, query);
    assert.deepEqual(response.json().detail[0].loc[0], 'query');
  }
});
