// Verdicts and scores as rows, copied in bulk: one statement for all rounds of a commit.

import type { Verdict } from '../../domain/prediction.ts';
import type { SettlementRepository } from '../../domain/repositories.ts';
import type { Score } from '../../domain/settlement.ts';
import type { Transaction } from '../connect.ts';
import {
  booleanField,
  copyRows,
  dateField,
  doubleField,
  type Field,
  integerField,
  integersField,
  realsField,
  textField,
} from './copy.ts';
import { dayOf } from './days.ts';
import { storable } from './text.ts';

export type Commitment = Parameters<SettlementRepository['commit']>[1][number];

export interface RoundVerdicts {
  readonly roundId: string;
  readonly resolvableAt: number;
  readonly verdicts: readonly Verdict[];
}

const copyDeadlineMs = 30_000; // 1,000 verdicts and scores take 0.1 s

/** For rounds that have no verdicts yet: COPY can't look for conflicts. */
export async function copyVerdicts(transaction: Transaction, rounds: readonly RoundVerdicts[]): Promise<void> {
  if (!rounds.some(({ verdicts }) => verdicts.length > 0)) return;
  await copyRows(
    transaction.client,
    'verdicts (day, round_id, model_id, verdict, reason)',
    encodeVerdicts(rounds),
    copyDeadlineMs,
  );
}

function* encodeVerdicts(rounds: readonly RoundVerdicts[]): Generator<readonly Field[]> {
  for (const { roundId, resolvableAt, verdicts } of rounds) {
    const [day, id] = [dateField(dayOf(resolvableAt)), textField(roundId)];
    for (const { modelId, verdict, reason } of verdicts) {
      yield [day, id, textField(modelId), textField(verdict), textField(storable(reason))];
    }
  }
}

/** A waiting round has no scores yet, and gets them once: no conflict can arise. */
export async function copyScores(transaction: Transaction, rounds: readonly Commitment[]): Promise<void> {
  if (!rounds.some(({ scores }) => scores.length > 0)) return;
  await copyRows(
    transaction.client,
    `scores (day, round_id, model_id, rule, rule_version, score, points, answered, first_hour, hour_points, steps,
       pit_counts, covered, dispersion, over_prediction, under_prediction)`,
    encodeScores(rounds),
    copyDeadlineMs,
  );
}

function* encodeScores(rounds: readonly Commitment[]): Generator<readonly Field[]> {
  for (const { settlement, resolvableAt, scores } of rounds) {
    const [day, id] = [dateField(dayOf(resolvableAt)), textField(settlement.roundId)];
    for (const score of scores) {
      const { modelId, ruleName, ruleVersion, points, answered } = score;
      yield [
        day,
        id,
        textField(modelId),
        textField(ruleName),
        integerField(ruleVersion),
        doubleField(score.score),
        doubleField(points),
        booleanField(answered),
        ...encodeDiagnostics(score),
      ];
    }
  }
}

function encodeDiagnostics({ diagnostics }: Score): readonly Field[] {
  if (diagnostics === null) return noDiagnostics;
  const { firstHour, hourPoints, calibration } = diagnostics;
  const hours = [integerField(firstHour), realsField(hourPoints)];
  if (calibration === null) return [...hours, ...noCalibration];
  const { steps, pitCounts, covered, dispersion, overPrediction, underPrediction } = calibration;
  return [
    ...hours,
    integerField(steps),
    integersField(pitCounts),
    integersField(covered),
    doubleField(dispersion),
    doubleField(overPrediction),
    doubleField(underPrediction),
  ];
}

const noCalibration = new Array<Field>(6).fill(null);
const noDiagnostics = new Array<Field>(8).fill(null);
