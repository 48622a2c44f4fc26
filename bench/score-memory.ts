// How much memory a score worker needs at the worst backlog: a week of synth's rounds of 1,000 models lies unscored,
// and in the first of them every answer is as long as the game allows (1 MiB) and can't be compressed.
//
//   npm run bench -- score-memory [--rounds 2] [--threads 2]
//
// `--rounds`: how many rounds have such answers, a gigabyte each. The worker's resident memory is sampled while it
// settles these and 100 more.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Game } from 'condor-coordinator';
import { silentLog } from '../src/lib/log.ts';
import { loadGame } from '../src/load-game.ts';
import { openDatabase } from '../src/storage/connect.ts';
import { removeEmbedded, startEmbeddedPostgres } from '../src/storage/embedded.ts';
import { migrate } from '../src/storage/migrate.ts';
import { startWorker } from './backlog/processes.ts';
import { machine, percentile } from './lib/figures.ts';
import { peakResidentMb, residentMb } from './lib/memory.ts';
import { type Packed, pack } from './synth-day/answers.ts';
import { fillDay } from './synth-day/fill.ts';

const targetMb = 1024;
const models = 1_000;
const settledAfter = 100;
const mebibyte = 2 ** 20;
const endedAt = Date.UTC(2026, 0, 6) / 1000;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '2' }, threads: { type: 'string', default: '2' } },
});
const rounds = Number(values.rounds);

const dataDir = mkdtempSync(join(tmpdir(), 'condor-bench-'));
const server = await startEmbeddedPostgres({ dataDir, log: silentLog, durable: false });
try {
  await migrate(server.url, silentLog);
  const db = openDatabase(server.url, { role: null, applicationName: 'bench', statementTimeoutMs: 600_000 });
  const game = await loadGame('synth');
  console.log(machine(cpus().length, cpus()[0]?.model ?? ''));
  const filled = await fillDay(db, game, {
    endedAt,
    days: 7,
    memberIds: Array.from({ length: models }, (_, i) => `model-${String(i).padStart(4, '0')}`),
    boardEverySeconds: 86_400,
    hostile: { payloads: hostilePayloads(game), rounds },
  });
  console.log(
    `${filled.rounds} rounds of ${models} models wait; ${filled.answers} answers of 1 MiB, ` +
      `${(filled.payloadBytes / mebibyte).toFixed(0)} MiB as stored`,
  );
  const env = { DATABASE_URL: server.url, CONDOR_GAME: 'synth', CONDOR_SCORE_THREADS: values.threads };
  const worker = startWorker('score', env);
  const samples: number[] = [];
  let [settled, peakMb, hostileSeconds] = [0, 0, 0];
  const startedAt = performance.now();
  for (let asked = 0; settled < rounds + settledAfter; await sleep(100)) {
    samples.push(residentMb(worker.pid));
    peakMb = peakResidentMb(worker.pid);
    if (Number.isNaN(peakMb)) throw new Error('Cannot go on: the score worker has ended');
    if (asked++ % 10 > 0) continue;
    const [row] = await db.query<{ count: number }>(`select count(*) from settlements where state <> 'waiting'`);
    settled = row?.count ?? 0;
    if (settled >= rounds && hostileSeconds === 0) hostileSeconds = (performance.now() - startedAt) / 1000;
  }
  await worker.stop();
  const verdicts = await db.query<{ reason: string | null; count: number }>(
    'select left(reason, 60) as reason, count(*) from verdicts group by 1 order by 2 desc',
  );
  for (const { reason, count } of verdicts) console.log(`  ${count} answers: ${reason ?? 'valid'}`);
  console.log(`the long answers took ${hostileSeconds.toFixed(0)} s, ${values.threads} threads`);
  console.log(`resident memory, median   ${percentile(samples, 0.5).toFixed(0)} MiB`);
  console.log(
    `resident memory, most     ${peakMb.toFixed(0)} MiB: ${peakMb <= targetMb ? 'met' : 'missed'} (${targetMb})`,
  );
  await db.close();
} finally {
  await server.stop();
  await removeEmbedded({ dataDir });
  rmSync(dataDir, { recursive: true, force: true });
}

/** Noise; numbers, which parse to the most objects; nested lists; and valid forecasts full of what is ignored. */
function hostilePayloads(game: Game): Packed[] {
  const size = game.answerMaxBytes;
  const fill = (piece: () => string, open: string, close: string) => {
    const pieces: string[] = [];
    let length = open.length + close.length - 1;
    for (let next = piece(); length + next.length + 1 <= size; next = piece()) {
      pieces.push(next);
      length += next.length + 1;
    }
    return pack(Buffer.from(`${open}${pieces.join()}${close}`));
  };
  return Array.from({ length: 5 }, () => [
    pack(randomBytes(size)),
    fill(() => String(Math.random()), '[', ']'),
    fill(() => `[${Math.floor(Math.random() * 10)}]`, '[', ']'),
    fill(() => `{"${randomBytes(3).toString('base64')}":{}}`, '[', ']'),
    ...game.profiles.map((profile) => padded(profile, size)),
  ]).flat();
}

function padded({ horizonSeconds, stepsSeconds }: Game['profiles'][number], size: number): Packed {
  const count = stepsSeconds.reduce((sum, step) => sum + horizonSeconds / step, 0);
  const noise = Math.floor((size / count - 120) * 0.75);
  const density = () =>
    `{"type":"builtin","name":"norm","params":{"loc":0,"scale":${1 + Math.random()}},"note":"${randomBytes(noise).toString('base64')}"}`;
  const lists = stepsSeconds.map((step) => {
    const densities = Array.from({ length: horizonSeconds / step }, density);
    return `"${step}":[${densities.join()}]`;
  });
  return pack(Buffer.from(`{${lists.join()}}`));
}
