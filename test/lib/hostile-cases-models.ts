// Faults 2, 3 and 4: whatever a model does or answers, and whatever the game itself throws, harms nobody
// else and ends no worker.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { mixtureAnswer } from '../../src/fleet/testing/answers.ts';
import { freshDatabase } from '../../src/storage/test-database.ts';
import { startCondor } from './condor.ts';
import { eventually } from './eventually.ts';
import { type Arena, gameFile, honestIds, type RoundRow, startArena } from './hostile-arena.ts';
import { assertHonestUnharmed } from './hostile-check.ts';
import type { PlainStub } from './hostile-models.ts';
import { kill } from './processes.ts';

export type Cases = Readonly<Record<string, (t: TestContext) => Promise<void>>>;

// Ten models' sockets, a 10-minute history and what Node needs take about 150 MiB.
const peakMiBMost = 300;
const roundsWanted = 6;

interface Offence {
  readonly stub: PlainStub;
  /** Done after two rounds. */
  readonly act?: (arena: Arena) => void;
  /** `status cause` of its rows. `none`: it never belongs to a round. */
  readonly ends: RegExp;
}

const offences: Readonly<Record<string, Offence>> = {
  'hangs in a call': { stub: { predict: 'hang' }, ends: /^timeout (timeout|busy)$/ },
  'drops its connection in every call': { stub: { predict: 'crash' }, ends: /^(failed crashed|absent absent)$/ },
  'is killed': {
    stub: {},
    act: (arena) => kill(arena.offender('offender').pid, 'SIGKILL'),
    ends: /^(success null|failed crashed|absent absent)$/,
  },
  'answers garbage': { stub: { predict: 'garbage' }, ends: /^failed undecodable$/ },
  'breaks HTTP/2': {
    stub: { predict: 'garbage-connection' },
    ends: /^(timeout (timeout|busy)|failed crashed|absent absent)$/,
  },
  'answers null': { stub: { predict: 'null' }, ends: /^success null$/ },
  'answers 100 MB': { stub: { predict: 'huge' }, ends: /^failed oversize$/ },
  'answers a byte at a time': { stub: { predict: 'trickle' }, ends: /^timeout (timeout|busy)$/ },
  'sends frames without end': { stub: { predict: 'flood' }, ends: /^(failed crashed|absent absent)$/ },
  'accepts and says nothing at all': { stub: { accept: 'silent' }, ends: /^none$/ },
  'never ends its Setup': { stub: { setup: 'silent' }, ends: /^none$/ },
  'is slow in everything': { stub: { delayMs: 700 }, ends: /^(success null|timeout (timeout|busy))$/ },
  'is always busy': { stub: { predict: 'busy' }, ends: /^timeout busy$/ },
};

async function assertHarmless({ stub, act, ends }: Offence, t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const arena = await startArena(t, { databaseUrl: url, offenders: { offender: stub } });
  await arena.closedRounds(2, 60);
  act?.(arena);

  const rounds = await arena.closedRounds(roundsWanted, 60);

  const whole = await assertHonestUnharmed(arena, rounds);
  assert.ok(whole.length >= roundsWanted);
  // A slow one joins later than the honest.
  const its = whole.filter(({ memberIds }) => memberIds.includes('offender'));
  for (const round of its) assert.match(endOf(round), ends, round.roundId);
  assert.equal(its.length === 0, ends.source === '^none$');
  assert.ok(arena.peakMiB() <= peakMiBMost, `predict has used ${arena.peakMiB()} MiB`);
}

function endOf({ predictions }: RoundRow): string {
  const row = predictions.find(({ modelId }) => modelId === 'offender');
  return `${row?.status} ${row?.cause}`;
}

/** Answers that are JSON and no forecast. Each of the first four ended the reference's predict worker, null its scorer. */
const strange = { five: '5', list: '[1,2]', object: '{}', text: '"up"', nothing: 'null', deep: '['.repeat(5_000) };

/** Valid for the hostile game: four steps. */
const valid = mixtureAnswer(4);

async function assertStrangeAnswersAreInvalid(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const offenders = Object.fromEntries(Object.entries(strange).map(([name, answer]) => [name, { answer }]));
  const arena = await startArena(t, { databaseUrl: url, offenders, answers: () => valid });
  const score = startCondor(t, {
    args: ['score'],
    env: { DATABASE_URL: url, CONDOR_GAME: gameFile, CONDOR_SCORE_THREADS: '1', CONDOR_LOG_FORMAT: 'json' },
  });

  const whole = await assertHonestUnharmed(arena, await arena.closedRounds(4, 60));

  const settled = await eventually(
    'four rounds of all nine are settled',
    40,
    async () => {
      const rows = await arena.query<{ roundId: string }>(
        `select round_id as "roundId" from settlements join rounds using (round_id)
         where state = 'settled' and member_ids @> $1`,
        [[...honestIds, ...Object.keys(strange)]],
      );
      return rows.length >= 4 ? rows.map(({ roundId }) => roundId) : null;
    },
    () => score.tail(),
  );
  assert.ok(whole.some(({ roundId }) => settled.includes(roundId)));
  const verdicts = await arena.query<{ modelId: string; verdict: string; answered: boolean }>(
    `select model_id as "modelId", verdict, answered from verdicts join scores using (day, round_id, model_id)
     where round_id = any($1)`,
    [settled],
  );
  assert.equal(verdicts.length, settled.length * (honestIds.length + Object.keys(strange).length));
  for (const { modelId, verdict, answered } of verdicts) {
    const isHonest = honestIds.includes(modelId);
    assert.deepEqual(
      { modelId, verdict, answered },
      { modelId, verdict: isHonest ? 'valid' : 'invalid', answered: isHonest },
    );
  }
  const errors = score.lines.filter((line) => /"level":[56]0/.test(line));
  assert.deepEqual(errors, []);
}

async function assertGameMayThrow(t: TestContext): Promise<void> {
  const { url } = await freshDatabase();
  const game = {
    symbols: ['COIN', 'DICE', 'CARD'],
    profiles: { quick: 6 },
    predictThrowsFor: 'DICE',
    contextThrowsFor: 'CARD',
    tickThrows: 3,
  };
  const arena = await startArena(t, { databaseUrl: url, game });

  const rounds = await arena.closedRounds(4, 60);

  assert.deepEqual([...new Set(rounds.map(({ asset }) => asset))], ['COIN']);
  await assertHonestUnharmed(arena, rounds, { expectedErrors: /^(the game cannot ask|cannot work on a call)/ });
  const skips = await arena.query('select distinct asset, reason from skips order by asset');
  assert.deepEqual(skips, [
    { asset: 'CARD', reason: 'game-error' },
    { asset: 'DICE', reason: 'game-error' },
  ]);
}

export const modelFaults: Cases = {
  'fault 2: a game that throws costs only the rounds it throws for': assertGameMayThrow,
  'faults 3 and 4: answers that are no forecast are kept, judged invalid, and end no worker':
    assertStrangeAnswersAreInvalid,
  ...Object.fromEntries(
    Object.entries(offences).map(([what, offence]) => [
      `fault 2: a model that ${what} costs the others nothing`,
      (t: TestContext) => assertHarmless(offence, t),
    ]),
  ),
};
