// Draws the board's table and lets rows glide to their new places. Names are strangers' words: they enter
// the page as text only, each isolated so that its direction can't turn its neighbours'.

import { drawDetail } from './detail.js';
import { count, decimalsFor, nothing, percent, points, rankMove, span } from './words.js';

/** Beyond, a browser's layout takes longer than a fast board lasts. */
export const rowsMax = 1000;
const glide = { duration: 700, easing: 'cubic-bezier(.2, .7, .2, 1)' };

const groups = document.getElementById('groups');
const columns = document.getElementById('columns');
const body = document.getElementById('rows');
const rows = new Map(); // model id → its row's elements

/** The model whose detail is shown; one at a time, since each costs the server a query a board. */
let opened = null;

/**
 * Shows `board` with the details of the window named `selected`; `onSelect` is told of a click on another.
 * `explain(modelId, window)` resolves to what stands behind a model's scores, for the row that is opened.
 */
export function drawTable(board, selected, onSelect, explain) {
  const { standings, windows, profiles, shadows } = board;
  drawHead(windows, profiles, shadows, selected, onSelect);
  const shown = standings.slice(0, rowsMax);
  const decimals = Object.fromEntries(
    windows.map(({ name }) => [name, decimalsFor(shown.map(({ overall }) => overall[name].value ?? 0))]),
  );
  const scale = barScale(shown.map(({ overall }) => overall[selected].value).filter(Number.isFinite));
  const before = positions();

  const kept = new Set();
  const ordered = shown.flatMap((standing) => {
    const { modelId } = standing;
    const row = rows.get(modelId) ?? createRow(modelId);
    kept.add(modelId);
    fillRow(row, standing, { windows, profiles, shadows, selected, decimals, scale });
    row.open.onclick = () => {
      const last = opened;
      opened = last === modelId ? null : modelId;
      if (last !== null) closeDetail(rows.get(last));
      if (opened !== null) drawTable(board, selected, onSelect, explain);
    };
    if (opened !== modelId) return row.element;
    void openDetail(row, { standing, board, selected }, explain);
    return [row.element, row.detail];
  });
  for (const [modelId, row] of rows) {
    if (kept.has(modelId)) continue;
    row.element.remove();
    closeDetail(row);
    rows.delete(modelId);
    if (opened === modelId) opened = null;
  }
  placeInOrder(ordered);
  glideFrom(before);
}

/** Shows what is known at once, and the rest when it has come; what it showed before stays until then. */
async function openDetail(row, shown, explain) {
  const { standing, selected } = shown;
  row.open.setAttribute('aria-expanded', 'true');
  if (row.detail === null) {
    row.detail = element('tr', 'detail');
    const cell = element('td');
    cell.colSpan = 100; // all columns there are
    row.detail.append(cell);
  }
  const key = `${selected} ${standing.modelId}`;
  if (row.explained?.key !== key) row.explained = { key, diagnostics: null };
  drawDetail(row.detail.firstChild, { ...shown, diagnostics: row.explained.diagnostics });
  const diagnostics = await explain(standing.modelId, selected);
  if (diagnostics === null || row.detail === null || row.explained.key !== key) return;
  row.explained.diagnostics = diagnostics;
  drawDetail(row.detail.firstChild, { ...shown, diagnostics });
}

function closeDetail(row) {
  row?.open.setAttribute('aria-expanded', 'false');
  row?.detail?.remove();
  if (row) row.detail = row.explained = null;
}

