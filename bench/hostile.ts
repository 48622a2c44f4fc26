// What one model that goes wrong costs nine honest ones: the 99th percentile of their latency with it and
// without it, in turns within one run, for every way of going wrong. The fleet is the one predict uses, in
// this process; the models are others.
//
//   npm run bench -- hostile [rounds in each turn, default 30] [only these offenders …]

import { cpus } from 'node:os';
import { createFleet } from '../src/fleet/create-fleet.ts';
import { encodeCall } from '../src/fleet/encode.ts';
import type { CallOutcome, Fleet } from '../src/fleet/fleet.ts';
import { everyBehaviour } from '../src/fleet/testing/behaviours.ts';
import type { StubOptions } from '../src/fleet/testing/stub-model.ts';
import { type StubOrchestrator, stubOrchestrator } from '../src/fleet/testing/stub-orchestrator.ts';
import { type StubProcess, stubProcess } from '../src/fleet/testing/stub-process.ts';
import { silentLog } from '../src/lib/log.ts';
import { machine, percentile, tableLine } from './lib/figures.ts';

const honestIds = Array.from({ length: 9 }, (_, i) => `honest-${i}`);
const turnsEach = 3; // without, with, without, with, …
const pauseMs = 40; // between rounds: nine answers of 53 KB take about 10 ms
const honestMs = 5_000;
const offenderMs = 200; // a short deadline, so that an offender meets many questions
const offenderOpenMax = 4; // questions open at the offender at a time

const offenders: Readonly<Record<string, StubOptions>> = {
  'none (an honest tenth)': {},
  ...Object.fromEntries(everyBehaviour.filter((name) => name !== 'honest').map((predict) => [predict, { predict }])),
  'slow (150 ms)': { delayMs: 150 },
  'silent in ticks': { tick: 'silent' },
  'silent in Setup': { setup: 'silent' },
  'accepts, says nothing': { accept: 'silent' },
  'no HTTP/2': { accept: 'garbage' },
};

const question = encodeCall({ method: 'predict', arguments: [{ type: 'string', value: 'BTC' }] });

/** A minute's tick: a price of four assets. */
function tickTo(upTo: number): Uint8Array {
  const value = Object.fromEntries(['BTC', 'ETH', 'XAU', 'SOL'].map((asset) => [asset, [[60 * upTo, 100.25]]]));
  return encodeCall({ method: 'tick', arguments: [{ type: 'json', value }] });
}

interface Stage {
  readonly fleet: Fleet;
  readonly orchestrator: StubOrchestrator;
  readonly honest: StubProcess;
  upTo: number;
}

async function main(): Promise<void> {
  const [rounds = '30', ...only] = process.argv.slice(2);
  const stage = await prepare();
  console.log(machine(cpus().length, cpus()[0]?.model ?? ''));
  console.log(`latency of nine honest models (ms), ${turnsEach} × ${rounds} rounds with the offender and without\n`);
  const widths = [24, 8, 8, 8, 8, 8, 7];
  console.log(tableLine(['offender', 'p50', 'p50 with', 'p99', 'p99 with', 'ratio', 'failed'], widths));
  for (const [name, options] of Object.entries(offenders)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const { without, withIt, failed } = await compare(stage, options, Number(rounds));
    const [p50, p50With] = [percentile(without, 0.5), percentile(withIt, 0.5)];
    const [p99, p99With] = [percentile(without, 0.99), percentile(withIt, 0.99)];
    const figures = [p50, p50With, p99, p99With, p99With / p99].map((value) => value.toFixed(2));
    console.log(tableLine([name, ...figures, String(failed)], widths));
  }
  await stage.fleet.stop();
  await stage.orchestrator.close();
  await stage.honest.close();
}

async function prepare(): Promise<Stage> {
  const orchestrator = await stubOrchestrator();
  const honest = await stubProcess(honestIds.map(() => ({})));
  orchestrator.init(honest.ports.map((port, i) => ({ model_id: honestIds[i] as string, port })));
  const encoded = new Map<number, Uint8Array>();
  const fleet = createFleet(
    {
      orchestratorUrl: orchestrator.url,
      crunchId: 'condorgame',
      className: 'condorgame.tracker.TrackerBase',
      tickRequests(cursor, upTo) {
        if (cursor >= upTo) return [];
        const request = encoded.get(upTo) ?? tickTo(upTo);
        encoded.set(upTo, request);
        return [{ request, upTo }];
      },
      answerMaxBytes: 2 ** 20,
      tickTimeoutMs: honestMs,
      setupTimeoutMs: honestMs,
      onEvent: () => {},
    },
    { log: silentLog },
  );
  fleet.tick(1);
  await fleet.start();
  while (fleet.ready().length < honestIds.length) await sleep(10);
  const stage = { fleet, orchestrator, honest, upTo: 1 };
  await playTurn(stage, 50, null); // warm
  return stage;
}

async function compare(stage: Stage, options: StubOptions, rounds: number) {
  const { orchestrator, fleet } = stage;
  const offender = await stubProcess([options]); // its own process: its work is not the honest models' work
  const announced = { model_id: 'offender', port: offender.ports[0] ?? null };
  const without: number[] = [];
  const withIt: number[] = [];
  let failed = 0;
  for (let turn = 0; turn < turnsEach; turn += 1) {
    const alone = await playTurn(stage, rounds, null);
    orchestrator.update([{ ...announced, deployment_id: `offender-${turn}` }]);
    for (let i = 0; i < 30 && !fleet.ready().includes('offender'); i += 1) await sleep(10); // some never are
    const beside = await playTurn(stage, rounds, 'offender');
    orchestrator.update([{ ...announced, deployment_id: `offender-${turn}`, state: 'STOPPED' }]);
    await sleep(100);
    without.push(...alone.latenciesMs);
    withIt.push(...beside.latenciesMs);
    failed += alone.failed + beside.failed;
  }
  await offender.close();
  return { without, withIt, failed };
}

/** `rounds` rounds: everybody is told a minute's prices, then asked. The offender's end is not waited for. */
async function playTurn(stage: Stage, rounds: number, offender: string | null) {
  const latenciesMs: number[] = [];
  let failed = 0;
  let open = 0;
  for (let round = 0; round < rounds; round += 1) {
    stage.upTo += 1;
    stage.fleet.tick(stage.upTo);
    if (offender !== null && open < offenderOpenMax) {
      open += 1;
      void stage.fleet.ask([offender], question, offenderMs).then(() => {
        open -= 1;
      });
    }
    const outcomes = await stage.fleet.ask(honestIds, question, honestMs);
    for (const outcome of outcomes.values()) {
      const latencyMs = latencyOf(outcome);
      if (latencyMs === null) failed += 1;
      else latenciesMs.push(latencyMs);
    }
    await sleep(pauseMs);
  }
  while (open > 0) await sleep(10);
  return { latenciesMs, failed };
}

/** From asked to answered, the wait in the mailbox included; null when it failed. */
function latencyOf(outcome: CallOutcome): number | null {
  return outcome.status === 'success' ? (outcome.latencyUs + outcome.queuedUs) / 1000 : null;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

await main();
