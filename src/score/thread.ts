// The entry of a scoring thread. It loads the game for itself, once, and answers one message at a time.

import type { Game } from '../domain/game.ts';
import { loadGame } from '../load-game.ts';
import {
  type AnswersResult,
  type AnswersTask,
  type BaselineResult,
  type PackedAnswer,
  scoreAnswers,
  scoreBaseline,
} from './score-answers.ts';

/** A task as it crosses the thread boundary: all payloads in one buffer, which is moved and not copied. */
export interface ThreadTask extends Omit<AnswersTask, 'answers'> {
  /** Name or path of the game. */
  readonly game: string;
  /** Whether to score the baseline as well. */
  readonly baseline: boolean;
  readonly payloads: Uint8Array;
  readonly answers: readonly (Omit<PackedAnswer, 'payload'> & { readonly from: number; readonly to: number })[];
}

export interface ThreadResult extends AnswersResult {
  /** Null when it was not asked for. */
  readonly baseline: BaselineResult | null;
}

const games = new Map<string, Game>();

/** What piscina calls. Throws only when the game can't be loaded. */
export default async function scoreInThread(task: ThreadTask): Promise<ThreadResult> {
  const game = games.get(task.game) ?? (await loadGame(task.game));
  games.set(task.game, game);
  const answers = task.answers.map(({ from, to, ...answer }) => ({
    ...answer,
    payload: task.payloads.subarray(from, to),
  }));
  const { outcome } = task;
  return {
    ...scoreAnswers(game, { ...task, answers }),
    baseline: task.baseline && outcome !== null ? scoreBaseline(game, { ...task, outcome }) : null,
  };
}
