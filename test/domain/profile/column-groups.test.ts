import { describe, expect, it } from 'vitest';
import { columnGroups } from '../../../src/domain/profile/column-groups.ts';

const columns = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('columns that are read at once', () => {
  it('are all of them in a table of ordinary width, whatever its length', () => {
    expect(columnGroups(columns(100), { valueBytes: Number.POSITIVE_INFINITY, parts: 10 })).toEqual([columns(100)]);
  });

  it('are fewer the more there is of each, and each is in one group, in order', () => {
    const few = columnGroups(columns(10_000), { valueBytes: 1_000, parts: 3 });
    const many = columnGroups(columns(10_000), { valueBytes: 100_000, parts: 3 });
    expect(few.length).toBeGreaterThan(1);
    expect(many.length).toBeGreaterThan(2 * few.length);
    expect(few.flat()).toEqual(columns(10_000));
    expect(many.flat()).toEqual(columns(10_000));
  });

  it('are one group without columns, since its rows count', () => {
    expect(columnGroups([], { valueBytes: 1, parts: 1 })).toEqual([[]]);
  });
});
