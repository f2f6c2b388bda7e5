import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dimensionOf, kindOf, vectorType } from '../../../src/stats/column.ts';
import { createColumnProfiler } from '../../../src/stats/column-profiler.ts';
import { mergeProfiles } from '../../../src/stats/merge-profiles.ts';
import type { ColumnProfile, TableProfile, VectorProfile } from '../../../src/stats/profile.ts';
import { mergeVectors } from '../../../src/stats/summaries/merge-vectors.ts';
import { VectorProfiler } from '../../../src/stats/summaries/vector-profiler.ts';
import { numbers, profileOf, vectors } from '../columns.ts';

type Case = {
  readonly name: string;
  readonly x: number[][];
  readonly components: Readonly<Record<'mean' | 'variance' | 'min' | 'max', number[]>>;
  readonly norm: { readonly mean: number; readonly std: number; readonly quartiles: number[] };
};

// Made by generate_vectors.py beside it.
const { cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/stats/vector-values.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

function vectorProfile(table: TableProfile): VectorProfile {
  const [column] = table.columns;
  if (column?.kind !== 'vector') throw new Error('no column of vectors');
  return column;
}

const profileRows = (rows: readonly (readonly number[] | null)[], dimension: number, batchRows = 16): TableProfile =>
  profileOf({ emb: vectors(rows, dimension) }, { batchRows });

function close(found: readonly (number | null)[] | undefined, expected: readonly number[], tolerance: number): void {
  expect(found).toHaveLength(expected.length);
  for (const [j, value] of expected.entries()) {
    expect(Math.abs((found?.[j] ?? Number.NaN) - value)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(value)));
  }
}

