import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { compareModelIds, type Rankable, rankStandings } from './ranking.ts';

type Values = readonly [recent: number | null, steady: number | null, anchor: number | null];

/** `full`: how many windows are full, from the shortest. */
function row(modelId: string, full: 0 | 1 | 2 | 3, [recent, steady, anchor]: Values): Rankable {
  return {
    modelId,
    overall: { recent: { value: recent }, steady: { value: steady }, anchor: { value: anchor } },
    provisional: { recent: full < 1, steady: full < 2, anchor: full < 3 },
  };
}

function ranks(rows: readonly Rankable[]): string[] {
  return rankStandings(rows).map(({ modelId, rank }) => `${rank} ${modelId}`);
}

test('rankStandings() puts full anchor before full steady before full recent before the rest', () => {
  const rows = [row('rest', 0, [9, 9, 9]), row('r', 1, [8, 8, 8]), row('s', 2, [7, 7, 7]), row('a', 3, [-6, -6, -6])];
  assert.deepEqual(ranks(rows), ['1 a', '2 s', '3 r', '4 rest']);
});

test('rankStandings() compares the window of the group, then the next shorter ones', () => {
  const rows = [
    row('a', 3, [1, 1, 5]),
    row('b', 3, [9, 2, 5]),
    row('c', 3, [0, 3, 4]),
    row('d', 2, [1, 6, null]),
    row('e', 2, [2, 6, 100]),
  ];
  assert.deepEqual(ranks(rows), ['1 b', '2 a', '3 c', '4 e', '5 d']);
});

test('rankStandings() lets the next window decide between means that differ by noise only', () => {
  const rows = [row('a', 3, [1, 1, 5]), row('b', 3, [1, 2, 5 - 1e-12])];
  assert.deepEqual(ranks(rows), ['1 b', '2 a']);
});

test('rankStandings() shares ranks as 1, 2, 2, 4 and lists ties by model id', () => {
  const rows = [row('d', 0, [1, 1, 1]), row('c', 0, [2, 2, 2]), row('b', 0, [2, 2, 2]), row('a', 0, [3, 3, 3])];
  assert.deepEqual(ranks(rows), ['1 a', '2 b', '2 c', '4 d']);
});

test('rankStandings() ties with the first row of a tie group, not along a chain', () => {
  const rows = [row('a', 3, [0, 0, 1]), row('b', 3, [0, 0, 1 - 0.8e-9]), row('c', 3, [0, 0, 1 - 1.6e-9])];
  assert.deepEqual(ranks(rows), ['1 a', '1 b', '3 c']);
});

test('fault 5.1 #16: rankStandings() treats 0 as a score and puts nulls last', () => {
  const rows = [row('none', 3, [null, null, null]), row('below', 3, [-1, -1, -1]), row('zero', 3, [0, 0, 0])];
  assert.deepEqual(ranks(rows), ['1 zero', '2 below', '3 none']);
  const shorter = [row('null steady', 3, [5, null, 0]), row('zero steady', 3, [-5, 0, 0])];
  assert.deepEqual(ranks(shorter), ['1 zero steady', '2 null steady']);
});

test('rankStandings() of nobody is empty', () => {
  assert.deepEqual(rankStandings([]), []);
});

const value = fc.option(
  fc.oneof(fc.integer({ min: -2, max: 2 }), fc.double({ min: 1 - 3e-9, max: 1 + 3e-9, noNaN: true })),
);
const rowsArbitrary = fc.uniqueArray(
  fc
    .tuple(fc.string({ minLength: 1, maxLength: 3, unit: 'binary' }), fc.constantFrom(0, 1, 2, 3), value, value, value)
    .map(([id, full, recent, steady, anchor]) => row(id, full as 0 | 1 | 2 | 3, [recent, steady, anchor])),
  { selector: ({ modelId }) => modelId, maxLength: 12 },
);

test('rankStandings() gives the same ranks whatever the order of rows', () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.infiniteStream(fc.nat()), (rows, stream) => {
      const shuffled = rows.map((item) => ({ item, key: stream.next().value as number }));
      const permuted = shuffled.toSorted((a, b) => a.key - b.key).map(({ item }) => item);
      assert.deepEqual(ranks(permuted), ranks(rows));
    }),
  );
});

test('rankStandings() gives rank 1 + the number of rows in earlier tie groups', () => {
  fc.assert(
    fc.property(rowsArbitrary, (rows) => {
      const ranked = rankStandings(rows);
      for (const [i, { rank }] of ranked.entries()) {
        assert.equal(rank, 1 + ranked.findIndex((other) => other.rank === rank));
        assert.ok(rank <= i + 1);
      }
    }),
  );
});

test('compareModelIds() orders by UTF-8 bytes, as the C collation does', () => {
  const ids = ['é', 'z', 'Z', '\u{1f600}', '\uffee', 'a', 'a1'];
  assert.deepEqual(ids.toSorted(compareModelIds), ['Z', 'a', 'a1', 'z', 'é', '\uffee', '\u{1f600}']);
});
