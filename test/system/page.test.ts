// What a person sees: a real browser on the page of a real competition, in a network without a route, so
// that neither program nor page can lean on anything outside.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { browserMissing, openPage, type Page } from '../lib/browser.ts';
import { type Condor, type CondorOptions, startCondor, temporaryFolder } from '../lib/condor.ts';
import { eventually } from '../lib/eventually.ts';
import { honest, writeModels } from '../lib/models.ts';
import { cannotBeOffline, inNetworkOf, offline } from '../lib/offline.ts';

const needs = { skip: cannotBeOffline() || browserMissing(), timeout: 300_000 };
const isCi = process.env.CI === 'true';

async function openCompetition(
  t: TestContext,
  options: CondorOptions,
): Promise<{ condor: Condor; page: Page; url: string }> {
  const condor = startCondor(t, { ...options, prefix: offline });
  const [, url = ''] = await condor.line(/is running: (http\S+)/, 60);
  const page = await openPage(t, url, inNetworkOf(condor.pid));
  return { condor, page, url };
}

/** The table's rows as a reader sees them. */
function rowsOf(page: Page): Promise<string[]> {
  return page.evaluate('[...document.querySelectorAll("#rows tr")].map((row) => row.innerText)');
}

function get<T>(page: Page, path: string): Promise<T> {
  return page.evaluate(`fetch(${JSON.stringify(path)}).then((answer) => answer.json())`);
}

function assertSameOrigin(page: Page, url: string): void {
  const { origin } = new URL(url);
  const foreign = page.requests.filter((address) => !address.startsWith(`${origin}/`) && address !== 'about:blank');
  assert.deepEqual(foreign, []);
  assert.deepEqual(page.complaints, []);
}

test('the page shows names as text, keeps moving by itself, and asks nobody else', needs, async (t) => {
  const folder = temporaryFolder(t);
  const names = ['<img src=x onerror="document.title=1">', 'Plain\u202e\u0007 name', '&amp; <script>alert(1)</script>'];
  const models = writeModels(
    join(folder, 'models'),
    'coin',
    names.map((name, i) => ({ id: String(i + 1), name, cruncher: '<b>Bold</b>', predict: honest(1e-4 * 2 ** i) })),
  );
  const dataDir = join(folder, 'data');
  const args = ['up', '--game', 'coin', '--prices', 'simulated', '--models', models, '--data-dir', dataDir];
  const { condor, page, url } = await openCompetition(t, { args, dataDir });

  const rows = await eventually(
    'three models with ranks 1, 2 and 3 are on the page',
    60,
    async () => {
      const shown = await rowsOf(page);
      return shown.map((row) => row.trim()[0]).join() === '1,2,3' && shown;
    },
    condor.tail,
  );
  const text = rows.join('\n');
  assert.ok(
    text.includes('<img src=x') && text.includes('<script>alert(1)</script>') && text.includes('<b>Bold</b>'),
    text,
  );
  assert.ok(text.includes('Plain name'), text);
  assert.equal(await page.evaluate('document.querySelectorAll("#board img, #board script, #board b").length'), 0);

  const boardOf = () => page.evaluate<string>('document.querySelector("#board-of").innerText');
  await eventually(
    'the warm-up has ended',
    90,
    async () => (await get<Stats>(page, '/v1/stats')).clock?.mode === 'live',
    condor.tail,
  );
  const before = await boardOf();
  await eventually('the page shows a later board by itself', 30, async () => (await boardOf()) !== before, condor.tail);
  assert.ok(
    page.requests.some((address) => address.includes('/events')),
    page.requests.join('\n'),
  );
  assertSameOrigin(page, url);

  const leaderboard = await get<readonly { rank: number; username: string }[]>(page, '/reports/leaderboard');
  assert.deepEqual(
    leaderboard.map(({ rank }) => rank),
    [1, 2, 3],
  );
});

test('npm start shows ranked models at once and full windows soon, without any network', needs, async (t) => {
  const dataDir = join(temporaryFolder(t), 'data');
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  const { condor, page, url } = await openCompetition(t, { args: ['up', '--data-dir', dataDir], dataDir });
  await eventually(
    'four ranked models are on the page',
    90,
    async () => {
      const rows = await rowsOf(page);
      return rows.length === 4 && rows.every((row) => /^\s*\d/.test(row) && /\d\.\d/.test(row));
    },
    condor.tail,
  );
  const rankedAfter = seconds();
  await eventually(
    'the page says that prices are simulated',
    10,
    async () => /simulated/i.test(await page.evaluate<string>('document.querySelector("#world").innerText')),
    condor.tail,
  );
  await eventually(
    'the warm-up has ended',
    240,
    async () => (await get<Stats>(page, '/v1/stats')).clock?.mode === 'live',
    condor.tail,
  );
  const liveAfter = seconds();
  console.log(`ranked models after ${rankedAfter.toFixed(1)} s, warm-up ended after ${liveAfter.toFixed(1)} s`);
  const full = await eventually(
    '24 h windows are full',
    60,
    async () => {
      const { rows } = await get<V1Board>(page, '/v1/leaderboard').then((board) => ({ rows: board.standings }));
      return rows.length === 4 && rows.every(({ provisional }) => !provisional.recent) && rows;
    },
    condor.tail,
  );
  assert.ok(full.every(({ overall }) => overall.recent.value !== null && overall.recent.count > 400));
  assertSameOrigin(page, url);
  if (!isCi) return; // a developer's machine may be busy with other things
  assert.ok(rankedAfter <= 15, `ranked models after ${rankedAfter} s, wanted within 15`);
  assert.ok(liveAfter <= 120, `warm-up ended after ${liveAfter} s, wanted within 120`);
});

interface Stats {
  readonly clock: { readonly mode: string } | null;
}

interface V1Board {
  readonly standings: readonly {
    readonly provisional: { readonly recent: boolean };
    readonly overall: { readonly recent: { readonly value: number | null; readonly count: number } };
  }[];
}
