import { describe, expect, it } from 'vitest';
import { componentMeans } from '../../../src/stats/hypothesis-tests/component-means.ts';
import type { VectorProfile } from '../../../src/stats/profile.ts';
import { vectorMomentsOf } from '../../../src/stats/summaries/vector-moments.ts';
import { compareProfiles } from '../../../src/stats/verdict/compare-profiles.ts';
import { measureVectorProfiles } from '../../../src/stats/verdict/compare-vector-profiles.ts';
import { profileOf, vectors } from '../columns.ts';

type Rows = readonly (readonly number[])[];

const profile = (rows: readonly (readonly number[] | null)[]): VectorProfile =>
  profileOf({ x: vectors(rows, 3) }).columns[0] as VectorProfile;

const momentsOf = (rows: Rows) => vectorMomentsOf(Float64Array.from(rows.flat()), rows.length, 3);
const centroidOf = (rows: Rows): number[] =>
  [0, 1, 2].map((j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length);

const before: Rows = Array.from({ length: 40 }, (_, i) => [Math.sin(i), 2 + Math.cos(3 * i), i / 20]);
const after: Rows = Array.from({ length: 30 }, (_, i) => [Math.sin(i) - 1, 2 + Math.cos(5 * i), i / 30]);

describe('two profiles of vectors of one length', () => {
  it('have the test of their means, the distance of the centroids in the spread, and the angle between them', () => {
    for (const [reference, current] of [
      [before, after],
      [after, before],
    ] as const) {
      const [a, b] = [centroidOf(reference), centroidOf(current)];
      const dot = (u: readonly number[], v: readonly number[]): number => u.reduce((sum, x, j) => sum + x * v[j]!, 0);
      const spread = Math.sqrt(
        reference.reduce((sum, row) => sum + row.reduce((all, x, j) => all + (x - a[j]!) ** 2, 0), 0) /
          reference.length,
      );
      const found = measureVectorProfiles(profile(reference), profile(current));
      const means = componentMeans(momentsOf(reference), momentsOf(current), 'welch-student')!;
      expect(found.means).toEqual({ t: expect.closeTo(Math.abs(means.t!), 8), p: expect.closeTo(means.p, 10) });
      const apart = a.map((x, j) => b[j]! - x);
      expect(found.shift).toBeCloseTo(Math.sqrt(dot(apart, apart)) / spread, 10);
      expect(found.cosine).toBeCloseTo(1 - dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)), 10);
      expect(Math.abs(means.t!)).toBeGreaterThan(3);
    }
  });

  it('have no cosine below 0, and none of a centroid that is 0', () => {
    const same = measureVectorProfiles(profile(before), profile(before));
    expect(same).toMatchObject({ means: { t: 0, p: 1 }, shift: 0 });
    expect(same.cosine).toBeGreaterThanOrEqual(0);
    expect(same.cosine).toBeLessThan(1e-12);
    const about = [
      [1, 0, 0],
      [-1, 0, 0],
    ];
    expect(measureVectorProfiles(profile(about), profile(after))).toMatchObject({
      cosine: null,
      shift: expect.any(Number),
    });
    expect(measureVectorProfiles(profile(after), profile(about)).cosine).toBeNull();
  });

  it('have no distance without a spread, and differ surely where neither side varies', () => {
    const [flat, moved] = [Array.from({ length: 5 }, () => [1, 2, 3]), Array.from({ length: 6 }, () => [1, 2, 4])];
    const found = measureVectorProfiles(profile(flat), profile(moved));
    expect(found).toMatchObject({ means: { t: null, p: 0 }, shift: null });
    expect(measureVectorProfiles(profile(flat), profile(flat))).toMatchObject({ means: { t: 0, p: 1 }, shift: null });
  });

  it('have nothing where a side has no finite vector, and no test of one', () => {
    const none = { means: null, shift: null, cosine: null };
    const empty = profile([null, [Number.NaN, 1, 2]]);
    expect(measureVectorProfiles(empty, profile(after))).toEqual(none);
    expect(measureVectorProfiles(profile(after), empty)).toEqual(none);
    expect(measureVectorProfiles(profile([[1, 2, 3]]), profile(after))).toMatchObject({
      means: null,
      shift: null,
      cosine: expect.any(Number),
    });
  });

  it('are told from chance by their means, and by rows that are missing where there are any', () => {
    const gaps = (rows: Rows, count: number) => profile([...rows, ...Array.from({ length: count }, () => null)]);
    const pOf = (reference: VectorProfile, current: VectorProfile) => {
      const { p, findings } = compareProfiles(reference, current, { minimumRows: 0 });
      const [means, missing] = ['component_means/welch-student@1', 'missing_share/difference@1'].map(
        (name) => findings.find(({ measure }) => measure === name)?.p?.lower ?? 1,
      );
      return { p, means: means!, missing: missing! };
    };
    const full = pOf(profile(before), profile(after));
    expect(full.p).toEqual({ lower: full.means, upper: full.means });
    for (const found of [
      pOf(gaps(before, 20), profile(before)),
      pOf(profile(before), gaps(before, 20)),
      pOf(gaps(before, 3), gaps(before, 3)),
      pOf(gaps(before, 1), gaps(before, 30)),
    ]) {
      const p = Math.min(1, 2 * Math.min(found.means, found.missing));
      expect(found.p).toEqual({ lower: p, upper: p });
    }
    expect(pOf(gaps(before, 20), profile(before)).missing).toBeLessThan(0.01);
    // Of no vector at all only what is missing is left.
    const none = pOf(gaps([], 20), profile(before));
    expect(none.p).toEqual({ lower: none.missing, upper: none.missing });
    expect(none.missing).toBeLessThan(1e-6);
  });
});
