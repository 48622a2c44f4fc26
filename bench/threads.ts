// Two scoring threads against one: the same rounds of synth (packed answers in memory, no database), interleaved
// pairs in one run, every score compared.
//
//   npm run bench -- threads [--pairs 7] [--rounds 4]
//
// Cores that other work needs are cores the second thread doesn't have: the machine's load is printed beside.

import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import type { StoredPrediction } from '../src/domain/repositories.ts';
import { silentLog } from '../src/lib/log.ts';
import { loadGame } from '../src/load-game.ts';
import { createScoringThreads, type RoundTask, type ScoringThreads } from '../src/score/threads.ts';
import { seededRandom } from '../test/lib/seeded.ts';
import { machine, percentile } from './lib/figures.ts';
import { packedAnswer } from './synth-day/answers.ts';
import { modelsOfDay } from './synth-day/fill.ts';

const target = 1.6;
const { values } = parseArgs({
  options: { pairs: { type: 'string', default: '7' }, rounds: { type: 'string', default: '4' } },
});
const [pairs, rounds] = [Number(values.pairs), Number(values.rounds)];

const game = await loadGame('synth');
const { task, pages } = makeRound();
const [one, two] = [1, 2].map((threads) => createScoringThreads({ game: 'synth', threads, log: silentLog }));
if (one === undefined || two === undefined) throw new Error('Cannot compare: threads are missing');

console.log(machine(cpus().length, cpus()[0]?.model ?? ''));
await scoreAll(one); // warms up: the game is loaded, its functions are compiled
await scoreAll(two);
const ratios: number[] = [];
for (let pair = 0; pair < pairs; pair++) {
  const load = loadavg()[0] ?? 0;
  // In turns the first, so that what the machine does meanwhile harms both alike.
  const order = pair % 2 === 0 ? [one, two] : [two, one];
  const seconds = new Map<ScoringThreads, number>();
  const sums = new Set<number>();
  for (const threads of order) {
    const startedAt = performance.now();
    sums.add(await scoreAll(threads));
    seconds.set(threads, (performance.now() - startedAt) / 1000);
  }
  if (sums.size !== 1) throw new Error(`Cannot compare: the scores differ, their sums are ${[...sums].join(' and ')}`);
  const [single, double] = [seconds.get(one) ?? 0, seconds.get(two) ?? 0];
  ratios.push(single / double);
  console.log(
    `one ${single.toFixed(2)} s, two ${double.toFixed(2)} s: ${(single / double).toFixed(2)}× (load ${load.toFixed(1)})`,
  );
}
await Promise.all([one.close(), two.close()]);
const [median, low, high] = [percentile(ratios, 0.5), Math.min(...ratios), Math.max(...ratios)];
const verdict = low >= target ? 'met' : 'missed';
console.log(
  `median ${median.toFixed(2)}×, spread ${low.toFixed(2)} to ${high.toFixed(2)}, target ${target}×: ${verdict}`,
);

/** Scores every round, as many at a time as the pass would; the sum of all scores. */
async function scoreAll(threads: ScoringThreads): Promise<number> {
  const results = await Promise.all(Array.from({ length: rounds }, () => threads.scoreRound(task, pages)));
  return results.reduce((sum, { scores }) => sum + [...scores.values()].reduce((total, score) => total + score, 0), 0);
}

function makeRound() {
  const random = seededRandom(11);
  const [profile] = game.profiles;
  const [asset] = game.assets;
  if (profile === undefined || asset === undefined) throw new Error('Cannot make a round: the game has no profile');
  const { horizonSeconds, stepsSeconds } = profile;
  const { price, candleVolatility } = asset.simulated;
  const secondVolatility = (price * candleVolatility) / Math.sqrt(game.candleSeconds);
  const question = { asset: asset.symbol, horizonSeconds, stepsSeconds, startedAt: 1_767_571_200 };
  const realized = stepsSeconds.map((stepSeconds) => ({
    stepSeconds,
    x: Float64Array.from(
      { length: horizonSeconds / stepSeconds },
      () => secondVolatility * Math.sqrt(stepSeconds) * 2 * (random() - random()),
    ),
  }));
  const context = game.context(question, { pricedAt: [question.startedAt], price: [price] });
  const { kind = 'exact', minScale = 0 } = game.rule;
  const roundTask: RoundTask = {
    roundId: 'bench',
    question,
    maxBytes: game.answerMaxBytes,
    kind,
    minScale,
    outcome: { realized, context },
    shadowRules: game.shadowRules.map(({ name }) => name),
  };
  const predictions = Array.from({ length: modelsOfDay }, (_, i): StoredPrediction => {
    const { codec, payload, bytes } = packedAnswer(profile, { parts: i % 2 === 0 ? 1 : 3, secondVolatility, random });
    const call = { roundId: 'bench', modelId: `model-${i}`, deploymentId: null, cause: null, detail: null };
    const times = { answeredAt: null, latencyUs: null, queuedUs: null };
    return { ...call, ...times, status: 'success', variantType: 'json', codec, payload, payloadBytes: bytes };
  });
  return { task: roundTask, pages: [predictions] };
}
