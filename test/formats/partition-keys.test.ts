import { describe, expect, it } from 'vitest';
import { partitionKeys, partitionWarning } from '../../src/formats/partition-keys.ts';

describe('keys that folders are named by', () => {
  it('are those of all folders above a file, and none of its own name', () => {
    expect(partitionKeys('year=2026/region=eu/part-0.parquet')).toEqual(['year', 'region']);
    expect(partitionKeys('sales/year=2026/day=/x.parquet')).toEqual(['year', 'day']);
    expect(partitionKeys('sales/year=2026.parquet')).toEqual([]);
    expect(partitionKeys('=2026/a==b/x.parquet')).toEqual(['a']);
  });

  it('are told of where no column has them', () => {
    expect(partitionWarning(['year', 'region', 'year'], ['region', 'v'])).toEqual({
      code: 'partition-keys',
      detail: expect.stringContaining('The values of year stand'),
    });
    expect(partitionWarning(['year'], ['v', 'year'])).toBeNull();
    expect(partitionWarning([], ['v'])).toBeNull();
  });

  it('are named as far as there is room', () => {
    const keys = Array.from({ length: 12 }, (_, i) => `k${i}`);
    const detail = partitionWarning(keys, [])?.detail;
    expect(detail).toContain('k9 stand');
    expect(detail).not.toContain('k10');
  });
});
