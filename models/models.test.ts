import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DensitySpecification, Model } from 'condor-coordinator';
import FadingMemory from './fading-memory.ts';
import RandomWalk from './random-walk.ts';
import StudentT from './student-t.ts';
import TwoMoods from './two-moods.ts';

const models = { RandomWalk, FadingMemory, StudentT, TwoMoods };

/** `count` prices, `seconds` apart, whose log-returns repeat `changes`. */
function walk(count: number, seconds: number, changes: readonly number[]): [number, number][] {
  let log = Math.log(50_000);
  return Array.from({ length: count }, (_, i) => {
    log += changes[i % changes.length] as number;
    return [1_760_000_000 + i * seconds, Math.exp(log)];
  });
}

function variance(density: DensitySpecification): number {
  if (density.type === 'mixture') {
    return density.components.reduce((sum, { density: part, weight }) => sum + weight * variance(part), 0);
  }
  const { scale = Number.NaN, df } = density.params;
  return df === undefined ? scale ** 2 : (scale ** 2 * df) / (df - 2);
}

async function ask(model: Model, horizonSeconds = 86_400, stepSeconds = 300): Promise<readonly DensitySpecification[]> {
  return JSON.parse(JSON.stringify(await model.predict('BTC', horizonSeconds, stepSeconds)));
}

for (const [name, Type] of Object.entries(models)) {
  test(`${name} answers with valid densities, whatever it knows`, async () => {
    const histories = {
      nothing: [],
      one: walk(1, 60, [0]),
      two: walk(2, 60, [0.001]),
      flat: walk(5000, 60, [0]),
      jump: walk(500, 60, [...Array(400).fill(0), 0.5]),
      crash: walk(500, 60, [-0.7]),
    };
    for (const [history, prices] of Object.entries(histories)) {
      const model = new Type();
      model.tick({ BTC: prices });
      const steps = await ask(model);
      assert.equal(steps.length, 288, history);
      for (const step of steps)
        assert.ok(variance(step) > 1e-12 && variance(step) < 1e3, `${history}: ${variance(step)}`);
    }
  });

  test(`${name} spreads by the volatility it saw and the root of the step`, async () => {
    const model = new Type();
    model.tick({ BTC: walk(10_000, 60, [0.001, -0.001]) });
    const five = await ask(model);
    const hour = await ask(model, 86_400, 3600);
    assert.ok(Math.abs(variance(five[0] as DensitySpecification) / (5 * 1e-6) - 1) < 0.02);
    assert.ok(Math.abs(variance(hour[0] as DensitySpecification) / (60 * 1e-6) - 1) < 0.02);
  });

  test(`${name} plays in seconds too, as coin does`, async () => {
    const model = new Type();
    model.tick({ BTC: walk(1000, 1, [0.0002, -0.0002]) });
    const steps = await ask(model, 10, 1);
    assert.equal(steps.length, 10);
    for (const step of steps) assert.ok(Math.abs(variance(step) / 4e-8 - 1) < 0.05, String(variance(step)));
  });

  test(`${name} gives the same answer to the same prices`, async () => {
    const twins = [new Type(), new Type()];
    for (const model of twins) model.tick({ BTC: walk(3000, 60, [0.001, -0.002, 0.0005]) });
    assert.deepEqual(await ask(twins[0] as Model), await ask(twins[1] as Model));
  });
}

test('StudentT and TwoMoods fatten their tails after jumps', async () => {
  const jumpy = walk(3000, 60, [...Array(50).fill([2e-4, -2e-4]).flat(), 4e-3]);
  const student = new StudentT();
  student.tick({ BTC: jumpy });
  const [t] = await ask(student, 3600, 60);
  assert.ok(t?.type === 'builtin' && (t.params.df as number) < 5);
  const moods = new TwoMoods();
  moods.tick({ BTC: jumpy });
  const [m] = await ask(moods, 3600, 60);
  assert.ok(m?.type === 'mixture' && (m.components[1]?.weight as number) > 0.05);
});
