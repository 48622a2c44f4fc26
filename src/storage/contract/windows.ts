// The contract of the windows behind boards: under every rule, whoever returns, in whatever order.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { WindowSum } from '../../domain/board.ts';
import type { Round } from '../../domain/round.ts';
import type { Backend } from '../contract.test.ts';
import type { Repositories } from '../repositories.ts';
import { hour, noon, playRounds, publishBoard, sampleRound, settleRound, windows } from './samples.ts';

export function windowContract({ name, open }: Backend): void {
  test(`BoardRepository.publish() keeps windows of each shadow rule beside the primary's (${name})`, async (t) => {
    const repositories = await open(t);
    const rounds = [sampleRound(noon), sampleRound(noon + 60)];
    await playRounds(repositories, rounds);
    const shadowRules = [
      { name: 'log', version: 1 },
      { name: 'tails', version: 2 },
    ];
    const at = (minute: number) => publishBoard(repositories, noon + hour + 60 * minute, { shadowRules });
    await settleTwice(repositories, rounds[0] as Round, 0.5, 0.25);
    const first = await at(5);
    assert.deepEqual(recent(first.sums), ['m1 0.5 1']);
    assert.deepEqual(recent(first.shadowSums.log), ['m1 0.25 1']);
    assert.deepEqual(first.shadowSums.tails, [], 'a rule that nothing was scored under yet');
    await settleTwice(repositories, rounds[1] as Round, 1, -2);
    const second = await at(6);
    assert.deepEqual(recent(second.sums), ['m1 1.5 2']);
    assert.deepEqual(recent(second.shadowSums.log), ['m1 -1.75 2']);
    const third = await at(121); // the first round has left the window of two hours
    assert.deepEqual(recent(third.sums), ['m1 1 1']);
    assert.deepEqual(recent(third.shadowSums.log), ['m1 -2 1']);
  });

  test(`BoardRepository.publish() adds, versions and drops shadow rules of a running competition (${name})`, async (t) => {
    const repositories = await open(t);
    const rounds = [0, 1, 2].map((minute) => sampleRound(noon + 60 * minute));
    await playRounds(repositories, rounds);
    const board = (minute: number, shadowRules: { name: string; version: number }[] = []) =>
      publishBoard(repositories, noon + hour + 60 * minute, { shadowRules });
    await settleTwice(repositories, rounds[0] as Round, 1, 10);
    assert.deepEqual((await board(5)).shadowSums, {});
    const added = await board(6, [{ name: 'log', version: 1 }]);
    assert.deepEqual(recent(added.shadowSums.log), ['m1 10 1'], 'what it scored before it was shown counts');
    await settleTwice(repositories, rounds[1] as Round, 2, 20, 2);
    assert.deepEqual(recent((await board(7, [{ name: 'log', version: 1 }])).shadowSums.log), ['m1 10 1']);
    const raised = await board(8, [{ name: 'log', version: 2 }]);
    assert.deepEqual(recent(raised.shadowSums.log), ['m1 20 1'], "another version's points are another rule's");
    assert.deepEqual(recent(raised.sums), ['m1 3 2']);
    assert.deepEqual((await board(9)).shadowSums, {});
    await settleTwice(repositories, rounds[2] as Round, 3, 30, 2);
    const again = await board(10, [{ name: 'log', version: 2 }]);
    assert.deepEqual(recent(again.shadowSums.log), ['m1 50 2']);
    assert.deepEqual(recent(again.sums), ['m1 6 3']);
    const promoted = await publishBoard(repositories, noon + hour + 660, { ruleName: 'log' });
    assert.deepEqual(recent(promoted.sums), ['m1 60 3'], 'the rule that ranks counts in all its versions');
  });

  test(`BoardRepository.publish() lets a model that returns after its grace start anew (${name})`, async (t) => {
    const repositories = await open(t);
    const { predict } = repositories;
    const join = (minute: number, leftMinute: number | null = null) => {
      const leftAt = leftMinute === null ? null : noon + 60 * leftMinute;
      const membership = { modelId: 'm1', joinedAt: noon + 60 * minute, goneAt: leftAt, leftAt };
      return predict.write([{ type: 'membership', membership }]);
    };
    const shadowRules = [{ name: 'log', version: 1 }];
    const board = (minute: number) => publishBoard(repositories, noon + 60 * minute, { shadowRules });
    const rounds = [0, 30, 70, 72].map((minute) => sampleRound(noon + 60 * minute));
    await playRounds(repositories, rounds);
    await join(0);
    for (const [i, round] of rounds.slice(0, 2).entries()) await settleTwice(repositories, round, 1 + i, 10 + i);
    assert.deepEqual(recent((await board(62)).sums), ['m1 1 1']);
    await join(0, 65);
    assert.deepEqual(recent((await board(66)).sums), ['m1 1 1'], 'who left keeps its history until it returns');
    await join(71);
    const back = await board(71);
    assert.deepEqual([recent(back.sums), recent(back.shadowSums.log)], [[], []]);
    // Two rounds of before its return settle later: one it was away for, one it was asked within its grace.
    await settleTwice(repositories, rounds[2] as Round, 4, 40);
    assert.deepEqual(recent((await board(132)).sums), []);
    await settleTwice(repositories, rounds[3] as Round, 8, 80);
    const later = await board(140);
    assert.deepEqual([recent(later.sums), recent(later.shadowSums.log)], [['m1 8 1'], ['m1 80 1']]);
    assert.deepEqual(recent((await board(220)).sums), ['m1 8 1'], 'what leaves the window was not in it');
    assert.deepEqual(recent((await board(253)).sums), []);
    assert.deepEqual((await board(1_000)).sums, []);
  });

  test(`BoardRepository.publish() counts the same whatever the order, the lag and the boards between (${name})`, async (t) => {
    const value = fc.oneof(
      fc.double({ min: -100, max: 100, noNaN: true }),
      fc.constantFrom(1e300, -1e300, 5e-324, 0.1, -0, 1.7976931348623157e308),
    );
    const plays = fc.array(
      fc.record({
        minute: fc.integer({ min: 0, max: 600 }),
        points: value,
        settleAfter: fc.integer({ min: 0, max: 3 }),
      }),
      { minLength: 2, maxLength: 9 },
    );
    const returns = fc.option(fc.integer({ min: 0, max: 700 }));
    await fc.assert(
      fc.asyncProperty(plays, returns, async (played, returned) => {
        const asOf = noon + 13 * hour;
        const membership = { modelId: 'm1', joinedAt: noon + 60 * (returned ?? 0), goneAt: null, leftAt: null };
        // Boards between, each folding what has been committed by then, some of it late; then one board at once.
        const bit = await open(t);
        const rounds = played.map(({ minute }, i) => sampleRound(noon + 60 * minute, { roundId: `r${i}` }));
        await playRounds(bit, rounds);
        for (const [step, boardAt] of [noon + 3 * hour, noon + 7 * hour, noon + 11 * hour, asOf].entries()) {
          if (membership.joinedAt <= boardAt) await bit.predict.write([{ type: 'membership', membership }]);
          for (const [i, round] of rounds.entries()) {
            const { points, settleAfter } = played[i] as (typeof played)[number];
            const isDue = round.resolvableAt + 60 <= boardAt;
            if (step === 3 || (isDue && step >= settleAfter)) await settleRound(bit, round, { m1: points });
          }
          if (step < 3) await publishBoard(bit, boardAt);
        }
        const { sums } = await publishBoard(bit, asOf);

        const whole = await open(t);
        await whole.predict.write([{ type: 'membership', membership }]);
        await playRounds(whole, rounds);
        for (const [i, round] of [...rounds.entries()].reverse()) {
          await settleRound(whole, round, { m1: (played[i] as (typeof played)[number]).points });
        }
        assert.deepEqual((await publishBoard(whole, asOf)).sums, sums);
      }),
      { numRuns: name === 'memory' ? 50 : 8 },
    );
  });

  test(`BoardRepository.compareWindows() finds nothing wrong, and each slice once a day (${name})`, async (t) => {
    const repositories = await open(t);
    const rounds = [sampleRound(noon), sampleRound(noon, { asset: 'ETH' }), sampleRound(noon + 60)];
    await playRounds(repositories, rounds);
    for (const round of rounds) await settleTwice(repositories, round, 0.1, 0.7);
    const shadowRules = [{ name: 'log', version: 1 }];
    for (const asOf of [noon + 2 * hour, noon + 2 * hour + 60, noon + 15 * hour]) {
      await publishBoard(repositories, asOf, { shadowRules, windows: [{ ...windows[0], seconds: 86_400 } as never] });
      const compared = await compareAll(repositories, asOf);
      assert.ok(compared.every(({ differences }) => differences.length === 0));
      if (name === 'memory') continue; // nothing is kept that could differ
      const slices = compared.map(({ rule, asset, profile }) => `${rule} ${asset} ${profile}`);
      const all = ['condor BTC 1h', 'condor ETH 1h', 'log BTC 1h', 'log ETH 1h'];
      assert.deepEqual(slices, asOf === noon + 2 * hour + 60 ? [] : all);
    }
  });
}

/** Everything that is due for comparison at the newest board. */
export async function compareAll({ board }: Repositories, asOf: number) {
  const compared = [];
  for (;;) {
    const comparison = await board.compareWindows(asOf);
    if (comparison === null) return compared;
    compared.push(comparison);
  }
}

/** Settles a round with points for m1 under the primary rule and under the shadow rule `log`. */
function settleTwice(repositories: Repositories, round: Round, points: number, shadow: number, ruleVersion = 1) {
  const beside = [{ ruleName: 'log', ruleVersion, points: { m1: shadow } }];
  return settleRound(repositories, round, { m1: points }, undefined, beside);
}

function recent(sums: readonly WindowSum[] = []): string[] {
  return sums
    .filter(({ window }) => window === 'recent')
    .map(({ modelId, sum, count }) => `${modelId} ${sum} ${count}`);
}
