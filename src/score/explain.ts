// One score, worked out again in the open: what was asked, what happened, what was answered, and how the one
// became points under the other. Reads only.

import type { Competition } from '../domain/clock.ts';
import type { Forecast, Game, Outcome } from '../domain/game.ts';
import type { HistoryRepository, PriceRepository, SettledRound, StoredPrediction } from '../domain/repositories.ts';
import type { Score, Settlement } from '../domain/settlement.ts';
import { asProbability, type Density } from '../scoring/density.ts';
import { cdf } from '../scoring/distribution.ts';
import { calibrate, calibrationNumbers, readCalibration } from './calibrate.ts';
import { packedAnswer, readAnswer } from './score-answers.ts';
import { roundTask } from './score-round.ts';
import { settledAgain } from './settled-again.ts';
import type { GameVersions } from './versions.ts';

export interface ExplainDeps {
  readonly competition: Competition;
  readonly versions: GameVersions;
  readonly history: HistoryRepository;
  readonly prices: Pick<PriceRepository, 'range'>;
}

/**
 * Lines that explain what `modelId` got in `roundId`.
 * @throws Error when there is no such round or member, the round still waits, or its rule version isn't at hand.
 */
export async function explainScore(deps: ExplainDeps, roundId: string, modelId: string): Promise<readonly string[]> {
  const { competition, versions, history, prices } = deps;
  const round = await history.round(roundId);
  if (round === null) throw new Error(`Cannot explain round "${roundId}": it is not settled, or there is none`);
  const found = await history.prediction(round, modelId);
  if (found === null) {
    throw new Error(`Cannot explain round "${roundId}" for model "${modelId}": it was not one of its members`);
  }
  const game = await versions.gameOf(round);
  if (game === null) {
    const { rule } = versions.own.game;
    throw new Error(
      `Cannot explain round "${roundId}": it was scored under ${round.ruleName} ${round.ruleVersion}, this game has ${rule.name} ${rule.version}`,
    );
  }
  const { prediction, verdict } = found;
  const lines = [...roundLines(game, round), '', ...answerLines(prediction, verdict?.reason ?? null)];
  if (round.settlement.state === 'void') return lines;
  const scores = await history.scores(round);
  const stored = scores.find((score) => score.modelId === modelId);
  if (stored === undefined) return [...lines, 'It has no score.'];
  const again = await settledAgain(competition, game, prices, round);
  if (again === null) return [...lines, 'The prices it was settled with are no longer there.'];
  const { outcome, differs } = again;
  if (differs) lines.push('The prices at hand are not those it was settled with: the numbers below may differ.');
  if (stored.score === null) {
    lines.push(`A missing answer gets ${stored.points} points under ${game.rule.name}, whatever the others answered.`);
  } else {
    const forecast = forecastOf(game, round, prediction);
    const own = scored(game, forecast, outcome, round);
    lines.push('', ...stepLines(game, round, forecast, outcome, own.parts));
    lines.push('', ...calibrationLines(forecast, outcome));
    lines.push('', ...pointsLines(game, round, { own: own.score, stored, scores }));
  }
  const windows = await history.windows(modelId, round.asset, round.profile);
  return [...lines, '', ...windowLines(game, round, windows, stored.points)];
}

function roundLines(game: Game, round: SettledRound): string[] {
  const { asset, startedAt, resolvableAt, settlement } = round;
  return [
    `Round ${round.roundId}: ${asset} from ${utc(startedAt)} to ${utc(resolvableAt)}, game ${game.name} (version ${round.gameVersion.slice(0, 12)})`,
    `Known before: ${JSON.stringify(round.context)}`,
    settlement.state === 'void'
      ? `Void since ${utc(settlement.settledAt)}${settlement.ours ? ', ours' : ''}: ${settlement.reason}`
      : `Settled at ${utc(settlement.settledAt)} with prices of ${settlement.source}: ${settlement.priceAtStart ?? 'not scored'} at its start, ${settlement.priceAtEnd ?? 'not scored'} at its end`,
  ];
}

function answerLines(prediction: StoredPrediction, reason: string | null): string[] {
  const { modelId, status, cause, detail, latencyUs, payloadBytes } = prediction;
  const took = latencyUs === null ? '' : ` after ${(latencyUs / 1000).toFixed(1)} ms`;
  const size = status === 'success' ? `, ${payloadBytes} bytes` : '';
  return [
    `Model ${JSON.stringify(modelId)}: ${status}${cause === null ? '' : ` (${cause})`}${took}${size}`,
    ...(detail === null ? [] : [`In its own words: ${JSON.stringify(detail)}`]),
    ...(reason === null ? [] : [`Invalid: ${reason}`]),
  ];
}

/** As the scoring threads read it, under the limits the answer was checked with. */
function forecastOf(game: Game, round: SettledRound, prediction: StoredPrediction): Forecast {
  const forecast = readAnswer(packedAnswer(prediction), roundTask(game, round, null));
  if (typeof forecast !== 'string') return forecast;
  throw new Error(`Cannot explain round "${round.roundId}": its stored answer is not valid: ${forecast}`);
}

function scored(game: Game, forecast: Forecast, outcome: readonly Outcome[], { context }: SettledRound) {
  const parts = outcome.map(({ x }) => new Float64Array(x.length).fill(Number.NaN));
  return { score: game.score(forecast, outcome, context, parts), parts };
}

