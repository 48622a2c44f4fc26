import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SettlementRepository, WaitingRound } from '../domain/repositories.ts';
import { checkAnswers } from './check-answers.ts';
import game from './test-game.ts';
import { own } from './test-play.ts';
import { startedAt } from './test-scenario.ts';
import type { ScoringThreads } from './threads.ts';
import { createGameVersions } from './versions.ts';

const now = startedAt + 3600;
const clock = { now, speed: 1, mode: 'live', startedAt } as const;
const { signal } = new AbortController();

function roundEnding(resolvableAt: number, members = 2): WaitingRound {
  const memberIds = Array.from({ length: members }, (_, i) => `m${i}`);
  return {
    ...{ roundId: `2m.AAA.${resolvableAt}`, profile: '2m', asset: 'AAA', startedAt: resolvableAt - 120, resolvableAt },
    ...{ gameVersion: own.gameVersion, ruleName: game.rule.name, ruleVersion: game.rule.version },
    ...{ askedAt: resolvableAt - 120, lastPricedAt: null, scoredSteps: { '60': [[1, 2]] }, context: null },
    ...{ memberIds, warmup: false, fault: null, checked: false },
  };
}

/** Ends of the rounds that were checked, from now, and whether there is more. */
async function checkedOf(rounds: readonly WaitingRound[], isBehind: boolean) {
  const checked: number[] = [];
  const settlements = {
    async unchecked(limit: number, endingAfter = Number.NEGATIVE_INFINITY) {
      return rounds.filter(({ resolvableAt }) => resolvableAt > endingAfter).slice(0, limit);
    },
    async *predictions() {
      yield [];
    },
    async saveVerdicts(saved) {
      checked.push(...saved.map(({ resolvableAt }) => resolvableAt - now));
    },
  } as Partial<SettlementRepository> as SettlementRepository; // no other method is part of checking
  const threads: ScoringThreads = {
    width: 1,
    async scoreRound(_task, pages) {
      for await (const _ of pages);
      const none = { baseline: null, baselineHours: [], verdicts: [], shadows: [] };
      return { ...none, scores: new Map(), details: new Map() };
    },
    close: async () => {},
  };
  const deps = { versions: createGameVersions(own, async () => null), settlements, threads };
  const { hasMore } = await checkAnswers(deps, clock, { isBehind }, signal);
  return { checked, hasMore };
}

const ends = [-7200, -10, 0, 60, 3600];
const rounds = ends.map((end) => roundEnding(now + end));

test('checkAnswers() leaves rounds that have just ended to be settled', async () => {
  assert.deepEqual(await checkedOf(rounds, false), { checked: [-7200, 60, 3600], hasMore: false });
});

test('checkAnswers() reads new answers first of all, however many old rounds wait to be settled', async () => {
  const backlog = Array.from({ length: 600 }, (_, i) => roundEnding(now - 90_000 + i));
  assert.deepEqual(await checkedOf([...backlog, ...rounds], true), { checked: [60, 3600], hasMore: false });
});

test('checkAnswers() reads about a thousand answers in a turn, and says that there are more', async () => {
  const many = [1, 2, 3, 4, 5].map((i) => roundEnding(now + 60 * i, 400));
  assert.deepEqual(await checkedOf(many, false), { checked: [60, 120, 180], hasMore: true });
});