describe('the profile of a column of vectors', () => {
  it.each(cases)('is what NumPy finds: $name', ({ x, components, norm }) => {
    const found = vectorProfile(profileRows(x, x[0]!.length, 9));
    close(found.components?.mean, components.mean, 1e-12);
    close(found.components?.variance ?? [], components.variance, 1e-9);
    expect(found.components?.min).toEqual(components.min);
    expect(found.components?.max).toEqual(components.max);
    close([found.norm.moments?.mean ?? null, found.norm.moments?.std ?? null], [norm.mean, norm.std], 1e-9);
    const quartiles = [0.25, 0.5, 0.75].map((p) => found.norm.quantiles?.values.find((q) => q.p === p)?.value ?? null);
    close(quartiles, norm.quartiles, 1e-12);
    expect(found.distinct.value).toBeGreaterThan(0);
  });

  it('counts what is absent, zero or not finite, and measures the others', () => {
    const rows = [[3, 4], null, [0, -0], [Number.NaN, 1], [Number.POSITIVE_INFINITY, Number.NaN], [3, 4]];
    expect(vectorProfile(profileRows(rows, 2))).toMatchObject({
      kind: 'vector',
      type: 'vector[2]',
      dimension: 2,
      rows: 6,
      nulls: 1,
      nan: 2,
      infinite: 1,
      nanComponents: 2,
      infiniteComponents: 1,
      finite: 3,
      zeros: 1,
      distinct: { value: 4 },
      norm: { rows: 3, min: 0, max: 5 },
      components: { n: 3, mean: [2, 8 / 3], min: [0, 0], max: [3, 4] },
      top: { values: [], rest: 5, complete: false },
    });
  });

  it('has no number where no vector is finite, and none beyond a double', () => {
    expect(vectorProfile(profileRows([null, [Number.NaN, 1]], 2)).components).toBeNull();
    const huge = vectorProfile(
      profileRows(
        [
          [1e200, 1e200],
          [-1e200, 1e200],
        ],
        2,
      ),
    );
    expect(huge.components?.variance).toEqual([null, 0]);
    expect(huge.norm.max).toBeCloseTo(Math.SQRT2 * 1e200, -190);
    expect(JSON.parse(JSON.stringify(huge))).toEqual(huge);
  });

  const component = fc.oneof(
    fc.integer({ min: -9, max: 9 }),
    fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    fc.constantFrom(Number.NaN, Number.NEGATIVE_INFINITY),
  );
  const rows = fc.array(fc.option(fc.array(component, { minLength: 3, maxLength: 3 }), { nil: null, freq: 6 }), {
    maxLength: 60,
  });

  function expectAlike(merged: VectorProfile, whole: VectorProfile): void {
    const exact = (found: VectorProfile) => ({
      ...found,
      components: found.components && { ...found.components, mean: [], variance: [] },
      norm: { ...found.norm, moments: null },
    });
    expect(exact(merged)).toEqual(exact(whole));
    const scale = 1e-9;
    close(merged.components?.mean ?? [], (whole.components?.mean ?? []).map(Number), scale);
    close(merged.components?.variance ?? [], (whole.components?.variance ?? []).map(Number), scale);
    close([merged.norm.moments?.mean ?? 0], [whole.norm.moments?.mean ?? 0], scale);
  }

  it('merges to the profile of the whole', () => {
    fc.assert(
      fc.property(rows, rows, rows, (a, b, c) => {
        fc.pre([a, b, c].some((part) => part.some((row) => row !== null)));
        const stored = [a, b, c].map((part): TableProfile => JSON.parse(JSON.stringify(profileRows(part, 3))));
        expectAlike(vectorProfile(mergeProfiles(...stored)), vectorProfile(profileRows([...a, ...b, ...c], 3, 1000)));
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('is that of the whole when another profiler takes what came before', () => {
    const field = { name: 'emb', type: 'vector[3]' } as const;
    const options = { capacity: 1 << 14, edges: 2048 };
    fc.assert(
      fc.property(rows, rows, (a, b) => {
        const [first, second] = [a, b].map((part) => {
          const profiler = createColumnProfiler(field, options);
          profiler.add(vectors(part, 3));
          return structuredClone(profiler.state());
        });
        const joined = createColumnProfiler(field, options);
        joined.absorb(first!);
        joined.absorb(second!);
        const found: ColumnProfile = joined.finish('emb');
        expectAlike(found as VectorProfile, vectorProfile(profileRows([...a, ...b], 3, 1000)));
      }),
      { numRuns: 40, seed: 8 },
    );
  });

  it('widens to text where lengths differ, and to vectors where a part has none', () => {
    const three = profileRows([[1, 2, 3], null], 3);
    const none = profileOf({ emb: numbers([null, null]) });
    const merged = mergeProfiles(three, none);
    expect(vectorProfile(merged)).toMatchObject({ type: 'vector[3]', rows: 4, nulls: 3, finite: 1 });
    expect(mergeProfiles(three, profileRows([[1, 2]], 2)).columns[0]).toMatchObject({
      kind: 'category',
      type: 'text',
      types: ['vector[2]', 'vector[3]'],
      rows: 3,
      nulls: 1,
    });
  });

  it('has norms that are the roots of the sums of squares, scaled where these leave the range of a double', () => {
    const normOf = (row: readonly number[]): number => vectorProfile(profileRows([row], row.length)).norm.max!;
    for (const row of [
      [0.1, 0.7, -0.3],
      [1.1, 2.3, 5.9],
      [1e-100, 3.7e-101, 2e-102],
      [1e100, 3.3e99, 7e98],
    ]) {
      expect(normOf(row)).toBe(Math.sqrt(row[0]! * row[0]! + row[1]! * row[1]! + row[2]! * row[2]!));
    }
    for (const scale of [1e-310, 1e-200, 1e-160, 1e200]) {
      expect(normOf([3 * scale, -4 * scale]) / (5 * scale)).toBeCloseTo(1, 10);
    }
    const none = new VectorProfiler('vector[2]', 2, { capacity: 16, edges: 16 }).finish('emb').norm;
    expect(none).toMatchObject({ kind: 'number', name: 'norm', type: 'float64', types: ['float64'], rows: 0 });
  });

  it('has minus zero for zero where it tells vectors apart', () => {
    const { distinct } = vectorProfile(
      profileRows(
        [
          [0, 1],
          [-0, 1],
          [0, -0],
          [-0, 0],
        ],
        2,
      ),
    );
    expect(distinct.value).toBe(2);
  });

  it('is merged of no fewer than one part', () => {
    const common = { name: 'emb', types: [], rows: 0, nulls: 0, absent: 0 };
    const { norm } = vectorProfile(profileRows([[1, 2]], 2));
    expect(() => mergeVectors(common, [], norm)).toThrow('vectors are merged of at least one part');
  });

  it('refuses vectors of another length', () => {
    const profiler = createColumnProfiler({ name: 'emb', type: 'vector[3]' }, { capacity: 16, edges: 16 });
    expect(() => profiler.add(vectors([[1, 2]], 2))).toThrow(TypeError);
  });
});

describe('the type of vectors', () => {
  it('names their length, from 2 to what is kept', () => {
    expect([0, 1, 2, 768, 4096, 4097].map(vectorType)).toEqual([
      null,
      null,
      'vector[2]',
      'vector[768]',
      'vector[4096]',
      null,
    ]);
    expect(dimensionOf('vector[768]')).toBe(768);
    expect(dimensionOf('float64')).toBe(1);
    expect(kindOf('vector[768]')).toBe('vector');
  });
});
