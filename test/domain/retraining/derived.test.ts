import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textsOf } from '../../../src/domain/log/settle/settling-rows.ts';
import { conform, labelColumn } from '../../../src/domain/snapshot/conform.ts';
import { derivedTable, type ReferenceColumn } from '../../../src/domain/snapshot/derived-columns.ts';
import type { CategoryColumn, Column, NumberColumn } from '../../../src/stats/column.ts';

const reference: ReferenceColumn[] = [
  { name: 'id', type: 'text' },
  { name: 'age', type: 'int64' },
  { name: 'Timestamp', type: 'timestamp' },
  { name: 'p', type: 'int64' },
  { name: 's', type: 'float64' },
  { name: 'y', type: 'boolean' },
  { name: 'note', type: 'text' },
];

describe('the derived table', () => {
  it("has the reference's names and order, then id and time, and no column that was not logged", () => {
    const roles = { id: 'id', timestamp: 'Timestamp', prediction: 'p', score: 's', label: 'y', ignore: ['note'] };
    const table = derivedTable(roles, reference);
    expect(table.columns).toEqual([
      { name: 'age', type: 'int64', logged: 'feature.age' },
      { name: 'p', type: 'int64', logged: 'prediction' },
      { name: 's', type: 'float64', logged: 'score' },
      { name: 'prediction_id', type: 'text', logged: 'prediction_id' },
      { name: 'timestamp', type: 'timestamp', logged: 'timestamp' },
    ]);
    expect(table.label).toEqual({ name: 'y', type: 'boolean' });
    expect(table.roles).toEqual({
      prediction: 'p',
      score: 's',
      label: 'y',
      id: 'prediction_id',
      timestamp: 'timestamp',
      ignore: [],
    });
  });

  it('gives way to names that the reference has, whatever their case', () => {
    const table = derivedTable({ ignore: [] }, [
      { name: 'Label', type: 'text' },
      { name: 'TIMESTAMP', type: 'timestamp' },
      { name: 'prediction_id', type: 'text' },
    ]);
    expect(table.label).toEqual({ name: 'logged_label', type: 'text' });
    expect(derivedTable({ ignore: [] }, reference, 'int64').label).toEqual({ name: 'label', type: 'int64' });
    // A type that the reference has goes before what the labels look like.
    expect(derivedTable({ label: 'y', ignore: [] }, reference, 'int64').label.type).toBe('boolean');
    const names = [...table.columns, table.label].map(({ name }) => name.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
    expect(table.roles).toMatchObject({
      prediction: undefined,
      id: 'logged_prediction_id',
      timestamp: 'logged_timestamp',
    });
  });
});

const numbers = (values: readonly number[], type: NumberColumn['type'] = 'float64'): NumberColumn => ({
  kind: 'number',
  type,
  length: values.length,
  values: Float64Array.from(values),
  valid: null,
  exact: null,
});

const texts = (values: readonly (string | null)[]): CategoryColumn => {
  const dictionary = [...new Set(values.filter((value) => value !== null))];
  const codes = Int32Array.from(values, (value) => (value === null ? -1 : dictionary.indexOf(value)));
  return { kind: 'category', type: 'text', length: values.length, codes, dictionary };
};

const read = (column: Column) => textsOf(column, column.length);

describe('conform', () => {
  it('turns numbers and their texts into each other', () => {
    expect(read(conform(texts(['1', ' 2.5 ', 'x', '', null, '1e400']), 6, 'float64'))).toEqual([
      '1',
      '2.5',
      null,
      null,
      null,
      null,
    ]);
    expect(read(conform(numbers([1, 2.5]), 2, 'text'))).toEqual(['1', '2.5']);
  });

  it('has no value for what the wanted type cannot say', () => {
    expect(read(conform(numbers([1, 2.5, Number.NaN, 2 ** 60]), 4, 'int64'))).toEqual(['1', null, null, null]);
    expect(read(conform(numbers([0, 1, 2]), 3, 'boolean'))).toEqual(['false', 'true', null]);
    expect(read(conform(texts(['TRUE', 'no', null]), 3, 'boolean'))).toEqual(['true', null, null]);
    expect(read(conform(null, 2, 'timestamp'))).toEqual([null, null]);
    expect(read(conform(texts(['2026-01-01']), 1, 'timestamp'))).toEqual([null]);
  });

  it('leaves alone what is of the type already, exact integers too', () => {
    const exact = BigInt64Array.of(9_007_199_254_740_993n);
    const column: NumberColumn = { ...numbers([2 ** 53], 'int64'), exact };
    expect(conform(column, 1, 'int64')).toBe(column);
  });

  it('keeps every label', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (labels) => {
        expect(read(labelColumn(labels, 'text'))).toEqual(labels);
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.integer()), (labels) => {
        const written = labels.map(String);
        expect(read(labelColumn(written, 'int64'))).toEqual(written);
      }),
    );
  });
});
