// All repositories together, for tests and for whoever needs them all.

import type {
  BoardRepository,
  HistoryRepository,
  PredictRepository,
  PriceRepository,
  ReportRepository,
  RescoreRepository,
  SettlementRepository,
} from '../domain/repositories.ts';
import type { Database } from './connect.ts';
import { createBoardRepository } from './postgres/board.ts';
import { createHistoryRepository } from './postgres/history.ts';
import { createPredictRepository } from './postgres/predict.ts';
import { createPriceRepository } from './postgres/prices.ts';
import { createReportRepository } from './postgres/report.ts';
import { createRescoreRepository } from './postgres/rescore.ts';
import { createSettlementRepository } from './postgres/settlements.ts';

export interface Repositories {
  readonly predict: PredictRepository;
  readonly prices: PriceRepository;
  readonly settlements: SettlementRepository;
  readonly board: BoardRepository;
  readonly report: ReportRepository;
  readonly history: HistoryRepository;
  readonly rescores: RescoreRepository;
}

/** All repositories over one database. Workers take only theirs, with their role. */
export function createPostgresRepositories(db: Database): Repositories {
  return {
    predict: createPredictRepository(db),
    prices: createPriceRepository(db),
    settlements: createSettlementRepository(db),
    board: createBoardRepository(db),
    report: createReportRepository(db),
    history: createHistoryRepository(db),
    rescores: createRescoreRepository(db),
  };
}
