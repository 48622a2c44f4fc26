import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Answer } from '../domain/prediction.ts';
import { type ForecastLimits, readForecast } from './forecast.ts';

const limits: ForecastLimits = { horizonSeconds: 900, stepsSeconds: [300], minScale: 1e-8 };
const norm = { type: 'builtin', name: 'norm', params: { loc: 0, scale: 1 } };
const json = (value: unknown): Answer => text(JSON.stringify(value));
const text = (value: string): Answer => ({ type: 'json', bytes: new TextEncoder().encode(value) });

function reasonOf(answer: Answer, changes: Partial<ForecastLimits> = {}): string {
  const read = readForecast(answer, { ...limits, ...changes });
  assert.ok(!read.ok);
  return read.reason;
}

test('readForecast() compiles one density a step', () => {
  const read = readForecast(json([norm, { step: 300, prediction: norm }, norm]), limits);
  assert.ok(read.ok);
  assert.equal(read.forecast.steps[0]?.stepSeconds, 300);
  assert.equal(read.forecast.steps[0]?.densities.length, 3);
});

test('readForecast() reads several step sizes from an object keyed by step', () => {
  const several = { ...limits, stepsSeconds: [300, 900] };
  const read = readForecast(json({ 300: [norm, norm, norm], 900: [norm] }), several);
  assert.ok(read.ok);
  assert.deepEqual(
    read.forecast.steps.map(({ stepSeconds, densities }) => [stepSeconds, densities.length]),
    [
      [300, 3],
      [900, 1],
    ],
  );
  assert.equal(
    reasonOf(json({ 300: [norm, norm, norm] }), several),
    '["900"]: must be a list of 1 densities (one every 900 s), is missing',
  );
  assert.equal(reasonOf(json([norm]), several), 'the answer must be an object with the keys 300, 900, is a list');
});

test('readForecast() names the step and the path within it', () => {
  const bad = { ...norm, params: { loc: 0, scale: 0 } };
  assert.equal(reasonOf(json([norm, norm, bad])), '[2].params.scale: must be > 0, is 0');
  assert.equal(reasonOf(json([norm, 7, norm])), '[1]: must be an object with a type, is 7');
  const half = { type: 'mixture', components: [{ density: norm, weight: 0.5 }] };
  assert.equal(reasonOf(json([half, norm, norm])), '[0].weights: must sum to 1 within 0.00001, sum to 0.5');
});

test('readForecast() wants exactly horizon/step densities', () => {
  assert.equal(reasonOf(json([norm])), 'the answer must be a list of 3 densities (one every 300 s), has 1');
  assert.equal(reasonOf(json(null)), 'the answer must be a list of 3 densities (one every 300 s), is null');
});

test('readForecast() refuses other wire types by name, and long answers unread', () => {
  assert.equal(
    reasonOf({ type: 'string', bytes: new Uint8Array() }),
    'the answer must be of wire type json, is string',
  );
  assert.equal(reasonOf({ type: 'none', bytes: new Uint8Array() }), 'the answer must be of wire type json, is none');
  assert.equal(reasonOf(json([norm]), { bytesMax: 10 }), 'the answer must have at most 10 bytes, has 63');
});

test('readForecast() reads bare NaN and infinities, and refuses them by path', () => {
  const bare = (token: string) =>
    text(`[${JSON.stringify(norm)},{"type":"builtin","name":"norm","params":{"loc":${token},"scale":1}},0]`);
  assert.equal(reasonOf(bare('NaN')), '[1].params.loc: must be a finite number, is NaN');
  assert.equal(reasonOf(bare('-Infinity')), '[1].params.loc: must be a finite number, is -Infinity');
  assert.equal(reasonOf(bare('1e999')), '[1].params.loc: must be a finite number, is Infinity');
  const harmless = JSON.stringify([{ ...norm, note: 'a "NaN" or \\ -Infinity' }, norm, norm]).replace(
    '"note"',
    '"x":NaN,"note"',
  );
  assert.equal(readForecast(text(harmless), limits).ok, true);
});

test('readForecast() never lets the text of a broken answer out', () => {
  assert.equal(reasonOf(text('[{"secret": 12345,]')), 'the answer must be JSON, is not');
  assert.equal(reasonOf(text('')), 'the answer must be JSON, is empty');
  assert.equal(
    reasonOf({ type: 'json', bytes: Uint8Array.of(0x22, 0xff, 0x22) }),
    'the answer must be UTF-8, holds bytes that are not',
  );
  assert.equal(reasonOf(text('\uFEFF[]')), 'the answer must be JSON, is not');
});

test('readForecast() survives depth', () => {
  assert.equal(reasonOf(text('['.repeat(200_000))), 'the answer must be JSON, is not');
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  assert.equal(reasonOf(text(`[${deep},1,2]`)), '[0]: must be an object with a type, is a list');
  assert.equal(reasonOf(text(`[${deep},NaN,2]`)), '[0]: must be an object with a type, is a list');
  assert.equal(reasonOf(text(`[${JSON.stringify(norm)},{"type":${deep}},2]`)), `[1].type: ${types}, is a list`);
});

