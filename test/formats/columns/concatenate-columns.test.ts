import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textsOf } from '../../../src/domain/log/settle/settling-rows.ts';
import { concatenate } from '../../../src/formats/columns/concatenate-columns.ts';
import type { CategoryColumn, NumberColumn } from '../../../src/stats/column.ts';

function texts(values: readonly (string | null)[]): CategoryColumn {
  const dictionary = [...new Set(values.filter((value) => value !== null))];
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value)));
  return { kind: 'category', type: 'text', length: values.length, codes, dictionary };
}

function numbers(values: readonly (number | null)[]): NumberColumn {
  const valid = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, i) => {
    if (value !== null) valid[i >> 3] = (valid[i >> 3] ?? 0) | (1 << (i & 7));
  });
  const slots = Float64Array.from(values, (value) => value ?? 0);
  return { kind: 'number', type: 'float64', length: values.length, values: slots, valid, exact: null };
}

describe('concatenation', () => {
  it('remaps dictionaries and keeps nulls, part after part', () => {
    const text = fc.option(fc.constantFrom('a', 'b', 'c', 'd'));
    fc.assert(
      fc.property(fc.array(fc.array(text, { maxLength: 20 }), { maxLength: 6 }), (parts) => {
        const column = concatenate(
          parts.map((values) => ({ rows: values.length, column: texts(values) })),
          'text',
        );
        expect(textsOf(column, column.length)).toEqual(parts.flat());
      }),
    );
  });

  it('joins numbers and their validity across bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.option(fc.integer()), { maxLength: 20 }), { maxLength: 6 }), (parts) => {
        const column = concatenate(
          parts.map((values) => ({ rows: values.length, column: numbers(values) })),
          'float64',
        );
        expect(textsOf(column, column.length)).toEqual(
          parts.flat().map((value) => (value === null ? null : String(value))),
        );
      }),
    );
  });

  it('has no value where a part lacks the column or holds another kind', () => {
    const column = concatenate(
      [
        { rows: 2, column: numbers([1, 2]) },
        { rows: 3, column: null },
        { rows: 1, column: texts(['x']) },
      ],
      'int64',
    );
    expect(textsOf(column, 6)).toEqual(['1', '2', null, null, null, null]);
    expect(column.type).toBe('int64');
  });

  it('writes numbers out among texts', () => {
    const column = concatenate(
      [
        { rows: 1, column: texts(['1']) },
        { rows: 2, column: numbers([1, 2.5]) },
      ],
      'text',
    );
    expect(textsOf(column, 3)).toEqual(['1', '1', '2.5']);
    expect(column).toMatchObject({ dictionary: ['1', '2.5'] });
  });
});
