import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import test from 'node:test';
import { silentLog } from '../lib/log.ts';
import { createReportApp } from './app.ts';
import { fakeData, fakeRepository, game } from './fixture.ts';
import { serve } from './serve.ts';

function createApp() {
  const repository = fakeRepository(fakeData());
  return createReportApp({ repository, game, log: silentLog, now: () => 0, onBoard: () => {} });
}

test('serve() takes a free port and says where it is', async (t) => {
  const app = await createApp();
  t.after(() => app.close());
  const url = await serve(app, '127.0.0.1', 0);
  assert.match(url, /^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  assert.equal((await fetch(`${url}/healthz`)).status, 200);
});

test('serve() gives an address that can be opened when it serves every network', async (t) => {
  const app = await createApp();
  t.after(() => app.close());
  assert.match(await serve(app, '0.0.0.0', 0), /^http:\/\/localhost:[1-9]\d*$/);
});

test('serve() says that a port is taken and what to do', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const app = await createApp();
  await assert.rejects(serve(app, '127.0.0.1', port), {
    message: `Cannot serve the report on 127.0.0.1:${port}: another program has this port; end it, or choose another port (0 takes a free one)`,
  });
});
