import { expect, it } from 'vitest';
import { isNumberPair, numberAt, rowsOf, type TablePair, textAt } from '../../../src/stats/table/table-pair.ts';
import { numbers, texts } from '../columns.ts';

const PAIR: TablePair = [
  { name: 'x', reference: numbers([1, null, 3]), window: numbers([4]) },
  { name: 't', reference: texts(['a', null, 'b']), window: texts(['c']) },
];

it('has the rows of both tables, and none without columns', () => {
  expect(rowsOf(PAIR)).toEqual({ n: 3, m: 1 });
  expect(rowsOf([])).toEqual({ n: 0, m: 0 });
});

it('has a number or a text in each row, and says where there is none', () => {
  const [x, t] = PAIR;
  if (x === undefined || !isNumberPair(x) || t === undefined || isNumberPair(t)) throw new Error('other kinds');
  expect([0, 1, 2].map((row) => numberAt(x.reference, row))).toEqual([1, Number.NaN, 3]);
  expect([0, 1, 2].map((row) => textAt(t.reference, row))).toEqual(['a', null, 'b']);
});
