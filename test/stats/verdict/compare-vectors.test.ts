import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/stats/column.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { sampleVectors } from '../../../src/stats/sampling/vector-sample.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { componentDrift } from '../../../src/stats/table/embedding-drift.ts';
import { benjaminiHochberg } from '../../../src/stats/verdict/benjamini-hochberg.ts';
import { compareProfiles } from '../../../src/stats/verdict/compare-profiles.ts';
import { judge } from '../../../src/stats/verdict/judge.ts';
import { judgeProfiles } from '../../../src/stats/verdict/judge-profiles.ts';
import type { ColumnJudgement, Finding, JudgeColumn } from '../../../src/stats/verdict/judgement.ts';
import type { MeasureName } from '../../../src/stats/verdict/measures.ts';
import { numbers, profileOf, vectors } from '../columns.ts';

type Case = {
  readonly name: string;
  readonly x: number[][];
  readonly y: number[][];
  readonly centroid: { readonly euclidean: number; readonly scaled: number; readonly cosine: number };
  readonly wasserstein: number[];
  readonly ks: number[];
  readonly welch: number[];
  readonly student: number[];
};

// Made by generate_vectors.py beside it.
const { cases } = JSON.parse(
  readFileSync(new URL('../../fixtures/stats/vector-values.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

function pair(reference: Column, window: Column, name = 'emb'): JudgeColumn {
  return { name, role: 'feature', profile: profileOf({ [name]: reference }).columns[0]!, reference, window };
}

const one = (column: JudgeColumn, policy = {}): ColumnJudgement => judge({ columns: [column], policy }).columns[0]!;

function found({ findings }: ColumnJudgement, measure: MeasureName): Finding {
  const finding = findings.find((candidate) => candidate.measure === measure);
  if (finding === undefined) throw new Error(`no ${measure}`);
  return finding;
}

type Draw = (random: () => number) => number[];

/** Components that go together, as those of embeddings do. */
const EMBEDDING: Draw = (random) => {
  const [a, b] = [normalDeviate(random), normalDeviate(random)];
  return Array.from({ length: 12 }, (_, j) => a * Math.cos(j) + b * Math.sin(2 * j) + 0.3 * normalDeviate(random));
};

/** Without a variance: a few vectors are far longer than all others. */
const HEAVY: Draw = (random) => {
  const scale = 1 / Math.sqrt(-Math.log(1 - random()));
  return Array.from({ length: 12 }, () => scale * normalDeviate(random));
};

const drawn = (rows: number, seed: number, draw: Draw = EMBEDDING): number[][] => {
  const random = xoshiro128(seed);
  return Array.from({ length: rows }, () => draw(random));
};

const moved = (rows: number[][], by: number): number[][] => rows.map((row) => row.map((value) => value + by));

describe('a column of vectors', () => {
  it.each(cases)('has the distances that SciPy finds: $name', ({ x, y, centroid, welch, student }) => {
    const d = x[0]!.length;
    const means = ['component_means/welch@1', 'component_means/welch-student@1'] as const;
    const measures: MeasureName[] = [...means, 'centroid_distance/dealing@1'];
    const column = one(pair(vectors(x, d), vectors(y, d)), { measures, minimumRows: 1 });
    const close = (value: number | null, expected: number, tolerance = 1e-9): void =>
      expect(Math.abs((value ?? Number.NaN) - expected)).toBeLessThanOrEqual(tolerance * Math.max(1e-3, expected));
    close(found(column, 'centroid_distance/dealing@1').value, centroid.euclidean, 1e-8);
    close(found(column, 'centroid_distance/reference-spread@2').value, centroid.scaled, 1e-8);
    const least = (of: readonly number[]): number => Math.min(1, Math.min(...of) * d);
    const [ofWelch, p] = [least(welch), least(welch.map((one, j) => Math.max(one, student[j]!)))];
    expect(Math.abs((found(column, means[0]).p ?? 0) - ofWelch)).toBeLessThanOrEqual(1e-6 * ofWelch);
    expect(Math.abs((found(column, means[1]).p ?? 0) - p)).toBeLessThanOrEqual(1e-6 * p);
    const profiles = [x, y].map((rows) => profileOf({ emb: vectors(rows, d) }).columns[0]!);
    const stored = compareProfiles(profiles[0]!, profiles[1]!);
    close(
      stored.findings.find(({ measure }) => measure === 'centroid_distance/cosine@1')?.value ?? null,
      centroid.cosine,
      1e-6,
    );
    expect(Math.abs(stored.p.upper - p)).toBeLessThanOrEqual(1e-6 * p);
  });

  it.each(cases)('has the drift of components that SciPy finds: $name', ({ x, y, wasserstein, ks }) => {
    const matrix = (rows: number[][]) => ({
      rows: rows.length,
      columns: x[0]!.length,
      values: Float64Array.from(rows.flat()),
    });
    const found = componentDrift({ x: matrix(x), y: matrix(y) }, { level: 0.05, effect: 0.1 });
    const q = benjaminiHochberg(ks);
    found?.components.forEach((component, j) => {
      expect(Math.abs((component.distance ?? 0) - wasserstein[j]!)).toBeLessThan(1e-7);
      expect(Math.abs(component.q - q[j]!)).toBeLessThanOrEqual(1e-7 * q[j]!);
    });
    expect(found?.components).toHaveLength(x[0]!.length);
  });

  it('drifts by a spread that moves neither means nor a component far, where the spread is chosen', () => {
    const wider = drawn(300, 3).map((row) => row.map((value) => value * 1.3));
    const sides = pair(vectors(drawn(400, 1), 12), vectors(wider, 12));
    const chosen: MeasureName[] = ['spread/vectors/log-ratio@1', 'centroid_distance/reference-spread@2'];
    const spread = judge({ columns: [sides], policy: { measures: chosen } }).columns[0]!;
    expect(spread).toMatchObject({ verdict: 'drift', effect: { measure: chosen[0], limit: 0.1 } });
    expect(found(spread, chosen[0]!).value).toBeCloseTo(Math.log(1.3), 1);
    const still = pair(vectors(drawn(400, 1), 12), vectors(drawn(300, 3), 12));
    expect(judge({ columns: [still], policy: { measures: chosen } }).columns[0]?.verdict).toBe('no_drift');
  });

  it('drifts by a shift, by a change of shape in many components and by vectors that go missing, and says so', () => {
    const reference = drawn(800, 1);
    const shifted = one(pair(vectors(reference, 12), vectors(moved(drawn(300, 2), 0.5), 12)));
    expect(shifted).toMatchObject({ verdict: 'drift', kind: 'vector' });
    expect(shifted.effect?.measure).toBe('drifted_components/share@1');
    expect(found(shifted, 'centroid_distance/reference-spread@2').value).toBeGreaterThan(0.3);
    const wider = drawn(300, 3).map((row) => row.map((value) => value * 2));
    const spread = one(pair(vectors(reference, 12), vectors(wider, 12)));
    expect(spread.verdict).toBe('drift');
    expect(found(spread, 'mmd/vectors/landmarks@1').p).toBeLessThan(1e-6);
    const holes = drawn(300, 4).map((row, i) =>
      i % 3 === 0 ? null : i % 3 === 1 ? row : [...row.slice(1), Number.NaN],
    );
    const missing = one(pair(vectors(reference, 12), vectors(holes, 12)));
    expect(missing).toMatchObject({
      verdict: 'drift',
      effect: { measure: 'missing_share/difference@1', value: 2 / 3 },
    });
    expect(missing.counts.window).toMatchObject({ rows: 300, nulls: 100, nan: 100 });
    expect(missing.bins.at(-1)).toMatchObject({ kind: 'missing', reference: 0, window: 200 });
    expect(missing.bins.reduce((sum, bin) => sum + bin.window, 0)).toBe(300);
  });

  it('is quiet at the promised rate when nothing changed, also without a variance, and sees a small shift', () => {
    const trials = 150;
    for (const draw of [EMBEDDING, HEAVY]) {
      let alarms = 0;
      let tests = 0;
      for (let t = 0; t < trials; t++) {
        const column = one(pair(vectors(drawn(200, 2 * t, draw), 12), vectors(drawn(80, 2 * t + 1, draw), 12)));
        if (column.verdict === 'drift') alarms++;
        if ((column.p ?? 1) < 0.05) tests++;
      }
      // 0.05 of 150 are 7.5, with a deviation of 2.7.
      expect(alarms).toBeLessThanOrEqual(12);
      expect(tests).toBeLessThanOrEqual(15);
    }
    let seen = 0;
    for (let t = 0; t < 20; t++) {
      const window = vectors(moved(drawn(80, 2 * t + 1), 0.3), 12);
      if (one(pair(vectors(drawn(200, 2 * t), 12), window)).verdict === 'drift') seen++;
    }
    expect(seen).toBeGreaterThanOrEqual(18);
  });

  it('takes its place among the other columns, with one p-value', () => {
    const columns = [
      pair(vectors(drawn(300, 1), 12), vectors(moved(drawn(200, 2), 0.5), 12)),
      pair(numbers(drawn(300, 3).map(([v]) => v!)), numbers(drawn(200, 4).map(([v]) => v!)), 'n'),
    ];
    const { dataset, columns: judged } = judge({ columns });
    expect(dataset).toMatchObject({ verdict: 'drift', drifted: 1, judged: 2 });
    expect(judged[0]?.q).toBeCloseTo(Math.min(1, 2 * (judged[0]?.p ?? 1)), 12);
  });

  it('is told apart by a classifier on its components where one is asked for', () => {
    const measures: MeasureName[] = ['domain_classifier/components@1'];
    const policy = { measures };
    const reference = drawn(400, 1);
    // Means and variances stay: only how the components go together does not.
    const mixed = drawn(400, 2).map((row, i, all) =>
      row.map((value, j) => (j % 2 > 0 ? value : all[(i + 1) % 400]![j]!)),
    );
    const column = one(pair(vectors(reference, 12), vectors(mixed, 12)), policy);
    expect(found(column, 'domain_classifier/components@1').value).toBeGreaterThan(0.7);
    expect(column.p).toBeLessThan(1e-6);
    expect(one(pair(vectors(reference, 12), vectors(drawn(400, 3), 12)), policy).p).toBeGreaterThan(0.01);
  });

  it('gives the same for a sample that holds all of it, and the same twice', () => {
    const [x, y] = [vectors(drawn(200, 1), 12), vectors(drawn(100, 2), 12)];
    const column = one(pair(x, y));
    expect(one({ ...pair(x, y), reference: sampleVectors(x), window: sampleVectors(y) })).toEqual(column);
    expect(JSON.parse(JSON.stringify(column))).toEqual(column);
  });

  it.each<[string, Column, RegExp]>([
    ['another length', vectors([[1, 2, 3]], 3), /holds vector\[12\], the window vector\[3\]/],
    ['numbers', numbers(Array.from({ length: 60 }, (_, i) => i)), /the window float64/],
  ])('cannot be compared with %s', (_, window, why) => {
    const column = one(pair(vectors(drawn(60, 1), 12), window));
    expect(column).toMatchObject({ verdict: 'not_comparable', p: null });
    expect(column.why).toMatch(why);
  });

  it('went missing wholly where the other side has no value at all', () => {
    const reference = vectors(drawn(100, 1), 12);
    const nothing = Array.from({ length: 100 }, () => null);
    for (const window of [vectors(nothing, 12), numbers(nothing)]) {
      expect(one(pair(reference, window))).toMatchObject({
        verdict: 'drift',
        effect: { measure: 'missing_share/difference@1', value: 1 },
      });
    }
    expect(one(pair(reference, vectors([], 12)))).toMatchObject({ verdict: 'insufficient_data' });
    expect(one(pair(vectors(nothing, 12), vectors(nothing, 12)))).toMatchObject({ verdict: 'insufficient_data' });
  });

  it('is not moved by rounding where no vector differs, and wholly where the reference has but one', () => {
    const constant = (rows: number, value: number) => Array.from({ length: rows }, () => [value, 0.1, 1e6 / 3]);
    const judged = (by: number) => {
      const sides = [constant(777, 0.7), constant(310, 0.7 + by)] as const;
      const profiles = sides.map((rows) => profileOf({ emb: vectors(rows, 3) }, { batchRows: 100 }).columns[0]!);
      const [stored] = judgeProfiles([compareProfiles(profiles[0]!, profiles[1]!)]);
      return [one(pair(vectors(sides[0], 3), vectors(sides[1], 3))).verdict, stored?.verdict];
    };
    expect(judged(0)).toEqual(['no_drift', 'no_drift']);
    // From profiles alone no size can be told of what did not vary.
    expect(judged(1)).toEqual(['drift', 'no_drift']);
  });

  it('is judged from its profiles by the means of its components', () => {
    const profile = (rows: (number[] | null)[]) => profileOf({ emb: vectors(rows, 12) }).columns[0]!;
    const reference = profile(drawn(500, 1));
    const [same, shift] = judgeProfiles([
      compareProfiles(reference, profile(drawn(300, 2))),
      compareProfiles(reference, profile(moved(drawn(300, 3), 0.5))),
    ]);
    expect(same).toMatchObject({ verdict: 'no_drift' });
    expect(shift).toMatchObject({ verdict: 'drift' });
    expect(compareProfiles(reference, profileOf({ emb: vectors([[1, 2]], 2) }).columns[0]!).incomparable).toMatch(
      /vector/,
    );
  });
});
