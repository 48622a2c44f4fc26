import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constructorParametersOf, parametersOf } from './parameters.ts';

/** The text as it stands after types are removed: a real function, not compiled by our build. */
const methodOf = (text: string) => new Function(`return ({ ${text} })`)().method as () => void;
const classOf = (text: string) => new Function(`return ${text}`)() as new () => object;

test('parametersOf() reads names through defaults, comments, strings and patterns', () => {
  const names = (text: string) => parametersOf(methodOf(text))?.names;
  assert.deepEqual(names('method() {}'), []);
  assert.deepEqual(names('method(a, b,) {}'), ['a', 'b']);
  assert.deepEqual(names('async method(a = "),(", b = f(1, [2, 3]), $c /* , d */, é) {}'), ['a', 'b', '$c', 'é']);
  assert.deepEqual(names('method({ a, b } = {}, [c], d = `$\u007b`}`},`, e = /[/)],/) {}'), [null, null, 'd', 'e']);
  assert.deepEqual(names('method: a => a'), ['a']);
  assert.deepEqual(names('method: async (a, b) => a'), ['a', 'b']);
  assert.deepEqual(names('*method(a) {}'), ['a']);
});

test('parametersOf() says when a function takes any number of arguments', () => {
  assert.deepEqual(parametersOf(methodOf('method(a, ...rest) {}')), { names: ['a'], open: true });
  assert.equal(parametersOf(methodOf('method() { return arguments[0]; }'))?.open, true);
  assert.equal(parametersOf(methodOf('method(a) { return a; }'))?.open, false);
});

test('parametersOf() knows nothing of native, bound and computed functions', () => {
  assert.equal(parametersOf(Math.max), null);
  assert.equal(parametersOf(methodOf('method(a) {}').bind(null)), null);
  assert.equal(parametersOf(Reflect.get(new Function('return { ["a(b"](c) {} }')(), 'a(b')), null);
});

test('constructorParametersOf() reads the constructor, its own or inherited', () => {
  const names = (text: string) => constructorParametersOf(classOf(text))?.names;
  assert.deepEqual(names('class { constructor(a, b = 2) {} }'), ['a', 'b']);
  assert.deepEqual(names('class extends (class { constructor(a) {} }) {}'), ['a']);
  assert.deepEqual(names('class {}'), []);
  assert.deepEqual(names('class { other() { this.constructor(x); } text = "constructor(no)"; constructor(yes) {} }'), [
    'yes',
  ]);
});
