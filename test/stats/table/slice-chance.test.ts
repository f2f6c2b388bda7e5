import { describe, expect, it } from 'vitest';
import { shuffledRows } from '../../../src/stats/sampling/shuffle.ts';
import { type Uniform, xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { SliceChance } from '../../../src/stats/table/slice-chance.ts';
import type { SliceColumn } from '../../../src/stats/table/slice-columns.ts';
import { SliceCounts } from '../../../src/stats/table/slice-counts.ts';

type Draw = (random: Uniform, after: boolean) => readonly number[];
type Table = { readonly targets: readonly SliceColumn[]; readonly n: number; readonly rows: Uint8Array };

/** So many rows of codes in four bins for each target, the reference's first. */
function tableOf(draw: Draw, { n, m }: { readonly n: number; readonly m: number }): Table {
  const random = xoshiro128(11);
  const drawn = Array.from({ length: n + m }, (_, row) => draw(random, row >= n));
  const targets = drawn[0]!.map((_, t): SliceColumn => {
    return { name: `t${t}`, bins: 4, codes: Uint8Array.from(drawn, (row) => row[t]!), windowOnly: false, runs: [] };
  });
  return { targets, n, rows: new Uint8Array(n + m).fill(1) };
}

function counted({ targets, n, rows }: Table, keep: (row: number) => boolean = () => true): SliceCounts {
  const counts = SliceCounts.empty(targets);
  rows.forEach((open, row) => {
    if (open === 1 && keep(row)) counts.add(row, row < n ? 0 : 1);
  });
  return counts;
}

/** How the drift of these targets varies over many choices of rows that are left out at random. */
function spreadOf(table: Table, targets: readonly number[], out: { readonly ofN: number; readonly ofM: number }) {
  const { n, rows } = table;
  const open = Array.from(rows.keys()).filter((row) => rows[row] === 1);
  const [before, after] = [open.filter((row) => row < n), open.filter((row) => row >= n)];
  const random = xoshiro128(3);
  const drifts = Array.from({ length: 1000 }, () => {
    const gone = new Set([
      ...Array.from(shuffledRows(before.length, random).subarray(0, out.ofN), (i) => before[i]!),
      ...Array.from(shuffledRows(after.length, random).subarray(0, out.ofM), (i) => after[i]!),
    ]);
    const rest = counted(table, (row) => !gone.has(row));
    return targets.reduce((sum, t) => sum + rest.drift(t), 0);
  });
  const mean = drifts.reduce((sum, one) => sum + one, 0) / drifts.length;
  return { mean, spread: Math.sqrt(drifts.reduce((sum, one) => sum + (one - mean) ** 2, 0) / drifts.length) };
}

function errorOf(table: Table, targets: readonly number[], { ofN, ofM }: { ofN: number; ofM: number }): number {
  const all = counted(table);
  const inside = counted(table, (row) => row < ofN || (row >= table.n && row < table.n + ofM));
  return new SliceChance(table.targets, { rows: table.rows, n: table.n, all }).of(targets)(inside);
}

const pick = (random: Uniform, shares: readonly number[]): number => {
  const u = random();
  return shares.findIndex((_, i) => u < shares.slice(0, i + 1).reduce((sum, one) => sum + one, 0));
};

/** Two targets that move alike, and one that moves alone. */
const DRAW: Draw = (random, after) => {
  const one = pick(random, after ? [0.1, 0.2, 0.3, 0.4] : [0.4, 0.3, 0.2, 0.1]);
  return [one, random() < 0.9 ? one : 0, pick(random, after ? [0.5, 0.5] : [0.3, 0.3, 0.4])];
};

describe('the drift of what is left where rows are left out by chance', () => {
  const table = tableOf(DRAW, { n: 500, m: 400 });

  it.each([
    ['one target', [0], { ofN: 100, ofM: 100 }],
    ['another', [2], { ofN: 60, ofM: 120 }],
    ['targets that move together', [0, 1], { ofN: 100, ofM: 80 }],
    ['all of them', [0, 1, 2], { ofN: 200, ofM: 30 }],
    ['rows of one side', [0, 2], { ofN: 0, ofM: 100 }],
  ] as const)('has the error that many choices have: %s', (_, targets, out) => {
    const { mean, spread } = spreadOf(table, targets, out);
    const all = counted(table);
    const whole = targets.reduce<number>((sum, t) => sum + all.drift(t), 0);
    // The pooled share leans to the side of which more is left.
    expect(Math.abs(mean / whole - 1)).toBeLessThan(0.1);
    expect(errorOf(table, targets, out) / spread).toBeGreaterThan(0.9);
    expect(errorOf(table, targets, out) / spread).toBeLessThan(1.15);
  });

  it('is of the rows that are still looked at', () => {
    const some = { ...table, rows: table.rows.map((_, row) => (row % 3 === 0 ? 0 : 1)) };
    const out = { ofN: 60, ofM: 60 };
    const inside = SliceCounts.empty(some.targets);
    [inside.n, inside.m] = [60, 60];
    const found = new SliceChance(some.targets, { rows: some.rows, n: some.n, all: counted(some) }).of([0])(inside);
    expect(found / spreadOf(some, [0], out).spread).toBeGreaterThan(0.9);
    expect(found / spreadOf(some, [0], out).spread).toBeLessThan(1.1);
  });

  it('is that of two means, and of chi-square in the second order', () => {
    const [before, after] = [
      [0, 0, 0, 1, 1, 2],
      [0, 1, 2, 2, 2],
    ];
    const codes = [...before, ...after];
    const small = tableOf((_, late) => [late ? 1 : 0], { n: 6, m: 5 });
    const target = { ...small.targets[0]!, codes: Uint8Array.from(codes) };
    const made = { ...small, targets: [target] };
    const pulls = counted(made).pulls(0);
    const squaredError = (side: readonly number[], pull: Float64Array): number => {
      const values = side.map((code) => pull[code]!);
      const mean = values.reduce((sum, one) => sum + one, 0) / values.length;
      return values.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (values.length * (values.length - 1));
    };
    // Two of six and one of five are left out; three bins have rows.
    const means = (squaredError(before, pulls[0]) * 2) / 4 + (squaredError(after, pulls[1]) * 1) / 4;
    const more = 1 / 4 + 1 / 4 - 1 / 6 - 1 / 5;
    expect(errorOf(made, [0], { ofN: 2, ofM: 1 })).toBeCloseTo(Math.sqrt(means + 2 * 2 * more ** 2), 12);
    // Where both sides are alike there is nothing of the first order.
    const alike = tableOf((random) => [pick(random, [0.25, 0.25, 0.25, 0.25])], { n: 80, m: 80 });
    const twice = { ...alike.targets[0]!, codes: alike.targets[0]!.codes.map((_, row, all) => all[row % 80]!) };
    expect(errorOf({ ...alike, targets: [twice] }, [0], { ofN: 40, ofM: 40 })).toBeCloseTo(Math.sqrt(2 * 3) / 40, 12);
  });

  it('has none where no row is left out', () => {
    expect(errorOf(table, [0, 1, 2], { ofN: 0, ofM: 0 })).toBeCloseTo(0, 15);
  });
});
