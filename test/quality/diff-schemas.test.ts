import { describe, expect, it } from 'vitest';
import { diffSchemas } from '../../src/quality/diff-schemas.ts';
import { inferSchema, type TableSchema } from '../../src/quality/infer-schema.ts';
import { mergeProfiles } from '../../src/stats/merge-profiles.ts';
import { numbers, profileOf, texts } from '../stats/columns.ts';

const schema = (...tables: Parameters<typeof profileOf>[0][]): TableSchema =>
  inferSchema(mergeProfiles(...tables.map((table) => profileOf(table))));
const shape = (type: string, nullable = false, presence = 'required') => ({ type, nullable, presence });

describe('the difference of two schemas', () => {
  it('names added, removed and changed columns', () => {
    const from = schema({ a: numbers([1, 2], 'int64'), b: texts(['x', 'y']), c: numbers([1, 2]) });
    const to = schema({ c: numbers([1, null]), a: numbers([1.5, 2]), d: texts(['x', 'y']) });
    expect(diffSchemas(from, to)).toEqual({
      added: [{ name: 'd', ...shape('text') }],
      removed: [{ name: 'b', ...shape('text') }],
      changed: [
        { name: 'c', from: shape('float64'), to: shape('float64', true) },
        { name: 'a', from: shape('int64'), to: shape('float64') },
      ],
      reordered: true,
    });
  });

  it('tells a column that only some files have', () => {
    const whole = schema({ a: numbers([1]), b: numbers([1]) });
    const partly = schema({ a: numbers([1]), b: numbers([1]) }, { a: numbers([2]) });
    expect(diffSchemas(whole, partly)).toEqual({
      added: [],
      removed: [],
      changed: [{ name: 'b', from: shape('float64'), to: shape('float64', true, 'optional') }],
      reordered: false,
    });
    expect(diffSchemas(whole, whole)).toEqual({ added: [], removed: [], changed: [], reordered: false });
  });
});
