// What stands behind one model's rank: each question's mean with its rounds and answers, the same under the
// rules that rank nobody, and whether its forecasts were calibrated. One model's at a time.

import { count, decimalsFor, nothing, percent, points, rankMove, span } from './words.js';

const levels = [0.5, 0.8, 0.95];

/** Draws into `cell`; `diagnostics` is null until it has come. */
export function drawDetail(cell, { standing, board, selected, diagnostics }) {
  const { profiles, windows, rule, shadows } = board;
  const { seconds } = windows.find(({ name }) => name === selected);
  const box = element('div', 'behind');
  box.append(questionTable(standing, { profiles, rule, shadows, selected, seconds, diagnostics }));
  const side = element('div', 'calibration');
  for (const { name, horizonSeconds } of profiles) {
    const sums = addUp(
      (diagnostics?.scores ?? []).filter((score) => score.rule === rule.name && score.profile === name),
    );
    if (sums !== null) side.append(calibrationFigure(sums, horizonSeconds));
  }
  if (side.childElementCount > 0) {
    side.append(
      text(
        'p',
        'A flat histogram is what calibrated forecasts give: high ends mean too narrow, a hump too wide, a slope one-sided.',
      ),
    );
  } else if (diagnostics !== null) {
    side.append(text('p', 'No calibration over this window: no valid answer has settled in it.'));
  }
  box.append(side);
  cell.replaceChildren(box);
}

/** One line for each question, and one for all of them together. */
function questionTable(standing, { profiles, rule, shadows, selected, seconds, diagnostics }) {
  const table = element('table', 'questions');
  table.append(text('caption', `Mean points over ${span(seconds)}, by question`));
  const head = element('tr');
  const titles = ['Question', rule.name, 'Rounds', 'Answered', ...shadows.map((shadow) => shadow.rule.name)];
  head.append(...titles.map((title, i) => header(title, 'col', i > 0)));
  for (const [title, meaning] of parts) head.append(Object.assign(header(title, 'col', true), { title: meaning }));
  table.createTHead().append(head);
  const body = table.createTBody();

  const questions = profiles.flatMap(({ name, horizonSeconds, assets }) =>
    assets.map((asset) => ({ name, asset, words: `${asset}, ${span(horizonSeconds)} ahead` })),
  );
  const of = (ruleName, { name, asset }) =>
    diagnostics?.scores.find((score) => score.rule === ruleName && score.profile === name && score.asset === asset);
  for (const question of questions) {
    const mean = standing.byAsset[question.name]?.[question.asset]?.[selected];
    const cells = [
      figure(mean?.value, standing.overall[selected].value),
      count(mean?.count ?? 0),
      percent(mean?.availability),
      ...shadows.map((shadow) => figure(of(shadow.rule.name, question)?.points)),
      ...shares(of(rule.name, question)?.calibration ?? null),
    ];
    body.append(line(question.words, cells));
  }
  const { value, count: rounds, availability } = standing.overall[selected];
  const wouldBe = shadows.map(({ standings }) => {
    const mean = standings.find(({ modelId }) => modelId === standing.modelId)?.overall[selected];
    return mean === undefined ? nothing : figure(mean.value);
  });
  const all = line('All together', [figure(value), count(rounds), percent(availability), ...wouldBe, '', '', '']);
  const ranks = line('Rank', [
    String(standing.rank),
    '',
    '',
    ...shadows.map(({ rule: { name } }) => rankMove(standing.wouldRank[name])),
    '',
    '',
    '',
  ]);
  table.createTFoot().append(all, ranks);
  return table;
}

/** The three parts of the mean exact CRPS, as shares of it. */
const parts = [
  ['Spread', 'Share of the mean CRPS that the forecasts’ own width makes'],
  ['Too high', 'Share of it from outcomes below the forecasts'],
  ['Too low', 'Share of it from outcomes above the forecasts'],
];

function shares(calibration) {
  if (calibration === null) return ['', '', ''];
  const { dispersion, overPrediction, underPrediction } = calibration;
  const whole = dispersion + overPrediction + underPrediction;
  return [dispersion, overPrediction, underPrediction].map((part) => (whole > 0 ? percent(part / whole) : nothing));
}

/** Counts of several questions together: they are counts of steps, whatever the asset. */
function addUp(scores) {
  const found = scores.flatMap(({ calibration }) => calibration ?? []);
  if (found.length === 0) return null;
  const sum = (value) => found.reduce((total, each) => total + value(each), 0);
  return {
    steps: sum(({ steps }) => steps),
    pit: found[0].pitCounts.map((_, i) => sum(({ pitCounts }) => pitCounts[i])),
    covered: levels.map((_, i) => sum(({ covered }) => covered[i])),
  };
}

function calibrationFigure({ steps, pit, covered }, horizonSeconds) {
  const box = element('figure');
  const bars = element('div', 'pit');
  const highest = Math.max(...pit);
  const total = pit.reduce((sum, value) => sum + value, 0);
  for (const [i, value] of pit.entries()) {
    const bar = element('span');
    bar.style.height = `${(value / highest) * 100}%`;
    bar.title = `${i * 5} to ${(i + 1) * 5} %: ${count(value)} of ${count(total)} outcomes`;
    bars.append(bar);
  }
  const even = element('i', 'even');
  even.style.bottom = `${(total / pit.length / highest) * 100}%`;
  bars.append(even);
  bars.setAttribute('role', 'img');
  bars.setAttribute('aria-label', `Where outcomes fell within the forecasts, in twentieths: ${pit.join(', ')}`);
  const lines = levels.map((level, i) => `${percent(level)}: ${percent(covered[i] / steps)}`);
  box.append(
    text('figcaption', `${span(horizonSeconds)} ahead: where outcomes fell within the forecasts`),
    bars,
    text('p', `Outcomes within the central interval of ${lines.join(' · ')} (${count(steps)} steps)`),
  );
  return box;
}

function figure(value, beside = value) {
  return Number.isFinite(value) ? points(value, decimalsFor([value, Number.isFinite(beside) ? beside : 0])) : nothing;
}

function line(title, values) {
  const row = element('tr');
  row.append(header(title, 'row', false), ...values.map((value) => text('td', value)));
  return row;
}

function header(title, scope, isNumber) {
  return Object.assign(text('th', title), { scope, className: isNumber ? 'number' : '' });
}

function text(tag, words) {
  return Object.assign(document.createElement(tag), { textContent: words });
}

function element(tag, className = '') {
  return Object.assign(document.createElement(tag), { className });
}
