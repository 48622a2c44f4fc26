// What must hold for the honest, whatever one among them does: every round asked on its grid and in time,
// an answer of each, complete, unchanged and within the deadline, from a model that knew all prices.

import assert from 'node:assert/strict';
import { brotliDecompressSync } from 'node:zlib';
import { type Arena, honestIds, type PredictionRow, type RoundRow } from './hostile-arena.ts';

export interface HonestOptions {
  readonly responseSeconds?: number;
  readonly startToleranceSeconds?: number;
  /** Rounds between which slots may be missing, such as around a restart. */
  readonly allowsGaps?: boolean;
  /** The feed itself had holes. */
  readonly allowsHoles?: boolean;
  /** What honest models answered for a part of the test, instead of their own. */
  readonly otherAnswer?: string;
  /** Words of error records that belong to the test. */
  readonly expectedErrors?: RegExp;
  /** Rounds that are void through us for the test's reason. Default none. */
  readonly isOurs?: (round: RoundRow) => boolean;
}

/** Looks at all closed rounds whose members include the nine. Returns them. */
export async function assertHonestUnharmed(
  arena: Arena,
  rounds: readonly RoundRow[],
  options: HonestOptions = {},
): Promise<readonly RoundRow[]> {
  const { startToleranceSeconds = 2, isOurs = () => false } = options;
  const whole = rounds.filter(
    ({ isClosed, memberIds }) => isClosed && honestIds.every((modelId) => memberIds.includes(modelId)),
  );
  for (const round of whole) {
    const { roundId, memberIds, predictions, startedAt, askedAt } = round;
    assert.deepEqual(
      predictions.map(({ modelId }) => modelId),
      memberIds,
      `${roundId} has a row for each member`,
    );
    assert.ok(askedAt >= startedAt && askedAt - startedAt <= startToleranceSeconds, `${roundId} asked at ${askedAt}`);
    if (isOurs(round)) continue;
    assert.equal(round.fault, null, roundId);
    for (const [index, modelId] of honestIds.entries()) {
      const prediction = predictions.find((row) => row.modelId === modelId) as PredictionRow;
      assertAnswer(`${roundId} ${modelId}`, prediction, arena.answers[index] as string, options);
    }
  }
  if (!options.allowsGaps) assertGrid(rounds);
  if (!options.allowsHoles) {
    await assertModelsKnewAll(
      arena,
      whole.filter((round) => !isOurs(round)),
    );
  }
  assertNoErrors(arena, options.expectedErrors);
  return whole;
}

function assertAnswer(
  what: string,
  prediction: PredictionRow,
  answer: string,
  { responseSeconds = 2, otherAnswer }: HonestOptions,
): void {
  const { status, cause, variantType, latencyUs, queuedUs, tookSeconds } = prediction;
  assert.deepEqual({ what, status, cause, variantType }, { what, status: 'success', cause: null, variantType: 'json' });
  const kept = answerOf(prediction);
  assert.ok(kept !== undefined && [answer, otherAnswer].includes(kept), `${what} sent another answer than is kept`);
  assert.ok((latencyUs ?? Infinity) + (queuedUs ?? 0) <= responseSeconds * 1e6, `${what} took ${latencyUs} µs`);
  assert.ok((tookSeconds ?? Infinity) <= responseSeconds, `${what} took ${tookSeconds} s`);
}

function answerOf({ codec, payload }: PredictionRow): string | undefined {
  if (payload === null) return undefined;
  return Buffer.from(codec === 'br' ? brotliDecompressSync(payload) : payload).toString('utf8');
}

/** Fault 18's first half, and that no slot was passed over. */
function assertGrid(rounds: readonly RoundRow[]): void {
  for (const name of new Set(rounds.map(({ profile, asset }) => `${profile}.${asset}`))) {
    const own = rounds.filter(({ profile, asset }) => `${profile}.${asset}` === name);
    const steps = new Set(own.slice(1).map(({ startedAt }, i) => startedAt - (own[i] as RoundRow).startedAt));
    assert.ok(steps.size <= 1, `slots of ${name} are ${[...steps]} apart`);
  }
}

/** At every question of these rounds each honest model had every price from its first on, without a hole. */
async function assertModelsKnewAll(arena: Arena, rounds: readonly RoundRow[]): Promise<void> {
  const wanted = new Set(rounds.map(({ asset, startedAt }) => `${asset} ${startedAt}`));
  for (const [index, modelId] of honestIds.entries()) {
    const { questions } = await arena.reportOf(index);
    const seen = questions.filter(({ asset, startedAt }) => wanted.has(`${asset} ${startedAt}`));
    assert.equal(new Set(seen.map(({ asset, startedAt }) => `${asset} ${startedAt}`)).size, wanted.size, modelId);
    for (const { asset, startedAt, known } of seen) {
      const what = `${modelId} at ${asset} ${startedAt}`;
      for (const spans of Object.values(known)) assert.equal(spans.length, 1, `${what}: ${JSON.stringify(known)}`);
      // The slot opens with its candle, or a second after it without.
      assert.ok((known[asset]?.[0]?.[1] ?? 0) >= startedAt - 1, `${what} knew ${JSON.stringify(known)}`);
    }
  }
}

export function assertNoErrors(arena: Arena, expected?: RegExp): void {
  const errors = arena.logged().filter(({ level, msg }) => level >= 50 && !expected?.test(msg));
  assert.deepEqual(errors, []);
}