const types = 'must be "builtin", "scipy", "statistics" or "mixture"';

test('readForecast() leaves an answer unread that is far longer than its densities can be', () => {
  const day = { horizonSeconds: 86_400, minScale: 1e-8 };
  const million = '['.repeat(2 ** 20 + 1);
  assert.equal(reasonOf(text(million)), 'the answer must have at most 1048576 bytes, has 1048577');
  assert.equal(reasonOf(text(million), day), 'the answer must be JSON, is not');
  const long = text(`[${'{},'.repeat(1_600_000)}{}]`);
  assert.equal(reasonOf(long, day), 'the answer must have at most 4718592 bytes, has 4800004');
  assert.equal(reasonOf(long, { ...day, bytesMax: 2e6 }), 'the answer must have at most 2000000 bytes, has 4800004');
});

test('readForecast() gives up on an answer full of bare NaN', () => {
  const bare = text(`[${'NaN,-Infinity,'.repeat(5001)}0]`);
  assert.equal(reasonOf(bare), 'the answer must hold at most 10000 bare NaN and Infinity');
  assert.equal(reasonOf(text('[NaN]')), 'the answer must be a list of 3 densities (one every 300 s), has 1');
  assert.equal(reasonOf(text('[NaN,Infinity,-Infinity]')), '[0]: must be an object with a type, is NaN');
});

test('readForecast() takes what a compatible rule takes: weights and tails as they are, any scale', () => {
  const compatible = { ...limits, kind: 'compatible' } as const;
  const cauchyish = { type: 'builtin', name: 't', params: { df: 0.3, loc: 0, scale: 1e-300 } };
  const mixture = {
    type: 'mixture',
    components: [
      { density: norm, weight: 2 },
      { density: cauchyish, weight: -0.5 },
    ],
  };
  const read = readForecast(json([norm, cauchyish, mixture]), compatible);
  assert.ok(read.ok);
  const [, , third] = read.forecast.steps[0]?.densities ?? [];
  assert.deepEqual(
    third?.leaves.map(({ weight }) => weight),
    [2, -0.5],
  );
  assert.match(reasonOf(json([norm, cauchyish, norm])), /^\[1\]\.params\.scale: must be ≥ 1e-8/);
  const bounded = { type: 'mixture', components: mixture.components.map(({ weight }) => ({ density: norm, weight })) };
  assert.equal(reasonOf(json([norm, norm, bounded])), '[2].weights: must be ≥ 0, one is -0.5');
});

test('readForecast() takes as many components as the rule says', () => {
  const mixture = { type: 'mixture', components: new Array(4).fill({ density: norm, weight: 0.25 }) };
  for (const kind of ['exact', 'compatible'] as const) {
    assert.ok(readForecast(json([mixture, norm, norm]), { ...limits, kind }).ok);
    assert.equal(
      reasonOf(json([mixture, norm, norm]), { kind, leavesMax: 3 }),
      '[0].components: must hold at most 3 components, holds 4',
    );
  }
});

test('readForecast() returns a value for every answer', () => {
  const anything = fc.oneof(
    fc.json(),
    fc.string(),
    fc.json().map((value) => value.replace('1', 'NaN')),
  );
  fc.assert(
    fc.property(anything, (value) => typeof readForecast(text(value), limits).ok === 'boolean'),
    { numRuns: 300 },
  );
  const bytes = fc.uint8Array({ maxLength: 50 });
  fc.assert(fc.property(bytes, (value) => readForecast({ type: 'json', bytes: value }, limits).ok === false));
});

test('readForecast() bounds the parts of an answer as a whole', () => {
  const day = { horizonSeconds: 86_400, minScale: 1e-8 };
  const of = (name: string, count: number, params: object) => ({
    type: 'mixture',
    components: new Array(count).fill({ density: { type: 'scipy', name, params }, weight: 1 / count }),
  });
  const days = (density: unknown) => json(new Array(288).fill(density));
  assert.ok(readForecast(days(of('norm', 28, {})), { ...limits, ...day }).ok);
  assert.ok(readForecast(days(of('t', 4, { df: 4 })), { ...limits, ...day }).ok);
  assert.equal(
    reasonOf(days(of('norm', 29, {})), day),
    '[282]: the densities up to here must have at most 8192 parts in all',
  );
  assert.equal(
    reasonOf(days(of('t', 5, { df: 4 })), day),
    '[240]: the densities up to here must have at most 1200 parts in all in mixtures of other than normal and Laplace laws',
  );
  assert.ok(readForecast(days(of('t', 28, { df: 4 })), { ...limits, ...day, kind: 'compatible' }).ok);
});
