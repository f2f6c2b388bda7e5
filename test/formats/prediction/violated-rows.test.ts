import { describe, expect, it } from 'vitest';
import { decodeArrow } from '../../../src/formats/arrow/arrow.ts';
import { encodeArrow } from '../../../src/formats/arrow/writer.ts';
import type { RowViolation } from '../../../src/formats/prediction/record-types.ts';
import {
  keptViolations,
  rowsOf,
  storedViolations,
  violationsMetadata,
} from '../../../src/formats/prediction/violated-rows.ts';

const type = (rows: number[], of: number): RowViolation => ({
  column: 'feature.age',
  code: 'type',
  count: rows.length,
  examples: rows.slice(0, 5).map((row) => `of ${row}`),
  rows: rowsOf(rows, of),
});
const missing: RowViolation = { column: 'feature.city', code: 'missing', count: 20, examples: [], rows: null };

describe('the rows that broke an expectation', () => {
  it('come back from the object of their batch', () => {
    const violations = [type([0, 7, 8, 19], 20), missing];
    const values = Float64Array.from({ length: 20 }, (_, i) => i);
    const batch = {
      rows: 20,
      columns: [{ kind: 'number', type: 'float64', length: 20, values, valid: null, exact: null } as const],
    };
    const metadata = violationsMetadata(violations, 20);
    const bytes = encodeArrow([{ name: 'x', type: 'float64' }], batch, metadata && { metadata });
    expect(storedViolations(decodeArrow(bytes).metadata, 20)).toEqual(violations);
    // A batch that broke nothing has the bytes that it always had.
    expect(violationsMetadata([], 20)).toBeUndefined();
    expect(storedViolations(decodeArrow(encodeArrow([{ name: 'x', type: 'float64' }], batch)).metadata, 20)).toBeNull();
  });

  it('are counted among those that are kept, each example with its row', () => {
    const all = type([1, 3, 5, 7, 9, 11, 13], 20);
    const kept = keptViolations([all, missing], Int32Array.of(2, 3, 4, 9, 13));
    expect(kept).toEqual([
      { ...all, count: 3, examples: ['of 3', 'of 9'], rows: Int32Array.of(1, 3, 4) },
      { ...missing, count: 5 },
    ]);
    expect(keptViolations([all, missing], Int32Array.of(3, 5))[0]).toMatchObject({ count: 2, rows: null });
    expect(keptViolations([all], Int32Array.of(0, 2, 18))).toEqual([]);
    expect(keptViolations([missing], Int32Array.of())).toEqual([]);
  });
});
