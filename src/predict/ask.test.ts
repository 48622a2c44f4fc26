import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GameDefinition } from '../domain/game.ts';
import type { JournalEntry } from '../domain/repositories.ts';
import type { CallOutcome } from '../fleet/fleet.ts';
import { silentLog } from '../lib/log.ts';
import { type AskDeps, askRound } from './ask.ts';
import { Market } from './market.ts';
import { testGame } from './test-game.ts';

const ended = { deploymentId: 'd', latencyUs: 1_000, queuedUs: 0 };
const answered: CallOutcome = { ...ended, status: 'success', answer: { type: 'json', bytes: Buffer.from('[]') } };
const interrupted: CallOutcome = { ...ended, status: 'failed', cause: 'interrupted', detail: null };

/** Asks `a` and `b` in a game with `changes`; returns what was journaled. */
async function ask(outcomes: readonly CallOutcome[], changes: Partial<GameDefinition> = {}) {
  const game = testGame(changes);
  const entries: JournalEntry[] = [];
  const deps: AskDeps = {
    game,
    gameVersion: 'v',
    market: new Market(game, []),
    fleet: { ask: async (ids) => new Map(ids.map((id, i) => [id, outcomes[i] as CallOutcome])) },
    journal: { push: (...pushed) => entries.push(...pushed), recorded: async () => {} },
    log: silentLog,
    stalls: { longestSince: () => 0 },
  };
  const slot = { profile: 'p', asset: 'A', startedAt: 1_200, scoredSteps: {} };
  const options = { askedAt: 1_201, responseMs: 10, speed: 1, warmup: false, setAside: new Set<string>() };
  await askRound(slot, deps, { ...options, memberIds: ['a', 'b'] });
  return entries;
}

test('askRound() journals the round, then its answers', async () => {
  const [round, answers] = await ask([answered, answered]);

  assert.ok(round?.type === 'round' && answers?.type === 'answers');
  assert.equal(answers.fault, null);
  assert.deepEqual(
    answers.predictions.map(({ modelId, status }) => `${modelId} ${status}`),
    ['a success', 'b success'],
  );
});

test('askRound() makes a round void, ours, when our stopping interrupts it', async () => {
  const [, answers] = await ask([answered, interrupted]);

  assert.ok(answers?.type === 'answers');
  assert.equal(answers.fault, 'interrupted');
});

test('askRound() skips the slot, ours, when the game throws', async () => {
  const skip = { profile: 'p', asset: 'A', fromSlot: 1_200, toSlot: 1_200, slots: 1, reason: 'game-error' };
  const throws = () => assert.fail('the game throws');

  assert.deepEqual(await ask([answered, answered], { context: throws }), [{ type: 'skip', skip }]);
  const requests = { tick: throws, predict: throws };
  assert.deepEqual(await ask([answered, answered], { requests }), [{ type: 'skip', skip }]);
});
