import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asProbability, compileDensity, quantile } from 'condor-coordinator';
import FadingMemory from './fading-memory.ts';
import RandomWalk from './random-walk.ts';
import StudentT from './student-t.ts';
import TwoMoods from './two-moods.ts';

const models = { RandomWalk, FadingMemory, StudentT, TwoMoods };

/** Minutes of a price near 100,000 that goes up and down by 0.1 % in turn. */
const prices = Array.from({ length: 3000 }, (_, i) => [60 * i, 100_000 * Math.exp(i % 2 === 0 ? 0 : 0.001)] as const);

for (const [name, Type] of Object.entries(models)) {
  test(`${name} answers all step sizes in one call, in price differences`, async () => {
    const model = new Type();
    model.tick({ BTC: prices });
    const answer = JSON.parse(JSON.stringify(await model.predict_all('BTC', 3600, [60, 900, 3600])));
    assert.deepEqual(
      Object.entries(answer).map(([step, densities]) => [step, (densities as unknown[]).length]),
      [
        ['60', 60],
        ['900', 4],
        ['3600', 1],
      ],
    );
    for (const [step, [first]] of Object.entries(answer) as [string, unknown[]][]) {
      const compiled = compileDensity(first, { leavesMax: 3 });
      const passed = compiled.ok ? asProbability(compiled.density) : compiled;
      assert.ok(passed.ok);
      // A minute moves it by 100 dollars: four steps of five lie within about 128 of them, times the root of time.
      const width = quantile(passed.density, 0.9) / (128 * Math.sqrt(Number(step) / 60));
      assert.ok(width > 0.8 && width < 1.2, `${step}: ${width}`);
    }
  });

  test(`${name} cannot forecast a price it has never seen`, async () => {
    await assert.rejects(new Type().predict_all('BTC', 3600, [60]), /Cannot forecast "BTC": there is no price yet/);
  });
}
