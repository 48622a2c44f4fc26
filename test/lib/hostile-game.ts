// A quick game for hostile tests: one-second candles, a round every two seconds. A test changes it by the
// variable HOSTILE_GAME (JSON of HostileGame), which the tested process inherits.

import { appendFileSync } from 'node:fs';
import { baselineRule, defineGame } from 'condor-coordinator';

export interface HostileGame {
  readonly symbols?: readonly string[];
  /** name → everySeconds; each horizon is four steps of a second. */
  readonly profiles?: Readonly<Record<string, number>>;
  readonly responseSeconds?: number;
  readonly graceSeconds?: number;
  readonly historySeconds?: number;
  readonly answerMaxBytes?: number;
  /** Gets a line for every tick encoded: how many prices it holds. */
  readonly encodingsFile?: string;
  /** `requests.predict` throws for rounds of this asset. */
  readonly predictThrowsFor?: string;
  /** `context` throws for rounds of this asset. */
  readonly contextThrowsFor?: string;
  /** `requests.tick` throws this many times, beginning with the 3rd tick that holds few prices. */
  readonly tickThrows?: number;
}

const changes = JSON.parse(process.env.HOSTILE_GAME ?? '{}') as HostileGame; // written by the test
const symbols = changes.symbols ?? ['COIN', 'DICE'];
const rule = baselineRule({
  candleSeconds: 1,
  fallbackVolatility: Object.fromEntries(symbols.map((symbol) => [symbol, 2e-4])),
});
let smallTicks = 0;

export default defineGame({
  name: 'hostile',
  crunchId: 'hostile',
  className: 'hostile.Model',
  assets: symbols.map((symbol) => ({ symbol, simulated: { price: 100, candleVolatility: 2e-4 } })),
  profiles: Object.entries(changes.profiles ?? { quick: 4 }).map(([name, everySeconds]) => ({
    name,
    horizonSeconds: 4,
    stepsSeconds: [1],
    everySeconds,
  })),
  windows: [
    { name: 'recent', seconds: 60 },
    { name: 'steady', seconds: 120 },
    { name: 'anchor', seconds: 240 },
  ],
  boardEverySeconds: 5,
  snapshotEverySeconds: 60,
  candleSeconds: 1,
  candleWaitSeconds: 1,
  startToleranceSeconds: 2,
  responseSeconds: changes.responseSeconds ?? 2,
  patienceSeconds: 30,
  graceSeconds: changes.graceSeconds ?? 120,
  historySeconds: changes.historySeconds ?? 600,
  contextSeconds: 60,
  ...(changes.answerMaxBytes === undefined ? {} : { answerMaxBytes: changes.answerMaxBytes }),
  change: 'log-return',
  rule: { name: 'hostile', version: 1, missingPoints: -0.2, minScale: 1e-8 },
  ...rule,
  context(question, before) {
    if (question.asset === changes.contextThrowsFor) throw new Error('context throws');
    return rule.context(question, before);
  },
  requests: {
    tick(prices) {
      const count = Object.values(prices).reduce((sum, pairs) => sum + pairs.length, 0);
      if (changes.encodingsFile !== undefined) appendFileSync(changes.encodingsFile, `${count}\n`);
      if (count <= 2 * symbols.length) smallTicks += 1;
      if (smallTicks >= 3 && smallTicks < 3 + (changes.tickThrows ?? 0)) {
        throw new Error('tick throws');
      }
      return { method: 'tick', arguments: [{ type: 'json', value: prices }] };
    },
    predict({ asset, horizonSeconds, startedAt }) {
      if (asset === changes.predictThrowsFor) throw new Error('predict throws');
      return {
        method: 'predict',
        arguments: [
          { type: 'string', value: asset },
          { type: 'int', value: horizonSeconds },
          { type: 'int', value: startedAt }, // so that a model can tell rounds apart
        ],
      };
    },
  },
});