function drawHead(windows, profiles, shadows, selected, onSelect) {
  const key = JSON.stringify([windows, profiles, shadows.map(({ rule }) => rule), selected]);
  if (columns.dataset.key === key) return;
  const hadFocus = columns.contains(document.activeElement);
  columns.dataset.key = key;
  const chosen = windows.find(({ name }) => name === selected);
  groups.replaceChildren(
    head('rank', 'Rank', { rowSpan: 2 }),
    head('model', 'Model', { rowSpan: 2 }),
    head('group', 'Points over the last', { colSpan: windows.length, scope: 'colgroup' }),
    head('bar', '', { rowSpan: 2 }, `Bar of the points over ${span(chosen.seconds)}`),
    head('group wide', `By question, over ${span(chosen.seconds)}`, { colSpan: profiles.length, scope: 'colgroup' }),
    ...(shadows.length === 0
      ? []
      : [head('group wide', 'What the rank would be', { colSpan: shadows.length, scope: 'colgroup' })]),
    head('answered wide', 'Answered', { rowSpan: 2 }),
  );
  columns.replaceChildren(
    ...windows.map((window) => windowHead(window, window.name === selected, onSelect)),
    ...profiles.map(({ horizonSeconds }) => head('number wide', `${span(horizonSeconds)} ahead`)),
    ...shadows.map(({ rule: { name, note } }) =>
      Object.assign(head('number wide', name), { title: note ?? `Under the rule ${name}, which ranks nobody here` }),
    ),
  );
  if (hadFocus) columns.querySelector('[aria-pressed=true]')?.focus();
}

function head(className, text, { rowSpan = 1, colSpan = 1, scope = 'col' } = {}, hidden = '') {
  const cell = element('th', className, text);
  Object.assign(cell, { rowSpan, colSpan, scope });
  if (hidden) cell.append(element('span', 'visually-hidden', hidden));
  return cell;
}

function windowHead({ name, seconds }, isSelected, onSelect) {
  const cell = head('number window', '');
  const button = element('button', '', span(seconds));
  button.type = 'button';
  button.title = `The ${name} window`;
  button.setAttribute('aria-pressed', String(isSelected));
  button.addEventListener('click', () => onSelect(name));
  cell.append(button);
  return cell;
}

function createRow(modelId) {
  const row = { element: element('tr'), detail: null, explained: null, rank: null };
  row.place = element('span');
  row.moved = element('span', 'moved');
  const rankCell = element('td', 'rank');
  rankCell.append(row.place, row.moved);

  row.dot = element('span', 'dot');
  row.connected = element('span', 'visually-hidden');
  row.name = element('bdi');
  row.open = element('button', 'name');
  row.open.type = 'button';
  row.open.setAttribute('aria-expanded', 'false');
  row.open.append(row.name);
  row.cruncher = element('bdi', 'cruncher');
  row.modelCell = element('th', 'model');
  row.modelCell.scope = 'row';
  const names = element('div', 'names');
  names.append(row.dot, row.open, row.connected, row.cruncher);
  row.modelCell.append(names);

  row.windows = [];
  row.fill = element('span', 'fill');
  row.zero = element('span', 'zero');
  row.track = element('span', 'track');
  row.track.append(row.fill, row.zero);
  row.track.setAttribute('aria-hidden', 'true');
  row.barCell = element('td', 'bar');
  row.barCell.append(row.track);
  row.profiles = [];
  row.shadows = [];
  row.answered = element('td', 'answered number wide');

  row.element.append(rankCell, row.modelCell, row.barCell, row.answered);
  rows.set(modelId, row);
  return row;
}

function fillRow(row, standing, { windows, profiles, shadows, selected, decimals, scale }) {
  const { rank, modelId, modelName, cruncherName, connected, overall, provisional, byProfile, wouldRank } = standing;
  setText(row.place, String(rank));
  setMoved(row.moved, row.rank === null ? 0 : row.rank - rank);
  row.rank = rank;
  setText(row.name, modelName);
  setText(row.cruncher, cruncherName);
  row.modelCell.title = `${modelName}\nby ${cruncherName}\nmodel ${modelId}`;
  row.dot.classList.toggle('off', !connected);
  setText(row.connected, connected ? '' : ' (not connected)');

  cells(row.windows, windows.length, row.barCell, 'number window').forEach((cell, index) => {
    const { name } = windows[index];
    setText(cell, points(overall[name].value, decimals[name]));
    cell.classList.toggle('selected', name === selected);
    cell.classList.toggle('provisional', provisional[name] && overall[name].value !== null);
    cell.title = behind(overall[name], provisional[name]);
  });
  drawBar(row, overall[selected].value, scale);
  cells(row.profiles, profiles.length, row.answered, 'number wide').forEach((cell, index) => {
    const mean = byProfile[profiles[index].name]?.[selected];
    setText(cell, points(mean?.value ?? null, decimals[selected]));
    cell.title = mean ? behind(mean, false) : '';
  });
  cells(row.shadows, shadows.length, row.answered, 'number wide').forEach((cell, index) => {
    const { name } = shadows[index].rule;
    setText(cell, rankMove(wouldRank[name]));
    cell.title = wouldRank[name] === undefined ? '' : `under ${name} it would be ${wouldRank[name].rank}, not ${rank}`;
  });
  setText(row.answered, percent(overall[selected].availability));
  row.answered.title = behind(overall[selected], false);
}

