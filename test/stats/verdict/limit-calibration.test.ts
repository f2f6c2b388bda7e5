import { describe, expect, it } from 'vitest';
import { selectRows } from '../../../src/formats/columns/select-rows.ts';
import type { Column, NumberColumn } from '../../../src/stats/column.ts';
import { DEFAULT_POLICY, type JudgeColumn, judge } from '../../../src/stats/index.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { LimitCalibration } from '../../../src/stats/verdict/limit-calibration.ts';
import { numbers, profileOf, texts } from '../columns.ts';

const take = (column: Column, rows: Int32Array): Column =>
  selectRows({ rows: column.length, columns: [column] }, rows).columns[0]!;

function drawTable(rows: number, seed: number): { name: string; column: Column }[] {
  const random = xoshiro128(seed);
  const number = (): NumberColumn => numbers(Array.from({ length: rows }, () => normalDeviate(random)));
  const text = texts(Array.from({ length: rows }, () => `t${Math.floor(8 * random() ** 2)}`));
  return [
    { name: 'a', column: number() },
    { name: 'b', column: number() },
    { name: 'c', column: text },
  ];
}

function columnsOf(reference: ReturnType<typeof drawTable>, window: ReturnType<typeof drawTable>): JudgeColumn[] {
  return reference.map(({ name, column }, i) => ({
    name,
    role: 'feature',
    profile: profileOf({ [name]: column }).columns[0]!,
    reference: column,
    window: window[i]!.column,
  }));
}

function calibrated(reference: ReturnType<typeof drawTable>, m: number, rate: number) {
  const n = reference[0]!.column.length;
  const calibration = new LimitCalibration(DEFAULT_POLICY, { rate, n, m, take });
  for (const column of columnsOf(reference, reference)) calibration.add(column);
  return calibration.limits();
}

describe('LimitCalibration', () => {
  it('finds limits that healthy tables reach as often as was asked for', () => {
    const reference = drawTable(1500, 1);
    const { limits, resamples, rows } = calibrated(reference, 400, 0.1);
    expect(resamples).toBe(40);
    expect(rows).toEqual({ reference: 1000, window: 400 });
    let beyond = 0;
    const trials = 60;
    for (let t = 0; t < trials; t++) {
      const { columns } = judge({ columns: columnsOf(reference, drawTable(400, 100 + t)), policy: { limits } });
      const reached = columns.some(({ findings }) =>
        findings.some(({ measure, value, limit }) => limits[measure] !== undefined && Math.abs(value ?? 0) >= limit!),
      );
      if (reached) beyond++;
    }
    // A tenth of sixty tables, and three standard errors of both the limits and the trials.
    expect(beyond / trials).toBeLessThan(0.35);
    expect(beyond).toBeGreaterThan(0);
  }, 60_000);

  it('brings them to the size of the tables, and gives the same ones for ever', () => {
    const reference = drawTable(1200, 2);
    const small = calibrated(reference, 300, 0.2);
    const large = calibrated(reference, 30_000, 0.2);
    const measure = 'wasserstein/reference-std@1';
    expect(large.limits[measure]!).toBeLessThan(small.limits[measure]!);
    expect(calibrated(reference, 300, 0.2)).toEqual(small);
    expect(Object.keys(small.limits).sort()).toEqual([
      'js_distance/base2/reference-edges@1',
      'wasserstein/reference-std@1',
    ]);
  }, 60_000);
});
