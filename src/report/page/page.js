// The leaderboard page: fetches the board when an event says there is one, the counts every few seconds,
// and polls when there are no events. It shows; it computes nothing that ranks.

import { drawTable, rowsMax } from './table.js';
import { count, instant, percent, sentence, span } from './words.js';

const timeoutMs = 15_000;
const statsEveryMs = 5_000;
const boardEveryMs = 10_000; // without events
const boardGapMs = 1_000; // a fast replay makes boards faster than one can read
const spreadMs = 600; // so that a thousand open pages don't ask in the same instant
const reopenMs = 30_000; // when the server refused the stream (all its places are taken)

const byId = (id) => document.getElementById(id);
let board = null;
let stats = null;
let statsAt = 0; // performance.now() of the counts
let selected = null; // the window clicked; until then the one that ranks the leader
let isStreaming = false;
let isDatabaseAway = false;
let isServerAway = false;

// The board

let boardTimer = null;
let boardAt = Number.NEGATIVE_INFINITY;
let isLoading = false;
let isWantedAgain = false;

/** Fetches the board soon; what is wanted while one is on its way is fetched after it. */
function wantBoard(delayMs = 0) {
  if (isLoading) {
    isWantedAgain = true;
  } else if (boardTimer === null) {
    const gap = boardAt + boardGapMs - performance.now();
    boardTimer = setTimeout(loadBoard, Math.max(delayMs, gap, 0));
  }
}

async function loadBoard() {
  boardTimer = null;
  boardAt = performance.now();
  isLoading = true;
  isWantedAgain = false;
  // Whether database or server are away is told by the counts, asked more often.
  const next = await getJson('v1/leaderboard').catch(() => null);
  isLoading = false;
  if (next !== null) {
    board = next;
    drawBoard();
  }
  if (isWantedAgain) wantBoard();
}

function drawBoard() {
  const { standings, windows, asOf, game, official, whyNot } = board;
  byId('title').textContent = `${game} leaderboard`;
  document.title = `${game} leaderboard · Condor`;
  if (asOf === null) byId('board-of').textContent = 'none yet';
  else showInstant(byId('board-of'), instant(asOf));
  byId('official').textContent = official ? 'Official' : 'Not official';
  byId('official').dataset.official = String(official);
  byId('why-not').textContent = official ? '' : sentence(whyNot);

  const isEmpty = standings.length === 0;
  byId('board').hidden = byId('legend').hidden = isEmpty;
  if (!isEmpty) drawTable(board, selected ?? rankingWindow(standings, windows), select, explain);
  drawRules();
  drawNote();
}

/** The rule that ranks, with what a reader of its ranks should know; and those that rank nobody. */
function drawRules() {
  const { rule, shadows, standings } = board;
  byId('rule').hidden = standings.length === 0;
  byId('rule-name').textContent = `${rule.name}, version ${rule.version}`;
  byId('rule-note').textContent = sentence(rule.note);
  byId('shadows').hidden = shadows.length === 0 || standings.length === 0;
  byId('shadow-notes').textContent = shadows
    .map(({ rule: { name, version, note } }) => `${name}, version ${version}${note ? `: ${sentence(note)}` : '.'}`)
    .join(' ');
}

/** What stands behind a model's scores over a window; null when it can't be had just now. */
function explain(modelId, window) {
  return getJson(`v1/diagnostics?${new URLSearchParams({ model: modelId, window })}`).catch(() => null);
}

/** What a reader would otherwise wonder about: an empty board, a board without points, rows left out. */
function drawNote() {
  if (board === null) return;
  const { standings, windows, profiles, asOf } = board;
  const hasPoints = standings.some(({ overall }) => windows.some(({ name }) => overall[name].value !== null));
  if (asOf === null && stats?.rounds.settled > 0) {
    showNote('The first rounds have settled; the first board follows in a moment.');
  } else if (asOf === null || (standings.length > 0 && !hasPoints)) {
    const shortest = span(Math.min(...profiles.map(({ horizonSeconds }) => horizonSeconds)));
    showNote(
      `No round has settled yet. The first points come ${shortest} of market time after the first round starts.`,
    );
  } else if (standings.length === 0) {
    showNote('No model is on the board: none has joined yet, or all have been gone for too long.');
  } else {
    const left = standings.length - rowsMax;
    showNote(left > 0 ? `${count(left)} more models are on the board; the JSON below lists all.` : '');
  }
}

function select(name) {
  selected = name;
  drawBoard();
}

/** The longest window the leader has been a member for the whole of: what the ranking goes by. */
function rankingWindow([leader], windows) {
  const whole = windows.filter(({ name }) => !leader.provisional[name] && leader.overall[name].value !== null);
  return (whole.at(-1) ?? windows[0]).name;
}

function showNote(text) {
  byId('note').hidden = text === '';
  if (byId('note').textContent !== text) byId('note').textContent = text;
}

// The counts

