// What a database holds for ever, as text, to be compared before and after a crash; and what must be true of
// it at any moment.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type pg from 'pg';
import { type LeaderboardJson, type Played, readPlayed } from '../lib/numbers/played.ts';
import { standingsAt } from '../lib/numbers/standings.ts';

type Standing = LeaderboardJson['standings'][number];

/** Rows that are final, by key: answers of closed rounds, settlements that are decided, their scores. */
export interface Committed {
  readonly answers: ReadonlyMap<string, string>;
  readonly settlements: ReadonlyMap<string, string>;
  readonly scores: ReadonlyMap<string, string>;
}

export async function readCommitted(client: pg.Client): Promise<Committed> {
  const rows = async (query: string) => {
    const found = (await client.query<{ key: string; row: string }>(query)).rows;
    const byKey = new Map(found.map(({ key, row }) => [key, row]));
    assert.equal(byKey.size, found.length, `a key appears twice: ${query}`);
    return byKey;
  };
  // One snapshot, so that the three belong together.
  await client.query('begin isolation level repeatable read read only');
  try {
    return {
      answers: await rows(`select round_id || ' ' || model_id as key, p::text as row from predictions p`),
      settlements: await rows(
        `select round_id as key, (round_id, state, settled_at, baseline_score, reason)::text as row
         from settlements where state <> 'waiting'`,
      ),
      scores: await rows(`select round_id || ' ' || model_id || ' ' || rule as key, s::text as row from scores s`),
    };
  } finally {
    await client.query('commit');
  }
}

/** @throws AssertionError when something committed before was lost or changed. */
export function assertKept(before: Committed, after: Committed): void {
  for (const name of ['answers', 'settlements', 'scores'] as const) {
    const lost = [...before[name].keys()].filter((key) => !after[name].has(key));
    assert.deepEqual(lost, [], `${name} were lost`);
    const again = new Map([...after[name]].filter(([key]) => before[name].has(key)));
    assert.equal(checksum(again), checksum(before[name]), `${name} have changed`);
  }
}

function checksum(rows: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const [key, row] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) hash.update(`${key}\t${row}\n`);
  return hash.digest('hex');
}

const coin = { everySeconds: 10, offsets: { COIN: 0, DICE: 5 }, weights: { COIN: 1, DICE: 1 } } as const;
const windows = { recent: 120, steady: 360, anchor: 840 };

/** What must be true of a game of coin at any moment, whatever has been killed. */
export async function assertWhole(client: pg.Client): Promise<Played> {
  await client.query('begin isolation level repeatable read read only');
  const played = await readPlayed(client).finally(() => client.query('commit'));
  const answers = groupKeys(played.predictions);
  const scores = groupKeys(played.scores);
  const settlements = new Map(played.settlements.map((settlement) => [settlement.roundId, settlement]));
  for (const { roundId, memberIds, isClosed, fault } of played.rounds) {
    const answered = answers.get(roundId) ?? [];
    assert.deepEqual(answered, isClosed ? memberIds : [], `rows of ${roundId}, ${isClosed ? 'closed' : 'open'}`);
    const settlement = settlements.get(roundId);
    const isSettled = settlement?.state === 'settled';
    assert.deepEqual(
      scores.get(roundId) ?? [],
      isSettled ? memberIds : [],
      `scores of ${roundId}: ${settlement?.state}`,
    );
    if (settlement !== undefined && settlement.state !== 'waiting' && fault !== null) {
      assert.equal(settlement.state, 'void', `${roundId} has fault ${fault}`);
    }
  }
  await assertSlots(client, played);
  assertBoard(played);
  return played;
}

function groupKeys(rows: readonly { readonly roundId: string; readonly modelId: string }[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { roundId, modelId } of rows) groups.set(roundId, [...(groups.get(roundId) ?? []), modelId]);
  return groups;
}

/** From the first slot to the last, each was either asked or is told as skipped, and none both. */
async function assertSlots(client: pg.Client, { rounds }: Played): Promise<void> {
  const { rows: skips } = await client.query<{ asset: string; from: number; to: number; slots: number }>(
    `select asset, extract(epoch from from_slot)::float8 as "from", extract(epoch from to_slot)::float8 as "to", slots
     from skips`,
  );
  for (const asset of Object.keys(coin.offsets)) {
    const asked = rounds.filter((round) => round.asset === asset).map(({ startedAt }) => startedAt);
    const skipped = skips
      .filter((skip) => skip.asset === asset)
      .flatMap(({ from, to, slots }) => {
        const own = Array.from({ length: (to - from) / coin.everySeconds + 1 }, (_, i) => from + i * coin.everySeconds);
        assert.equal(own.length, slots, `a gap of ${asset} counts ${slots} slots`);
        return own;
      });
    const told = [...asked, ...skipped].sort((a, b) => a - b);
    const [first = 0] = told;
    assert.deepEqual(
      told,
      told.map((_, i) => first + i * coin.everySeconds),
      `slots of ${asset}`,
    );
  }
}

/** The newest board is what the score rows add up to. */
function assertBoard(played: Played): void {
  const { leaderboard } = played;
  assert.ok(leaderboard, 'there is no leaderboard');
  const rows = standingsAt(played, { weights: coin.weights, windows }, leaderboard.asOf);
  assert.deepEqual(
    leaderboard.standings.map(({ modelId, rank }) => `${rank} ${modelId}`),
    rows.map(({ modelId, rank }) => `${rank} ${modelId}`),
  );
  for (const { modelId, overall } of rows) {
    const standing: Standing | undefined = leaderboard.standings.find((own) => own.modelId === modelId);
    for (const window of ['recent', 'steady', 'anchor'] as const) {
      const found: Standing['overall']['recent'] | undefined = standing?.overall[window];
      const wanted = overall[window];
      assert.equal(found?.count, wanted.count, `model ${modelId}, ${window}: rounds counted`);
      const difference = Math.abs((found?.value ?? 0) - (wanted.value ?? 0));
      assert.ok(difference < 1e-9, `model ${modelId}, ${window}: ${found?.value} instead of ${wanted.value}`);
    }
  }
}
