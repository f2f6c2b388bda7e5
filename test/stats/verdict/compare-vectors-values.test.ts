import { describe, expect, it } from 'vitest';
import { shuffledRows } from '../../../src/stats/sampling/shuffle.ts';
import { sampleVectors } from '../../../src/stats/sampling/vector-sample.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { takeRows } from '../../../src/stats/table/matrix.ts';
import { compareVectors } from '../../../src/stats/verdict/compare-vectors.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import { vectorFindings } from '../../../src/stats/verdict/vector-findings.ts';
import { numbers, profileOf, vectors } from '../columns.ts';

/** The chance that rows are put in order with; the window has the next one. */
const SEED = 7;

type Rows = readonly (readonly number[] | null)[];

const drawn = (rows: number, seed: number, moved = 0): number[][] => {
  const random = xoshiro128(seed);
  return Array.from({ length: rows }, () => [random() + moved, 3 * random(), 4]);
};

const compared = (reference: Rows, window: Rows, policy: Partial<JudgePolicy> = {}, profiled: Rows = reference) => {
  const [r, w] = [vectors(reference, 3), vectors(window, 3)];
  const column = {
    ...{ name: 'x', role: 'feature' as const, reference: r, window: w },
    profile: profileOf({ x: vectors(profiled, 3) }).columns[0]!,
  };
  return compareVectors(column, { reference: r, window: w }, { ...DEFAULT_POLICY, ...policy });
};

const smallestOf = (ps: readonly number[]): number => Math.min(1, Math.min(...ps) * ps.length);

describe('a comparison of vectors', () => {
  const [full, other] = [drawn(60, 1), drawn(50, 2, 0.1)];
  const holed: Rows = [...other, null, null, [1, Number.NaN, 2]];

  it('counts rows, those without a vector and those with a component that is no number', () => {
    const none = { unseen: 0, below: 0, above: 0 };
    expect(compared(full, holed)).toMatchObject({
      kind: 'vector',
      incomparable: null,
      insufficient: null,
      fewValues: null,
      usable: { reference: 60, window: 50 },
      cells: 0,
      counts: { reference: { rows: 60, nulls: 0, nan: 0, ...none }, window: { rows: 53, nulls: 2, nan: 1, ...none } },
    });
    expect(compared(full.slice(0, 3), holed).insufficient).toMatch(/reference has 3 rows/);
    expect(
      compared(
        full,
        Array.from({ length: 60 }, () => null),
      ).fewValues,
    ).toMatch(/window has 0 values/);
  });

  it('is of rows in random order, each side with its own chance', () => {
    const order = (rows: number[][], seed: number) => {
      const { values } = sampleVectors(vectors(rows, 3));
      return takeRows({ rows: rows.length, columns: 3, values }, shuffledRows(rows.length, xoshiro128(seed)));
    };
    const pair = { x: order(full, SEED), y: order(other, SEED + 1) };
    const names = ['mmd/vectors/linear-time@2', 'mmd/vectors/landmarks@1'] as const;
    const { findings } = compared(full, holed, { measures: [...names] });
    for (const name of names) {
      const [expected] = vectorFindings([name], pair, DEFAULT_POLICY);
      expect(findings.find(({ measure }) => measure === name)).toEqual(expected);
    }
  });

  it('is decided by the smallest p of all tests, that of the missing share among them where any is missing', () => {
    for (const [reference, window, missing] of [
      [full, other, false],
      [full, holed, true],
      [[...full, null], other, true],
      [full, [...other, [Number.NaN, 1, 2]], true],
      [[...full, [Number.NaN, 1, 2]], other, true],
    ] as const) {
      const { findings, p } = compared(reference, window);
      const last = findings.at(-1)!;
      expect(last.measure).toBe('missing_share/difference@1');
      const tests = (missing ? findings : findings.slice(0, -1)).flatMap((one) => one.p ?? []);
      expect(tests.length).toBe(missing ? 3 : 2);
      expect(p).toBeCloseTo(smallestOf(tests), 12);
    }
  });

  it('has the change of the missing share, nulls and vectors with NaN together', () => {
    const { findings } = compared([...full, null], holed);
    expect(findings.at(-1)).toMatchObject({
      value: 3 / 53 - 1 / 61,
      parameters: { reference: 1 / 61, window: 3 / 53 },
    });
  });

  it('has the norms of both sides in the bins of the reference’s profile', () => {
    const { bins } = compared(full, holed);
    const edges = profileOf({ norm: numbers(full.map((row) => Math.hypot(...row))) }).columns[0]!;
    const known = edges.kind === 'number' ? edges.bins!.edges : [];
    expect(bins.map(({ upper }) => upper)).toEqual([...known, null, null].map((v) => v && expect.closeTo(v, 9)));
    const countOf = (rows: Rows, low: number, high: number): number =>
      rows.filter((row) => row !== null && Math.hypot(...row) > low && Math.hypot(...row) <= high).length;
    for (const bin of bins.filter(({ kind }) => kind === 'range').slice(1)) {
      expect(bin.window).toBe(countOf(other, bin.lower!, bin.upper!));
    }
    const sum = (side: 'reference' | 'window'): number => bins.reduce((all, bin) => all + bin[side], 0);
    expect([sum('reference'), sum('window')]).toEqual([60, 53]);
    expect(bins.at(-1)).toMatchObject({ kind: 'missing', reference: 0, window: 3 });
    const nothing = Array.from({ length: 60 }, () => null);
    expect(compared(full, nothing).bins.at(-1)).toMatchObject({ kind: 'missing', reference: 0, window: 60 });
    // A reference without a vector has no bins.
    expect(compared(full, other, {}, [null, null]).bins).toMatchObject([
      { kind: 'above', label: 'any number', reference: 60, window: 50 },
      { kind: 'missing', reference: 0, window: 0 },
    ]);
  });

  it('has of the rows without a vector as many in the bins as the sample is of the whole', () => {
    const side = (rows: number[][], whole: { rows: number; nulls: number; nan: number }) => ({
      ...sampleVectors(vectors(rows, 3)),
      whole,
    });
    const [r, w] = [side(full, { rows: 1_200, nulls: 800, nan: 280 }), side(other, { rows: 0, nulls: 0, nan: 0 })];
    const profile = profileOf({ x: vectors(full, 3) }).columns[0]!;
    const column = { name: 'x', role: 'feature' as const, reference: r, window: w, profile };
    const found = compareVectors(column, { reference: r, window: w }, DEFAULT_POLICY);
    // Half of 120 vectors are in the sample.
    expect(found.bins.at(-1)).toMatchObject({ kind: 'missing', reference: 400 + 140, window: 0 });
    expect(found.usable.reference).toBe(120);
  });
});