/** As many cells as there are columns, made or removed before `next`. */
function cells(list, length, next, className) {
  while (list.length > length) list.pop().remove();
  while (list.length < length) {
    const cell = element('td', className);
    next.before(cell);
    list.push(cell);
  }
  return list;
}

function behind({ count: rounds, availability }, isProvisional) {
  if (rounds === 0) return 'no settled round in this window yet';
  const text = `${count(rounds)} settled rounds, ${percent(availability)} answered`;
  return isProvisional ? `${text}; provisional` : text;
}

function setMoved(cell, places) {
  cell.dataset.way = places > 0 ? 'up' : places < 0 ? 'down' : '';
  setText(cell, places === 0 ? '' : `${places > 0 ? '▲' : '▼'}${Math.abs(places)}`);
  cell.title = places === 0 ? '' : `${places > 0 ? 'up' : 'down'} ${Math.abs(places)} since the last board shown`;
}

/**
 * The range of the bars, always with zero inside. One disastrous model must not flatten all others, so the
 * worse side reaches at most twice as far as the better one or as the median; longer bars are cut there.
 */
function barScale(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const best = Math.max(0, sorted.at(-1) ?? 0);
  const worst = Math.min(0, sorted[0] ?? 0);
  const typical = Math.abs(sorted[Math.floor(sorted.length / 2)] ?? 0);
  const low = Math.max(worst, -2 * Math.max(best, typical));
  return best === low ? { low: -1, high: 1 } : { low, high: best };
}

function drawBar(row, value, { low, high }) {
  const place = (at) => ((Math.min(high, Math.max(low, at)) - low) / (high - low)) * 100;
  const zero = place(0);
  const end = Number.isFinite(value) ? place(value) : zero;
  row.zero.style.left = `${zero}%`;
  row.fill.style.left = `${Math.min(zero, end)}%`;
  row.fill.style.width = `${Math.abs(end - zero)}%`;
  row.fill.classList.toggle('below', value < 0);
  row.fill.classList.toggle('cut', Number.isFinite(value) && value < low);
}

/** Moves only what is out of place, so that an unchanged board touches nothing. */
function placeInOrder(ordered) {
  let next = body.firstElementChild;
  for (const row of ordered) {
    if (row === next) next = next.nextElementSibling;
    else body.insertBefore(row, next);
  }
}

function positions() {
  if (document.hidden || matchMedia('(prefers-reduced-motion: reduce)').matches) return new Map();
  return new Map([...rows.values()].map(({ element: row }) => [row, row.getBoundingClientRect().top]));
}

/** Rows slide from where they were to where they are; those that start and end out of sight just jump. */
function glideFrom(before) {
  const inSight = (top) => top > -100 && top < innerHeight + 100;
  for (const [row, from] of before) {
    const to = row.getBoundingClientRect().top;
    if (!row.isConnected || from === to || !(inSight(from) || inSight(to))) continue;
    row.animate([{ transform: `translateY(${from - to}px)` }, { transform: 'none' }], glide);
  }
}

function element(tag, className = '', text = '') {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

/** Writes only what changed, so that a reader's selection stays. */
function setText(target, text) {
  const next = text || (target.tagName === 'TD' ? nothing : '');
  if (target.textContent !== next) target.textContent = next;
}
