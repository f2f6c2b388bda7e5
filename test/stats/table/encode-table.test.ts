import { describe, expect, it } from 'vitest';
import { encodeTables } from '../../../src/stats/table/encode-table.ts';
import { numbers, texts } from '../columns.ts';

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 12));

describe('tables as rows of numbers', () => {
  it('have each column in deviations of the reference, row by row', () => {
    const found = encodeTables([
      { name: 'x', reference: numbers([1, 3, 5, 7]), window: numbers([4, 9]) },
      { name: 't', reference: texts(['a', 'a', 'a', 'b']), window: texts(['b', 'new']) },
    ]);
    expect(found.names).toEqual(['x', 't']);
    const deviation = Math.sqrt(5);
    // Shares of 'a' and 'b' are three quarters and one; their mean is 5/8, their deviation that of the half between.
    const [a, b] = [(0.75 - 0.625) / Math.sqrt(3 / 64), (0.25 - 0.625) / Math.sqrt(3 / 64)];
    expect(found.reference).toMatchObject({ rows: 4, columns: 2 });
    expect([...found.reference.values]).toEqual(
      near([-3 / deviation, a, -1 / deviation, a, 1 / deviation, a, 3 / deviation, b]),
    );
    expect(found.window).toMatchObject({ rows: 2, columns: 2 });
    expect([...found.window.values]).toEqual(near([0, b, 5 / deviation, -0.625 / Math.sqrt(3 / 64)]));
  });

  it('put what is missing or not finite at the mean, and nothing further than eight deviations', () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    const { reference, window } = encodeTables([
      { name: 'x', reference: numbers([-1, null, 1, inf, nan]), window: numbers([100, -100, null, -inf, 7.9]) },
    ]);
    expect([...reference.values]).toEqual(near([-1, 0, 1, 0, 0]));
    expect([...window.values]).toEqual(near([8, -8, 0, 0, 7.9]));
    // A share is of all rows, those without a text as well.
    const shares = encodeTables([{ name: 't', reference: texts(['a', 'a', null, 'b']), window: texts(['c', null]) }]);
    const deviation = Math.sqrt(2) / 12;
    expect([...shares.reference.values]).toEqual(near([1 / 12 / deviation, 1 / 12 / deviation, 0, -1 / 6 / deviation]));
    expect([...shares.window.values]).toEqual(near([-5 / 12 / deviation, 0]));
  });

  it('leave out columns that do not vary in the reference, or by more than a double holds', () => {
    const vary = numbers([1, 2, 3]);
    const { names, reference } = encodeTables([
      { name: 'same', reference: numbers([4, 4, null]), window: vary },
      { name: 'x', reference: vary, window: vary },
      { name: 'none', reference: numbers([null, null, null]), window: vary },
      { name: 'wild', reference: numbers([-1e200, 1e200, 1]), window: vary },
      { name: 't', reference: texts(['a', 'b', 'c']), window: texts(['a', 'a', 'a']) },
    ]);
    expect(names).toEqual(['x']);
    expect(reference).toMatchObject({ rows: 3, columns: 1 });
    expect(encodeTables([])).toMatchObject({ names: [], reference: { rows: 0, columns: 0 } });
  });

  it('keep the digits of what lies far from zero', () => {
    const far = 2 ** 52;
    const column = numbers([far, far, far, far, far, far + 1]);
    const { reference } = encodeTables([{ name: 'x', reference: column, window: column }]);
    expect(reference.values[0]).toBeCloseTo(-1 / 6 / Math.sqrt(5 / 36), 9);
  });
});
