import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { silentLog } from '../lib/log.ts';
import { createReportApp } from './app.ts';
import { fakeData, fakeRepository, game, model } from './fixture.ts';
import { pageFiles } from './page.ts';

async function open(t: TestContext) {
  const data = fakeData();
  const repository = fakeRepository(data);
  const app = await createReportApp({ repository, game, log: silentLog, now: () => 0, onBoard: () => {} });
  t.after(() => app.close());
  return { app, data };
}

test('GET / is the page, with every file it names', async (t) => {
  const { app } = await open(t);
  const page = await app.inject('/');
  assert.equal(page.statusCode, 200);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  const scripts = ['/page/page.js', '/page/table.js', '/page/detail.js', '/page/words.js'];
  const bodies = await Promise.all(scripts.map(async (url) => (await app.inject(url)).body));
  const named = [page.body, ...bodies].flatMap((text) => [
    ...[...text.matchAll(/(?:href|src)="([^"]+)"/g)].map(([, path = '']) => `/${path}`),
    ...[...text.matchAll(/from '\.\/([^']+)'/g)].map(([, path]) => `/page/${path}`),
    ...[...text.matchAll(/(?:getJson|EventSource)\('([^']+)'\)/g)].map(([, path]) => `/${path}`),
  ]);
  assert.ok(named.length >= 10, named.join(' '));
  for (const url of named.filter((path) => path !== '/v1/events')) {
    assert.equal((await app.inject(url)).statusCode, 200, url);
  }
});

test('GET / and its files name no other origin', async (t) => {
  const { app } = await open(t);
  for (const { path } of pageFiles) {
    const text = (await app.inject(path)).body.replace('xmlns="http://www.w3.org/2000/svg"', ''); // a name, never asked
    assert.doesNotMatch(text, /https?:|wss?:|(["'(=])\/\/|@import|url\(/, path);
  }
});

test('GET / may load from its own origin only, and turn no string into markup', async (t) => {
  const { app } = await open(t);
  const policy = String((await app.inject('/')).headers['content-security-policy']).split('; ');
  assert.deepEqual(policy, [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ]);
});

test('GET / has no place where a name could become markup', async (t) => {
  const { app } = await open(t);
  for (const { path } of pageFiles) {
    const text = (await app.inject(path)).body;
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|eval\(|\son\w+="/, path);
  }
});

test('GET /v1/leaderboard carries a name that is HTML as text, cleaned and cut', async (t) => {
  const { app, data } = await open(t);
  const evil = '<script>alert(1)</script>\u202Egnp.\u0000';
  data.models = [{ ...model('7', evil, 'x'.repeat(500)), deploymentId: 'd', connected: true }];
  for (const [url, names] of [
    ['/v1/leaderboard', ['modelName', 'cruncherName']],
    ['/reports/leaderboard', ['model_name', 'username']],
    ['/reports/models', ['model_name', 'cruncher_name']],
  ] as const) {
    const response = await app.inject(url);
    const body = response.json();
    const [row] = body.standings ?? body;
    assert.equal(row[names[0]], '<script>alert(1)</script>gnp.', url);
    assert.equal(row[names[1]], `${'x'.repeat(79)}…`, url);
    assert.equal(response.headers['content-type'], 'application/json; charset=utf-8');
    assert.equal(response.headers['x-content-type-options'], 'nosniff');
  }
});

test('GET / is 304 for who has it', async (t) => {
  const { app } = await open(t);
  const { etag } = (await app.inject('/')).headers;
  const again = await app.inject({ url: '/', headers: { 'if-none-match': String(etag) } });
  assert.equal(again.statusCode, 304);
});