async function loadStats() {
  try {
    stats = await getJson('v1/stats');
    statsAt = performance.now();
    isDatabaseAway = isServerAway = false;
    drawStats();
  } catch (error) {
    isDatabaseAway = error.status === 503;
    isServerAway = error.status === undefined;
  }
  drawBanner();
}

function drawStats() {
  const { worldNote, clock, rounds, predictions, boardAgeSeconds, boardEverySeconds } = stats;
  byId('world').hidden = worldNote === null;
  byId('world').textContent = sentence(worldNote);
  byId('world').dataset.real = String(stats.world?.startsWith('live:') ?? false);

  byId('mode').textContent = modeWords(clock);
  const isLate = clock?.mode === 'live' && boardAgeSeconds > 3 * boardEverySeconds;
  byId('board-age').textContent = isLate ? `${span(boardAgeSeconds)} behind: score is catching up` : '';
  byId('rounds').textContent = `${count(rounds.settled)} settled`;
  byId('rounds-more').textContent =
    `${count(rounds.open)} open · ${count(rounds.void)} void · ${count(rounds.skipped)} skipped`;

  const { success = 0, ...missing } = predictions.byStatus;
  const all = Object.values(missing).reduce((sum, value) => sum + value, success);
  byId('answers').textContent = all === 0 ? 'none yet' : `${percent(success / all)} of ${count(all)}`;
  byId('answers-more').textContent = Object.entries({ ...missing, invalid: predictions.byVerdict.invalid ?? 0 })
    .filter(([, value]) => value > 0)
    .map(([word, value]) => `${count(value)} ${word === 'timeout' ? 'timed out' : word}`)
    .join(' · ');

  const done = clock?.warmupDone ?? null;
  byId('warmup').hidden = done === null;
  byId('warmup-bar').value = done ?? 0;
  byId('warmup-percent').textContent = percent(done);
  drawClock();
  drawNote();
}

function modeWords(clock) {
  if (clock === null) return 'The competition has not started.';
  if (clock.mode === 'warmup') return 'Warming up on the recent past.';
  if (clock.mode === 'ended') return 'Ended: these standings are final.';
  if (clock.mode === 'live') return '';
  return clock.speed === 'max' ? 'Replay, as fast as it goes.' : `Replay, ${count(clock.speed)} times as fast.`;
}

/** Between two looks at the counts market time runs on, where its speed is known. */
function drawClock() {
  const clock = stats?.clock;
  if (!clock) return;
  const isRunning = (clock.mode === 'live' || clock.mode === 'replay') && clock.speed !== 'max' && !isDatabaseAway;
  const passed = isRunning ? Math.min((performance.now() - statsAt) / 1000, 15) * clock.speed : 0;
  showInstant(byId('market'), instant(clock.now + passed, true));
}

function showInstant(target, { day, time }) {
  const date = document.createElement('span');
  date.className = 'small';
  date.textContent = day;
  target.replaceChildren(`${time} `, date);
}

function drawBanner() {
  const text = isServerAway
    ? 'The report worker does not answer. What you see is the last board this page received; it goes on by itself.'
    : isDatabaseAway
      ? 'The database does not answer just now. What you see is the last known board; it goes on by itself.'
      : '';
  byId('banner').hidden = text === '';
  if (byId('banner').textContent !== text) byId('banner').textContent = text;
  const state = text ? 'away' : isStreaming ? 'live' : 'polling';
  byId('live').dataset.state = state;
  byId('live-text').textContent = { away: 'waiting', live: 'live', polling: 'polling' }[state];
}

// Events. A browser opens six connections to an origin for all its tabs, so a tab out of sight gives its one back.

let events = null;
let reopenTimer = null;

function openStream() {
  clearTimeout(reopenTimer);
  if (events !== null || document.hidden) return;
  events = new EventSource('v1/events');
  events.addEventListener('open', () => setStreaming(true));
  events.addEventListener('board', () => wantBoard(Math.random() * spreadMs));
  events.addEventListener('database', ({ data }) => {
    isDatabaseAway = JSON.parse(data).reachable === false;
    drawBanner();
  });
  events.addEventListener('error', () => {
    setStreaming(false);
    if (events?.readyState !== EventSource.CLOSED) return; // it comes back by itself
    closeStream();
    reopenTimer = setTimeout(openStream, reopenMs);
  });
}

function closeStream() {
  events?.close();
  events = null;
  setStreaming(false);
}

function setStreaming(isOpen) {
  isStreaming = isOpen;
  drawBanner();
}

async function getJson(path) {
  const response = await fetch(path, { cache: 'no-cache', signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw Object.assign(new Error(`${path} answered ${response.status}`), { status: response.status });
  return response.json();
}

function every(ms, action) {
  setInterval(() => {
    if (!document.hidden) action();
  }, ms);
}

void loadStats();
wantBoard();
openStream();
every(statsEveryMs, () => void loadStats());
every(1000, drawClock);
every(boardEveryMs, () => {
  if (!isStreaming) wantBoard();
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) {
    closeStream();
    return;
  }
  void loadStats();
  wantBoard();
  openStream();
});
