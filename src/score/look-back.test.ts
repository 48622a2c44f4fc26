import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Game } from '../domain/game.ts';
import { gameVersion } from '../domain/version.ts';
import { silentLog } from '../lib/log.ts';
import { createMemoryRepositories } from '../storage/memory.ts';
import type { Repositories } from '../storage/repositories.ts';
import { explainScore } from './explain.ts';
import { compareRanks, planRescore, type RescoreProgress, runRescore } from './rescore.ts';
import testGame from './test-game.ts';
import { play, seededRandom } from './test-play.ts';
import { competition, endedAt, modelIds, startedAt } from './test-scenario.ts';
import { createScoringThreads, type ScoringThreads } from './threads.ts';
import { createGameVersions } from './versions.ts';

let threads: ScoringThreads;
let repositories: Repositories;

before(async () => {
  const game = fileURLToPath(new URL('./test-game.js', import.meta.url));
  threads = createScoringThreads({ game, threads: 1, log: silentLog });
  repositories = createMemoryRepositories();
  await play(repositories, { threads, workers: 1, aheadMax: 1, killChance: 0, random: seededRandom(1) });
});
after(() => threads.close());

function past(game: Game = testGame) {
  const own = { game, gameVersion: gameVersion(game).id };
  const versions = createGameVersions(own, (id) => repositories.settlements.gameVersion(id));
  return { competition, versions, threads, ...repositories };
}

const explain = async (roundId: string, modelId: string) => (await explainScore(past(), roundId, modelId)).join('\n');

test('explainScore() works out again what every model got in every round', async () => {
  let explained = 0;
  for (const modelId of modelIds) {
    for (const { roundId, score } of await repositories.report.predictions(modelId, startedAt, endedAt, 1000)) {
      const text = await explain(roundId, modelId);
      assert.ok(!text.includes('BUT'), text);
      if (score === null) assert.match(text, /A missing answer gets -0.5 points/);
      else assert.equal(text.match(/, as stored/g)?.length, 2, text);
      explained++;
    }
  }
  assert.ok(explained > 300);
});

test('explainScore() shows outcome, density, PIT, part and window of each step', async () => {
  const text = await explain(`2m.AAA.${startedAt + 50 * 60}`, 'a');
  assert.match(text, /^Round 2m\.AAA\.\d+: AAA from 2026-01-05 00:50:00 to 2026-01-05 00:52:00, game tiny/);
  assert.match(text, /Settled at 2026-01-05 00:54:00 with prices of simulated/);
  assert.match(text, /\n {2}1\t01-05 00:51:00\t-?\d+\.\d+\t\d\.\d{4}\t–\tnorm\(-?\d\.\d+, 1\)\n/);
  assert.match(text, /Window anchor at 2026-01-05 01:00:00: mean \S+ of \d+ rounds, \S+ without this round/);
  assert.match(text, /PIT in twentieths: (\d+ ){19}\d+ /);
});

test('explainScore() says why an answer is missing, and why a round is void', async () => {
  const invalid = (await repositories.report.predictions('a', startedAt, endedAt, 1000)).find(
    ({ verdict }) => verdict === 'invalid',
  );
  assert.match(await explain(invalid?.roundId ?? '', 'a'), /Invalid: \[0\]\.params\.loc: must be a finite number/);
  assert.match(await explain(`2m.AAA.${startedAt + 22 * 60}`, 'a'), /Void since .*: No price of AAA/);
});

test('explainScore() refuses what it can not explain, by name', async () => {
  await assert.rejects(explain('2m.AAA.1', 'a'), /^Error: Cannot explain round "2m\.AAA\.1": it is not settled, or/);
  const roundId = `2m.AAA.${startedAt + 50 * 60}`;
  await assert.rejects(explain(roundId, 'nobody'), /for model "nobody": it was not one of its members/);
  const newer = past({ ...testGame, rule: { ...testGame.rule, version: 2 } });
  await assert.rejects(explainScore(newer, roundId, 'a'), /it was scored under tiny 1, this game has tiny 2/);
});

const span = { ruleName: 'tiny', from: endedAt - 2400, to: endedAt };
const running = new AbortController().signal;

