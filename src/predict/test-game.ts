// A small game for predict's tests: two assets, one-minute candles, ten-minute rounds every twenty minutes.

import { defineGame } from '../domain/define-game.ts';
import type { Game, GameDefinition } from '../domain/game.ts';

export function testGame(changes: Partial<GameDefinition> = {}): Game {
  return defineGame({
    name: 'test',
    crunchId: 'test',
    className: 'test.Model',
    assets: [
      { symbol: 'A', simulated: { price: 100, candleVolatility: 1e-3 } },
      { symbol: 'B', simulated: { price: 50, candleVolatility: 1e-3 } },
    ],
    profiles: [{ name: 'p', horizonSeconds: 600, stepsSeconds: [60], everySeconds: 1_200 }],
    windows: [
      { name: 'recent', seconds: 3_600 },
      { name: 'steady', seconds: 7_200 },
      { name: 'anchor', seconds: 14_400 },
    ],
    candleSeconds: 60,
    candleWaitSeconds: 10,
    startToleranceSeconds: 20,
    responseSeconds: 60,
    historySeconds: 86_400,
    contextSeconds: 3_600,
    boardEverySeconds: 60,
    change: 'log-return',
    rule: { name: 'test', version: 1, missingPoints: -0.2, minScale: 1e-9 },
    requests: {
      tick: (prices) => ({ method: 'tick', arguments: [{ type: 'json', value: prices }] }),
      predict: ({ asset }) => ({ method: 'predict', arguments: [{ type: 'string', value: asset }] }),
    },
    context: (_question, before) => ({ seen: before.price.length }),
    score: () => 0,
    baseline: () => ({ steps: [] }),
    points: (scores) => scores.map((score) => -score),
    ...changes,
  });
}
