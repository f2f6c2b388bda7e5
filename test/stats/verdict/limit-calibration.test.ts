import { describe, expect, it } from 'vitest';
import { selectRows } from '../../../src/formats/columns/select-rows.ts';
import type { Column, NumberColumn } from '../../../src/stats/column.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { DEFAULT_POLICY, judge } from '../../../src/stats/verdict/judge.ts';
import type { Calibration, ColumnJudgement, JudgeColumn } from '../../../src/stats/verdict/judgement.ts';
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
  const found = new LimitCalibration(DEFAULT_POLICY, { rate, n, m, take });
  for (const column of columnsOf(reference, reference)) found.add(column);
  return { calibration: found.finish(), rows: found.rows };
}

/** The limits of a column at the sizes of two tables. */
function limitsOf(name: string, columns: readonly JudgeColumn[], calibration: Calibration, policy = {}) {
  const judged = judge({ columns, policy: { calibration, ...policy } }).columns.find((column) => column.name === name)!;
  return Object.fromEntries(judged.findings.map(({ measure, limit }) => [measure, limit]));
}

/** Whether an effect of a column reaches its limit. */
const reaches = ({ findings }: ColumnJudgement): boolean =>
  findings.some(
    ({ measure, value, limit }) => DECIDING.has(measure) && limit !== null && Math.abs(value ?? 0) >= limit,
  );

const W = 'wasserstein/reference-std@1';
const JS = 'js_distance/base2/reference-edges@2';
const DECIDING = new Set([W, JS]);

describe('LimitCalibration', () => {
  it('finds limits that healthy tables reach as often as was asked for', () => {
    const reference = drawTable(1500, 1);
    const { calibration, rows } = calibrated(reference, 400, 0.1);
    expect(calibration).toMatchObject({ windows: 40, tail: 'counted' });
    expect(rows).toEqual({ reference: 1000, window: 400 });
    let beyond = 0;
    const trials = 60;
    for (let t = 0; t < trials; t++) {
      const { columns } = judge({ columns: columnsOf(reference, drawTable(400, 100 + t)), policy: { calibration } });
      if (columns.some(reaches)) beyond++;
    }
    // A tenth of sixty tables, and three standard errors of both the limits and the trials.
    expect(beyond / trials).toBeLessThan(0.35);
    expect(beyond).toBeGreaterThan(0);
  });

  it('brings them to the size of the tables, and gives the same ones for ever', () => {
    const reference = drawTable(1200, 2);
    const at = (m: number) =>
      limitsOf('a', columnsOf(reference, drawTable(m, 3)), calibrated(reference, m, 0.2).calibration);
    const [small, large] = [at(300), at(30_000)];
    expect(large[W]!).toBeLessThan(small[W]!);
    expect(at(300)).toEqual(small);
  });

  it('lets no column raise the limits of another, whatever its tail', () => {
    const random = xoshiro128(11);
    const draw = (rows: number, shift = 0) => [
      { name: 'x', column: numbers(Array.from({ length: rows }, () => normalDeviate(random) + shift)) },
      { name: 'heavy', column: numbers(Array.from({ length: rows }, () => random() ** -0.6)) },
      {
        name: 'rare',
        column: numbers(Array.from({ length: rows }, (_, i) => (i % 20 === 3 ? normalDeviate(random) : null))),
      },
      { name: 'rarest', column: numbers(Array.from({ length: rows }, (_, i) => (i % 700 === 3 ? i : null))) },
    ];
    const reference = draw(2000);
    const [alone, all] = [reference.slice(0, 1), reference].map((table) => calibrated(table, 2000, 0.05).calibration);
    const window = draw(2000);
    const own = limitsOf('x', columnsOf(reference.slice(0, 1), window.slice(0, 1)), alone!);
    const among = limitsOf('x', columnsOf(reference, window), all!);
    // One of four columns has a rarer limit than the only one, by the tail of a normal law, no more.
    expect(among[W]! / own[W]!).toBeLessThan(1.5);
    expect(limitsOf('heavy', columnsOf(reference, window), all!)[W]!).toBeGreaterThan(1.3 * among[W]!);
    let beyond = 0;
    const trials = 80;
    for (let t = 0; t < trials; t++) {
      const { columns } = judge({ columns: columnsOf(reference, draw(2000)), policy: { calibration: all! } });
      if (columns.some(({ verdict }) => verdict === 'drift')) beyond++;
    }
    expect(beyond / trials).toBeLessThan(0.12);
    // What so few rows have is not judged, and has no limits.
    expect(all?.scales['rarest']).toBeUndefined();
    const moved = judge({ columns: columnsOf(reference, draw(2000, 0.13)), policy: { calibration: all! } });
    expect(moved.columns.map(({ verdict }) => verdict)).toEqual(['drift', 'no_drift', 'no_drift', 'insufficient_data']);
  });

  it('says where the samples do not show a rate so rare, and leaves limits alone that were chosen', () => {
    const reference = drawTable(600, 4);
    const columns = columnsOf(reference, reference);
    const rare = new LimitCalibration(DEFAULT_POLICY, { rate: 0.0005, n: 600, m: 300, take });
    rare.add(columns[0]!);
    const { tail, windows } = rare.finish();
    expect({ tail, windows }).toEqual({ tail: 'extrapolated', windows: 1000 });
    const { calibration } = calibrated(reference, 300, 0.2);
    const limits = limitsOf('a', columns, calibration, { limits: { [W]: 0.7 } });
    expect(limits[W]).toBe(0.7);
    expect(limits[JS]).not.toBe(0.1);
    // No row is without a value, so of those nothing is found out.
    expect(limits['missing_share/difference@1']).toBe(0.05);
  });
});
