import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelledBatch } from '../../../src/domain/snapshot/labelled-rows.ts';
import { countRows } from '../../../src/domain/snapshot/labelled-rows.ts';
import { splitRows } from '../../../src/domain/snapshot/split-rows.ts';

const batchOf = (batchId: number, labels: readonly string[]): LabelledBatch => ({
  batch: { batchId, oid: `oid-${batchId}`, repeats: null, rows: labels.length, sequence: batchId },
  labels: labels.map((label, row) => ({ batchId, row, label })),
});
const many = (batchId: number, rows: number): LabelledBatch =>
  batchOf(
    batchId,
    Array.from({ length: rows }, (_, i) => (i % 4 === 0 ? 'yes' : 'no')),
  );
const namesOf = (batches: readonly LabelledBatch[]): string[] =>
  batches.flatMap(({ batch, labels }) => labels.map(({ row }) => `${batch.oid}/${row}`));
const countOf = (batches: readonly LabelledBatch[], label: string): number =>
  batches.flatMap(({ labels }) => labels).filter((one) => one.label === label).length;

describe('labelled rows', () => {
  it('are all learned from when nothing else is said', () => {
    const batches = [many(1, 10)];
    expect(splitRows(batches, { holdOut: 0, balance: false })).toEqual({ training: batches, heldOut: [] });
  });

  it('are held out in the wanted share, and are on one side each', () => {
    const batches = [many(1, 3000), many(2, 2000)];
    const { training, heldOut } = splitRows(batches, { holdOut: 0.2, balance: false });
    expect(countRows(heldOut) / 5000).toBeCloseTo(0.2, 1);
    expect([...namesOf(training), ...namesOf(heldOut)].toSorted()).toEqual(namesOf(batches).toSorted());
  });

  it('stay on their side when others come', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 50 }), (first, more) => {
        const rule = { holdOut: 0.3, balance: false };
        const before = namesOf(splitRows([many(1, first)], rule).heldOut);
        const after = namesOf(splitRows([many(1, first + more), many(2, more)], rule).heldOut);
        expect(after).toEqual(expect.arrayContaining(before));
      }),
    );
  });

  it('are as many of each label when they are balanced, and the held-out ones are left as they are', () => {
    const batches = [many(1, 1000), many(2, 1000)];
    const { training, heldOut } = splitRows(batches, { holdOut: 0.25, balance: true });
    expect(countOf(training, 'yes')).toBe(countOf(training, 'no'));
    expect(countOf(training, 'yes') + countOf(heldOut, 'yes')).toBe(500);
    expect(countOf(heldOut, 'no')).toBeGreaterThan(2 * countOf(heldOut, 'yes'));
    expect(splitRows([], { holdOut: 0, balance: true })).toEqual({ training: [], heldOut: [] });
  });
});
