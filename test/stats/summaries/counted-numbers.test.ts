import { describe, expect, it } from 'vitest';
import { collectorOptions, createColumnProfiler } from '../../../src/stats/column-profiler.ts';
import { CountedNumbers } from '../../../src/stats/summaries/counted-numbers.ts';
import { createTableProfiler } from '../../../src/stats/table-profiler.ts';
import { numbers, texts, times } from '../columns.ts';

const FIELD = { name: 'x', type: 'float64' } as const;
const options = () => collectorOptions([FIELD], { counted: true });
const parts = [numbers([1.5, null, 3]), numbers([null, null]), numbers([7, Number.NaN])];

describe('a column of decimals that is only counted', () => {
  it('has its rows and those without a value, and no more than a column without any', () => {
    const none = createTableProfiler([FIELD]).finish().columns[0];
    const counted = new CountedNumbers('float64', options());
    for (const part of parts) counted.add(part);
    expect(counted.finish('x')).toEqual({ ...none, rows: 7, nulls: 3 });
  });

  it('is the same of several parts that were counted apart', () => {
    const whole = createColumnProfiler(FIELD, options());
    const joined = createColumnProfiler(FIELD, options());
    for (const part of parts) {
      whole.add(part);
      const apart = createColumnProfiler(FIELD, options());
      apart.add(part);
      joined.absorb(structuredClone(apart.state()));
    }
    const found = whole.finish('x');
    expect(found).toEqual({ ...createTableProfiler([FIELD]).finish().columns[0], rows: 7, nulls: 3 });
    expect(joined.finish('x')).toEqual(found);
    expect(() => whole.add(texts(['a']))).toThrow(TypeError);
  });

  it('leaves columns of other types as they are', () => {
    const fields = [
      { name: 'n', type: 'date' },
      { name: 't', type: 'boolean' },
    ] as const;
    const batch = { rows: 3, columns: [times([0, 864e5, null], 'date'), texts(['true', 'false', 'true'], 'boolean')] };
    const [counted, plain] = [createTableProfiler(fields, { counted: true }), createTableProfiler(fields)];
    for (const profiler of [counted, plain]) profiler.add(batch);
    expect(counted.finish()).toEqual(plain.finish());
  });
});
