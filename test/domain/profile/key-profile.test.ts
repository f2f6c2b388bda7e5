import { describe, expect, it } from 'vitest';
import { withKeyProfiles } from '../../../src/domain/profile/key-profile.ts';
import { repeated } from '../../../src/formats/columns/repeated-column.ts';
import { partitionKeys } from '../../../src/formats/partition-keys.ts';
import { PROFILE_FORMAT } from '../../../src/stats/profile.ts';
import { createTableProfiler } from '../../../src/stats/table-profiler.ts';

const PATH =
  'year=2026/rate=-0.5/big=9007199254740993/day=2025-12-31/at=2025-12-31T10%3A00%3A00Z/flag=false/region=eu/none=__HIVE_DEFAULT_PARTITION__/x.csv';

const file = (rows: number) => ({ format: PROFILE_FORMAT, rows, columns: [] }) as const;

describe('the profile of keys', () => {
  it.each([0, 1, 2, 7, 64, 1000, 65_537])('is that of a column with the value in all rows: %d', (rows) => {
    const [keys = []] = partitionKeys([PATH]);
    const profiler = createTableProfiler(keys.map(({ name, type }) => ({ name, type })));
    profiler.add({ rows, columns: keys.map((key) => repeated(key, rows)) });
    const { columns } = withKeyProfiles(file(rows), keys);
    expect(columns).toEqual(profiler.finish().columns);
  });

  it('is put together in no time, however many rows there are', () => {
    const [keys = []] = partitionKeys(['year=2026/x.csv']);
    const { columns } = withKeyProfiles(file(3_000_000_001), keys);
    expect(columns).toMatchObject([
      { rows: 3_000_000_001, finite: 3_000_000_001, min: 2026, moments: { mean: 2026, variance: 0 } },
    ]);
  });
});