function stepLines(
  game: Game,
  { startedAt }: SettledRound,
  forecast: Forecast,
  outcome: readonly Outcome[],
  parts: readonly Float64Array[],
): string[] {
  return outcome.flatMap(({ stepSeconds, x }, j) => {
    const densities = forecast.steps[j]?.densities ?? [];
    const change = game.change === 'log-return' ? 'log-return' : 'price change';
    const head = `Steps of ${stepSeconds} s: end, ${change}, PIT, what it adds to the score, density`;
    return [
      head,
      ...Array.from(x, (realized, i) => {
        const end = utc(startedAt + (i + 1) * stepSeconds).slice(5);
        const density = densities[i] as Density; // a valid forecast has one for each step
        if (Number.isNaN(realized)) return `  ${i + 1}\t${end}\tnot scored\t\t\t${densityText(density)}`;
        const part = parts[j]?.[i] ?? Number.NaN;
        return `  ${i + 1}\t${end}\t${realized}\t${pitOf(density, realized)}\t${Number.isNaN(part) ? '–' : part}\t${densityText(density)}`;
      }),
    ];
  });
}

/** P(X ≤ y), or `none` where the density is no probability law. */
function pitOf(density: Density, y: number): string {
  const law = asProbability(density);
  return law.ok ? cdf(law.density, y).toFixed(4) : 'none';
}

function calibrationLines(forecast: Forecast, outcome: readonly Outcome[]): string[] {
  const numbers = new Float64Array(calibrationNumbers);
  calibrate(forecast, outcome, numbers);
  const calibration = readCalibration(numbers);
  if (calibration === null)
    return ['No calibration: not every density is a probability law with a CRPS, or they have too many parts.'];
  const { steps, pitCounts, covered, dispersion, overPrediction, underPrediction } = calibration;
  const share = (count: number) => `${((100 * count) / steps).toFixed(1)} %`;
  return [
    `PIT in twentieths: ${pitCounts.join(' ')} (even when calibrated, high at the ends when too narrow)`,
    `Outcomes within the central 50, 80 and 95 %: ${covered.map(share).join(', ')}`,
    `Mean exact CRPS ${dispersion + overPrediction + underPrediction} = dispersion ${dispersion} + over-prediction ${overPrediction} + under-prediction ${underPrediction}`,
  ];
}

interface Points {
  /** The score worked out again. */
  readonly own: number;
  readonly stored: Score;
  /** Of all members. */
  readonly scores: readonly Score[];
}

function pointsLines(game: Game, round: SettledRound, { own, stored, scores }: Points): string[] {
  const { baselineScore } = round.settlement as Extract<Settlement, { state: 'settled' }>;
  const better = game.rule.direction ?? 'lower';
  const valid = scores.filter(({ score }) => score !== null);
  const points = game.points(
    valid.map(({ modelId, score }) => (modelId === stored.modelId ? own : (score as number))),
    baselineScore,
    round.context,
  );
  const again = points[valid.findIndex(({ modelId }) => modelId === stored.modelId)];
  const missing = scores.length - valid.length;
  return [
    `Score under ${round.ruleName} ${round.ruleVersion} (${better} is better): ${own}, ${sameAs(own, stored.score)}`,
    `Baseline: ${baselineScore}; ${valid.length} valid answers, ${missing} missing`,
    `Points: ${again}, ${sameAs(again, stored.points)}`,
  ];
}

function sameAs(value: number | undefined, stored: number | null): string {
  return value === stored ? 'as stored' : `BUT ${stored} IS STORED`;
}

/** What the round does to each window it lies in. */
function windowLines(
  game: Game,
  { resolvableAt, settlement }: SettledRound,
  windows: Awaited<ReturnType<HistoryRepository['windows']>>,
  points: number,
): string[] {
  if (windows === null || settlement.settledAt > windows.asOf) return ['No board has taken in this round yet.'];
  return game.windows.map(({ name, seconds }) => {
    const sum = windows.sums.find(({ window }) => window === name);
    if (sum === undefined || resolvableAt < windows.asOf - seconds) return `Window ${name}: the round has left it.`;
    const mean = Number(sum.sum) / sum.count;
    const rest =
      sum.count > 1 ? `${(Number(sum.sum) - points) / (sum.count - 1)} without this round` : 'this round alone';
    return `Window ${name} at ${utc(windows.asOf)}: mean ${mean} of ${sum.count} rounds, ${rest}`;
  });
}

const componentsShown = 8; // of a mixture; a line has to stay readable

/** A density as its model might have written it. */
function densityText({ leaves }: Density): string {
  const texts = leaves.slice(0, componentsShown).map(({ weight, name, loc, scale, shapes }) => {
    const law = `${name}(${[...shapes, loc, scale].join(', ')})`;
    return leaves.length === 1 && weight === 1 ? law : `${weight} ${law}`;
  });
  const rest = leaves.length - texts.length;
  return texts.join(' + ') + (rest > 0 ? ` + ${rest} more` : '');
}

function utc(instant: number): string {
  return new Date(instant * 1000).toISOString().slice(0, 19).replace('T', ' ');
}
