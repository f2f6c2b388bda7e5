import { expect, test } from 'vitest';
import { batchRepeats } from '../../../../src/domain/log/settle/batch-repeats.ts';
import { parseRecords } from '../../../../src/formats/prediction/rows.ts';
import type { CategoryColumn, ColumnBatch } from '../../../../src/stats/column.ts';

const FIELDS = [
  { name: 'prediction_id', type: 'text' },
  { name: 'prediction', type: 'int64' },
] as const;

function batchOf(ids: Pick<CategoryColumn, 'codes' | 'dictionary'>, predictions: readonly number[]): ColumnBatch {
  const rows = predictions.length;
  const values = Float64Array.from(predictions);
  return {
    rows,
    columns: [
      { kind: 'category', type: 'text', length: rows, ...ids },
      { kind: 'number', type: 'int64', length: rows, values, valid: null, exact: null },
    ],
  };
}

test('ids repeat by their texts, also where a dictionary names one twice', () => {
  const twice = batchOf({ codes: Int32Array.of(0, 1, 2, 3), dictionary: ['a', 'b', 'a', 'a'] }, [1, 1, 1, 0]);
  expect(batchRepeats('predictions', FIELDS, twice)).toEqual({ duplicates: 1, conflicts: 1 });
  const once = batchOf({ codes: Int32Array.of(2, 0, 1), dictionary: ['a', 'b', 'c'] }, [1, 1, 1]);
  expect(batchRepeats('predictions', FIELDS, once)).toEqual({ duplicates: 0, conflicts: 0 });
});

test('ids that are all new have no repeats, and one among a thousand is found', () => {
  const row = (id: number, prediction = 1) => ({
    prediction_id: `p${id}`,
    timestamp: '2026-01-01T00:00:00Z',
    prediction,
  });
  const parsed = (rows: readonly object[]) =>
    parseRecords(Buffer.from(JSON.stringify(rows)), 'json', { shape: 'prediction' });
  const rows = Array.from({ length: 1000 }, (_, id) => row(id));
  const fresh = parsed(rows);
  expect(batchRepeats('predictions', fresh.fields, fresh.batch)).toEqual({ duplicates: 0, conflicts: 0 });
  const repeated = parsed([...rows, row(17), row(18, 0)]);
  expect(batchRepeats('predictions', repeated.fields, repeated.batch)).toEqual({ duplicates: 1, conflicts: 1 });
});
