import { describe, expect, it } from 'vitest';
import { type Column, isValid } from '../../../src/stats/column.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { calibrate, effectRatio } from '../../../src/stats/verdict/calibration.ts';
import { compareColumn } from '../../../src/stats/verdict/compare-column.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { JudgeColumn } from '../../../src/stats/verdict/judgement.ts';
import { LimitCalibration } from '../../../src/stats/verdict/limit-calibration.ts';
import { decides } from '../../../src/stats/verdict/select-measures.ts';
import { numbers, profileOf, texts } from '../columns.ts';

/** Rows of a column of numbers. */
function take(column: Column, rows: Int32Array): Column {
  if (column.kind !== 'number') throw new Error('columns of numbers');
  return numbers(Array.from(rows, (row) => (isValid(column.valid, row) ? column.values[row]! : null)));
}

const columnOf = (name: string, reference: Column, more: Partial<JudgeColumn> = {}): JudgeColumn => ({
  ...{ name, role: 'feature', profile: profileOf({ [name]: reference }).columns[0]!, reference, window: null },
  ...more,
});

const drawn = (rows: number, seed: number) => {
  const random = xoshiro128(seed);
  return numbers(Array.from({ length: rows }, () => normalDeviate(random)));
};

type Draw = { readonly reference: Int32Array; readonly window: Int32Array };

/** The pairs of rows that a calibration takes of a column. */
function drawsOf(given: { readonly rate: number; readonly n: number; readonly m: number }): Draw[] {
  const taken: Int32Array[] = [];
  const noted = (column: Column, rows: Int32Array): Column => {
    taken.push(rows);
    return take(column, rows);
  };
  new LimitCalibration(DEFAULT_POLICY, { ...given, take: noted }).add(columnOf('x', drawn(given.n, 1)));
  return taken.flatMap((rows, i) => (i % 2 === 0 ? [{ reference: rows, window: taken[i + 1]! }] : []));
}

const isSorted = (rows: Int32Array): boolean => rows.every((row, i) => i === 0 || rows[i - 1]! <= row);

describe('pairs of samples of a reference', () => {
  it('are so many that four of them may exceed the limits, and neither few nor beyond a thousand', () => {
    const windows = (rate: number) =>
      new LimitCalibration(DEFAULT_POLICY, { rate, n: 300, m: 100, take }).finish().windows;
    expect([0.5, 0.2, 0.19, 0.1, 0.004, 0.003].map(windows)).toEqual([20, 20, 22, 40, 1000, 1000]);
  });

  it('have no row twice where the reference has enough, each in the order of the table', () => {
    for (const [n, m, reference, window] of [
      [1500, 500, 1000, 500],
      [2400, 1200, 1000, 1000],
    ] as const) {
      const draws = drawsOf({ rate: 0.5, n, m });
      expect(draws).toHaveLength(20);
      for (const draw of draws) {
        expect([draw.reference.length, draw.window.length]).toEqual([reference, window]);
        expect(new Set([...draw.reference, ...draw.window]).size).toBe(reference + window);
        expect(isSorted(draw.reference) && isSorted(draw.window)).toBe(true);
      }
      // The rows of one pair are not those of the next.
      expect(draws[0]!.reference).not.toEqual(draws[1]!.reference);
    }
  });

  it('are drawn with replacement where it has not', () => {
    for (const { reference, window } of drawsOf({ rate: 0.5, n: 1499, m: 500 })) {
      expect([reference.length, window.length]).toEqual([1000, 500]);
      expect(new Set(reference).size).toBeLessThan(1000);
      expect(isSorted(reference) && isSorted(window)).toBe(true);
      expect(reference[0]!).toBeGreaterThanOrEqual(0);
      expect(reference.at(-1)!).toBeLessThan(1499);
      expect(reference.at(-1)!).toBeGreaterThan(1400);
    }
    expect(new LimitCalibration(DEFAULT_POLICY, { rate: 0.5, n: 80, m: 70, take }).rows).toEqual({
      reference: 80,
      window: 70,
    });
  });
});

describe('limits of pairs of samples', () => {
  const given = { rate: 0.2, n: 150, m: 60 };
  const x = columnOf('x', drawn(given.n, 3));
  const y = columnOf('y', numbers(Array.from({ length: given.n }, (_, i) => (i % 5 === 0 ? null : Math.sin(i)))));

  /** What each pair shows in some columns; a measure that is 0 in all of them tells nothing. */
  function effectsOf(columns: readonly JudgeColumn[]) {
    const effects = drawsOf(given).map(({ reference, window }) =>
      columns.flatMap((column) => {
        const sides = { reference: take(column.reference!, reference), window: take(column.reference!, window) };
        const { findings } = compareColumn({ ...column, ...sides }, { ...DEFAULT_POLICY, minimumRows: 0 });
        return findings.flatMap((finding) =>
          decides(finding.measure, DEFAULT_POLICY) ? (effectRatio(column.name, finding) ?? []) : [],
        );
      }),
    );
    const isShown = (column: string, measure: string): boolean =>
      effects.flat().some((one) => one.column === column && one.measure === measure && one.ratio > 0);
    return effects.map((pair) => pair.filter(({ column, measure }) => isShown(column, measure)));
  }

  const made = (columns: readonly JudgeColumn[], policy = DEFAULT_POLICY) => {
    const calibration = new LimitCalibration(policy, { ...given, take });
    for (const column of columns) calibration.add(column);
    return calibration.finish();
  };

  it('are those of the effects that decide, and may be lower than the usual ones', () => {
    const expected = calibrate(effectsOf([x, y]), { perWindow: 0.2, drifted: 1 });
    expect(made([x, y])).toEqual({ ...expected, lowers: true });
    expect(Object.keys(expected.scales)).toEqual(['x', 'y']);
    const missing = 'missing_share/difference@1';
    expect(expected.scales['x']?.[missing]).toBeUndefined();
    expect(expected.scales['y']?.[missing]).toBeGreaterThanOrEqual(1);
    // Whatever else the window has.
    expect(made([{ ...x, window: drawn(9, 9) }, y])).toEqual(made([x, y]));
  });

  it('are exceeded by as many columns as a drifted table takes, one at least', () => {
    const [none, two] = [0, 2].map((minimumDriftedColumns) =>
      made([x, y], { ...DEFAULT_POLICY, minimumDriftedColumns }),
    );
    expect(none).toEqual(made([x, y]));
    expect(two).toEqual({ ...calibrate(effectsOf([x, y]), { perWindow: 0.2, drifted: 2 }), lowers: true });
  });

  it('leave out segments, columns that are not there or have few values, and texts that are nearly all different', () => {
    const { length } = x.reference!;
    const ids = texts(Array.from({ length }, (_, i) => `id ${i}`));
    const rare = (count: number) =>
      columnOf('rare', numbers(Array.from({ length }, (_, i) => (i < count ? Math.cos(i) : null))));
    for (const left of [{ ...y, role: 'segment' as const }, { ...y, reference: null }, columnOf('id', ids), rare(49)]) {
      expect(made([x, left])).toEqual(made([x]));
    }
    expect(Object.keys(made([x, rare(50)]).scales)).toEqual(['x', 'rare']);
  });
});
