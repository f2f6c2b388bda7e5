import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { factorOf, heldOut, scalesOf } from '../../../src/stats/verdict/calibration.ts';
import type { TableFinding } from '../../../src/stats/verdict/judgement.ts';
import { calibrateTables, type TableEffect, tableEffects } from '../../../src/stats/verdict/table-calibration.ts';
import { TABLE_MEASURES } from '../../../src/stats/verdict/table-measures.ts';

const MEASURE = 'slice_shift/mean-rank@2';
const COLUMNS = Array.from({ length: 8 }, (_, i) => `c${i}`);

/** Windows in which the last column moves three times as much as the others. */
function windowsOf(count: number, seed: number): TableEffect[][] {
  const random = xoshiro128(seed);
  return Array.from({ length: count }, () =>
    COLUMNS.map((column) => ({
      measure: MEASURE,
      column,
      ratio: (Math.abs(normalDeviate(random)) / 1.96) * (column === 'c7' ? 3 : 1),
    })),
  );
}

const exceeding = (windows: readonly TableEffect[][], made: ReturnType<typeof calibrateTables>): number => {
  const limit = made?.[MEASURE];
  const beyond = ({ column, ratio }: TableEffect): boolean =>
    ratio > (limit?.factor ?? 0) * (limit?.scales[column] ?? 1);
  return windows.filter((effects) => effects.some(beyond)).length / windows.length;
};

describe('limits of whole rows', () => {
  it('are exceeded by the share of healthy windows that is that of their measure', () => {
    const made = calibrateTables(windowsOf(1000, 3), { perWindow: 0.2, independent: 1000 });
    expect(made?.[MEASURE]).toMatchObject({ rate: 0.2 * 0.2, windows: 1000 });
    expect(made?.[MEASURE]?.scales['c7']).toBeGreaterThan(2.5);
    const share = exceeding(windowsOf(20_000, 9), made);
    expect(share).toBeLessThan(0.05);
    expect(share).toBeGreaterThan(0.025);
  });

  it('err to the quiet side where a few windows were drawn again and again', () => {
    const shares = Array.from({ length: 20 }, (_, seed) => {
      const few = windowsOf(28, seed + 1);
      const drawn = Array.from({ length: 200 }, (__, i) => few[i % few.length] ?? []);
      return exceeding(windowsOf(2000, 100 + seed), calibrateTables(drawn, { perWindow: 1 / 30, independent: 28 }));
    });
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeLessThan(0.2 / 30);
  });

  it('are none where nothing was found, of measures without a share, and of fewer windows than can be', () => {
    const given = { perWindow: 0.1, independent: 20 };
    expect(calibrateTables([], given)).toBeUndefined();
    expect(
      calibrateTables(
        Array.from({ length: 30 }, () => []),
        given,
      ),
    ).toBeUndefined();
    expect(calibrateTables(windowsOf(19, 1), given)).toBeUndefined();
    const others = Array.from({ length: 30 }, () => [
      { measure: 'domain_classifier/auc@1', column: 'a', ratio: 1 } as const,
    ]);
    expect(calibrateTables(others, given)).toBeUndefined();
  });
});

describe('the effects of whole rows', () => {
  it('are the candidates of every measure of a judgement', () => {
    const candidate = (column: string, ratio: number) =>
      ({ column, ratio, value: 1, p: 0.5, parameters: {}, contributions: [] }) as const;
    const table = [
      { measure: MEASURE, candidates: [candidate('a', 2), candidate('b', 3)] },
      { measure: 'domain_classifier/auc@1' },
      { measure: 'rank_correlations/largest-change@2', candidates: [candidate('a', 4)] },
    ] as unknown as readonly TableFinding[];
    expect(tableEffects({ table })).toEqual([
      { measure: MEASURE, column: 'a', ratio: 2 },
      { measure: MEASURE, column: 'b', ratio: 3 },
      { measure: 'rank_correlations/largest-change@2', column: 'a', ratio: 4 },
    ]);
    expect(tableEffects({})).toEqual([]);
  });

  it('have the limits of columns, each measure by itself, at its share', () => {
    const related = 'rank_correlations/largest-change@2';
    const windows = windowsOf(60, 4).map((effects, i) => [
      ...effects,
      { measure: related, column: 'c0', ratio: 0.2 + (i % 7) / 10 } as const,
    ]);
    const made = (independent: number) => calibrateTables(windows, { perWindow: 0.05, independent });
    for (const [measure, typical, rest, independent] of [
      [MEASURE, 0.95, {}, 40],
      [MEASURE, 0.75, { tailFrom: 0.5 }, 39],
      [related, 0.95, {}, 60],
    ] as const) {
      const own = windows.map((effects) => effects.filter((one) => one.measure === measure));
      const scales = scalesOf(own, typical);
      const perWindow = 0.05 * (TABLE_MEASURES[measure].share ?? 0);
      const { factor, counted } = factorOf(heldOut(own, scales, typical), scales, {
        ...{ perWindow, independent, drifted: 1 },
        ...rest,
      });
      // So few are rarer than they can show: it matters from where on they are a tail.
      expect(counted).toBe(false);
      expect(made(independent)?.[measure]).toEqual({
        factor,
        rate: perWindow,
        windows: independent,
        scales: Object.fromEntries([...scales].map(([column, by]) => [column, by.get(measure)])),
      });
    }
    expect(Object.keys(made(60) ?? {})).toEqual([MEASURE, related]);
    expect(made(60)?.[related]?.scales).toEqual({ c0: 1 });
    expect(calibrateTables(windows.slice(0, 20), { perWindow: 0.2, independent: 20 })).toBeDefined();
  });
});
