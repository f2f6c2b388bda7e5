import {
  fixedSizeList,
  float16,
  float32,
  float64,
  int32,
  largeList,
  list,
  tableFromArrays,
  tableToIPC,
  utf8,
} from '@uwdata/flechette';
import { describe, expect, it } from 'vitest';
import { decodeArrow } from '../../../src/formats/arrow/arrow.ts';
import { encodeArrow } from '../../../src/formats/arrow/writer.ts';
import type { Field } from '../../../src/stats/column.ts';
import { vectors } from '../../stats/columns.ts';
import { opened, valuesOf } from '../fixtures.ts';

const ROWS = Array.from({ length: 3000 }, (_, i) =>
  i % 5 === 2 ? null : i % 5 === 3 ? [i / 4, null, -1] : [i / 4, 1, 2],
);
const READ = ROWS.map((row) => row?.map((value) => value ?? Number.NaN) ?? null);

type Emb = readonly (readonly (number | null)[] | null)[];

function bytesOf(emb: Emb, type: Parameters<typeof list>[0], format: 'file' | 'stream' = 'file'): Uint8Array {
  const table = tableFromArrays(
    { id: emb.map((_, i) => i), emb: [...emb] },
    { types: { emb: type as ReturnType<typeof list> }, maxBatchRows: 700 },
  );
  return tableToIPC(table, { format })!;
}

describe('Arrow lists of numbers', () => {
  it.each([
    ['list<float32>', list(float32())],
    ['list<float64>', list(float64())],
    ['large_list<float64>', largeList(float64())],
    ['fixed_size_list<float32>', fixedSizeList(float32(), 3)],
    ['fixed_size_list<float64>', fixedSizeList(float64(), 3)],
  ])('of one length, %s, read as vectors', async (_, type) => {
    for (const format of ['file', 'stream'] as const) {
      const { types, values, codes } = await opened(bytesOf(ROWS, type, format), 't.arrow');
      expect(types).toEqual({ id: 'int64', emb: 'vector[3]' });
      expect(values.get('emb')).toEqual(READ);
      expect(codes).toEqual([]);
    }
  });

  it('of integers and half floats too', async () => {
    const whole = ROWS.map((_, i) => [i % 100, 7]);
    for (const type of [list(int32()), fixedSizeList(float16(), 2)]) {
      const { types, values } = await opened(bytesOf(whole, type), 't.arrow');
      expect(types).toMatchObject({ emb: 'vector[2]' });
      expect(values.get('emb')).toEqual(whole);
    }
  });

  it.each([
    ['one of another length in the last batch', [...ROWS, [1, 2]], list(float32())],
    ['an empty one', [...ROWS, []], list(float32())],
    ['one component each', ROWS.map((_, i) => [i]), fixedSizeList(float32(), 1)],
    ['none at all', ROWS.map(() => null), list(float32())],
  ])('are left out where they are no vectors: %s', async (_, emb, type) => {
    const { types, values, codes } = await opened(bytesOf(emb, type), 't.arrow');
    expect(types).toEqual({ id: 'int64' });
    expect(values.get('id')).toHaveLength(emb.length);
    expect(codes).toEqual(['unsupported-column']);
  });

  it('of texts are left out', async () => {
    const table = tableFromArrays({ id: [1], emb: [['a', 'b']] }, { types: { emb: list(utf8()) } });
    const { types } = await opened(tableToIPC(table, { format: 'file' })!, 't.arrow');
    expect(types).toEqual({ id: 'int64' });
  });

  it('are written as they are read', () => {
    const fields: Field[] = [{ name: 'emb', type: 'vector[3]' }];
    for (const rows of [READ, READ.filter((row) => row !== null), []]) {
      const { fields: found, batch } = decodeArrow(
        encodeArrow(fields, { rows: rows.length, columns: [vectors(rows, 3)] }),
      );
      expect(found).toEqual(fields);
      expect(valuesOf(batch.columns[0]!)).toEqual(rows);
    }
  });
});
