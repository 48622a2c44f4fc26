// All repositories over one shared state in memory, for tests and benches.

import { createMemoryBoardRepository } from './memory/board.ts';
import { createMemoryHistoryRepository, createMemoryRescoreRepository } from './memory/history.ts';
import { createMemoryPredictRepository } from './memory/predict.ts';
import { createMemoryPriceRepository } from './memory/prices.ts';
import { createMemoryReportRepository } from './memory/report.ts';
import { createMemorySettlementRepository } from './memory/settlements.ts';
import { createMemoryState } from './memory/state.ts';
import type { Repositories } from './repositories.ts';

/** Repositories that see each other's writes, as workers on one database do. */
export function createMemoryRepositories(): Repositories {
  const state = createMemoryState();
  return {
    predict: createMemoryPredictRepository(state),
    prices: createMemoryPriceRepository(state),
    settlements: createMemorySettlementRepository(state),
    board: createMemoryBoardRepository(state),
    report: createMemoryReportRepository(state),
    history: createMemoryHistoryRepository(state),
    rescores: createMemoryRescoreRepository(state),
  };
}