test('runRescore() under the same rule changes nothing', async () => {
  const deps = past();
  const plan = planRescore(deps.versions, span);
  const progress = await runRescore(deps, plan, () => {}, running);
  assert.ok(progress.total > 50);
  assert.deepEqual(progress, { done: progress.total, total: progress.total, refused: 0 });
  const { before: stands, after: wouldBe } = await repositories.rescores.compare(plan.rescoreId, testGame.windows);
  assert.ok(stands.length > 0);
  assert.deepEqual(wouldBe, stands);
  for (const { before: old, after: anew } of await compareRanks(deps, plan)) assert.deepEqual(anew, old);
});

test('runRescore() under another version of the rule tells which ranks would change, and touches no score', async () => {
  // The worst is the best here, and who doesn't answer is worse than all.
  const upsideDown = {
    ...testGame,
    rule: { ...testGame.rule, version: 2, missingPoints: -9 },
    points: (s: readonly number[]) => s,
  };
  const deps = past(upsideDown);
  const plan = planRescore(deps.versions, span);
  const rowsBefore = JSON.stringify(await repositories.report.predictions('a', startedAt, endedAt, 1000));
  await runRescore(deps, plan, () => {}, running);
  const ranks = await compareRanks(deps, plan);
  assert.ok(ranks.some(({ before: old, after: anew }) => old.rank !== anew.rank));
  assert.deepEqual(
    ranks.map(({ after: { rank } }) => rank),
    ranks.map((_, i) => i + 1),
  );
  assert.equal(JSON.stringify(await repositories.report.predictions('a', startedAt, endedAt, 1000)), rowsBefore);
});

test('runRescore() gives missing answers what the rule at hand says, not the one they were scored under', async () => {
  const deps = past({ ...testGame, rule: { ...testGame.rule, version: 4, missingPoints: -9 } });
  const missing: number[] = [];
  const save: typeof repositories.rescores.save = async (id, roundId, result) => {
    missing.push(...result.scores.flatMap(({ answered, points }) => (answered ? [] : [points])));
    await repositories.rescores.save(id, roundId, result);
  };
  const plan = planRescore(deps.versions, span);
  await runRescore({ ...deps, rescores: { ...repositories.rescores, save } }, plan, () => {}, running);
  assert.ok(missing.length > 0);
  assert.deepEqual(new Set(missing), new Set([-9]));
});

test('runRescore() scores under a rule of another name', async () => {
  const deps = past({ ...testGame, rule: { ...testGame.rule, name: 'another' } });
  const progress = await runRescore(
    deps,
    planRescore(deps.versions, { ...span, ruleName: 'another' }),
    () => {},
    running,
  );
  assert.ok(progress.total > 0);
  assert.deepEqual(progress, { done: progress.total, total: progress.total, refused: 0 });
});

test('runRescore() goes on where it was cut off', async () => {
  const other = { ...testGame, rule: { ...testGame.rule, version: 3, missingPoints: 0.25 } };
  const deps = past(other);
  const plan = planRescore(deps.versions, span);
  const scored: string[] = [];
  const save: typeof repositories.rescores.save = async (id, roundId, result) => {
    scored.push(roundId);
    if (scored.length === 10) stopping.abort();
    await repositories.rescores.save(id, roundId, result);
  };
  const counting = { ...deps, rescores: { ...repositories.rescores, save } };
  const stopping = new AbortController();
  const cut = await runRescore(counting, plan, () => {}, stopping.signal);
  assert.ok(cut.done >= 10 && cut.done < cut.total);
  const seen: RescoreProgress[] = [];
  const whole = await runRescore(counting, plan, (progress) => seen.push(progress), running);
  assert.equal(seen[0]?.done, cut.done);
  assert.equal(whole.done, whole.total);
  assert.equal(new Set(scored).size, scored.length); // none twice
});

test('planRescore() names the rules there are, and refuses an empty span', () => {
  const { versions } = past();
  assert.throws(() => planRescore(versions, { ...span, ruleName: 'nix' }), /game tiny has "tiny"/);
  assert.throws(() => planRescore(versions, { ...span, from: endedAt }), /the span must end after it begins/);
});
