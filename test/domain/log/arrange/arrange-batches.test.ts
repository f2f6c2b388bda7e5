import { describe, expect, test } from 'vitest';
import { arrangeBatches, type EncodedBatch, idHashAt } from '../../../../src/domain/log/arrange/arrange-batches.ts';
import { arrangeInThread } from '../../../../src/domain/log/arrange/arrange-in-thread.ts';
import { idHash } from '../../../../src/domain/log/prepare/row-hash.ts';
import { encodeArrow } from '../../../../src/formats/arrow/writer.ts';
import { parseRecords } from '../../../../src/formats/prediction/rows.ts';

const TIME = Date.UTC(2026, 2, 1);

type Row = Readonly<Record<string, unknown>>;

const prediction = (id: number, over: Row = {}): Row => ({
  prediction_id: `p${id}`,
  timestamp: new Date(TIME + id * 1000).toISOString(),
  prediction: id % 2,
  features: { age: id % 90, city: `city ${id % 7}` },
  ...over,
});

function encoded(id: number, rows: readonly Row[], kind: EncodedBatch['kind'] = 'predictions'): EncodedBatch {
  const shape = kind === 'predictions' ? 'prediction' : 'label';
  const { fields, batch } = parseRecords(Buffer.from(JSON.stringify(rows)), 'json', { shape });
  return { id, kind, object: encodeArrow(fields, batch) };
}

const range = (from: number, to: number): Row[] => Array.from({ length: to - from }, (_, i) => prediction(from + i));

describe('batches that are arranged', () => {
  const batches = [
    encoded(70, range(0, 300)),
    encoded(
      71,
      [
        { prediction_id: 'p5', label: 1 },
        { prediction_id: 'p6', label: 0, timestamp: new Date(TIME).toISOString() },
      ],
      'labels',
    ),
    encoded(72, [...range(290, 310), prediction(295, { prediction: 7 }), prediction(400, { label: 'yes' })]),
  ];

  test('index the first row of each id, in the order of the index, and tell the others', () => {
    const { slices, later } = arrangeBatches(batches, new Set());
    expect(slices.length).toBe(1);
    const [slice] = slices;
    if (slice === undefined) throw new Error('no slice');
    const hashes = Array.from(slice.rows, (_, i) => idHashAt(slice, i));
    expect(slice.index.count).toBe(311);
    expect(hashes).toEqual(hashes.toSorted());
    const places = new Map(hashes.map((hash, i) => [hash, [slice.batches[i], slice.rows[i]]]));
    expect(places.get(idHash('p0'))).toEqual([0, 0]);
    expect(places.get(idHash('p299'))).toEqual([0, 299]);
    expect(places.get(idHash('p309'))).toEqual([2, 19]);
    // The labels name ids too, and are not indexed.
    expect([...slice.batches].filter((batch) => batch === 1)).toEqual([]);
    expect(later.map(({ batch, row }) => [batch, row])).toEqual([
      ...Array.from({ length: 10 }, (_, i) => [2, i]),
      [2, 20],
    ]);
    expect(later.at(-1)).toMatchObject({ idHash: idHash('p295'), first: { batch: 0, row: 295 } });
    const values = (literal: string): string[] => literal.slice(1, -1).split(',');
    const at = hashes.indexOf(idHash('p309'));
    const { batchIds, rows, times, contents } = slice.index;
    expect([batchIds, rows, times].map((literal) => values(literal)[at])).toEqual(['72', '19', String(TIME + 309_000)]);
    expect(values(contents).length).toBe(311);
  });

  test('keep the labels with their rows, and times of which some are none', () => {
    const { batches: arranged } = arrangeBatches(batches, new Set());
    expect(arranged[1]).toMatchObject({
      labels: { rows: Int32Array.of(0, 1), idHashes: [idHash('p5'), idHash('p6')], texts: ['1', '0'] },
      times: Float64Array.of(Number.NaN, TIME),
    });
    expect(arranged[2]?.labels).toEqual({ rows: Int32Array.of(21), idHashes: [idHash('p400')], texts: ['yes'] });
  });

  test('come out of the thread as they do here, again and again', async () => {
    for (let round = 0; round < 3; round++) {
      const some = batches.slice(round);
      expect(await arrangeInThread(some, new Set(['feature.age']))).toEqual(
        arrangeBatches(some, new Set(['feature.age'])),
      );
    }
  });
});
