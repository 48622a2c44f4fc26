// The entry of a scoring thread. It loads the game for itself, once, and answers one message at a time.

import type { Game } from '../domain/game.ts';
import { loadGame } from '../load-game.ts';
import {
  type AnswersResult,
  type AnswersTask,
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
  readonly bytes: Uint8Array;
  readonly answers: readonly (Omit<PackedAnswer, 'payload'> & { readonly from: number; readonly to: number })[];
}

export interface ThreadResult extends AnswersResult {
  /** The baseline's score, or why there is none; null when it was not asked for. */
  readonly baseline: number | string | null;
}

const games = new Map<string, Game>();

/** What piscina calls. Throws only when the game can't be loaded. */
export default async function scoreInThread(task: ThreadTask): Promise<ThreadResult> {
  const game = await gameOf(task.game);
  const answers = task.answers.map(({ type, codec, from, to }) => ({
    type,
    codec,
    payload: task.bytes.subarray(from, to),
  }));
  const { outcome } = task;
  const baseline = task.baseline && outcome !== null ? scoreBaseline(game, { question: task.question, outcome }) : null;
  return { ...(await scoreAnswers(game, { ...task, answers })), baseline };
}

async function gameOf(nameOrPath: string): Promise<Game> {
  const game = games.get(nameOrPath) ?? (await loadGame(nameOrPath));
  games.set(nameOrPath, game);
  return game;
}
