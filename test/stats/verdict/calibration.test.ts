import { describe, expect, it } from 'vitest';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { calibrate, calibrated, type HealthyEffect } from '../../../src/stats/verdict/calibration.ts';
import type { Finding } from '../../../src/stats/verdict/judgement.ts';

const MEASURE = 'wasserstein/reference-std@1';
const COLUMNS = Array.from({ length: 10 }, (_, i) => `c${i}`);

/** Windows in which column c9 moves four times as much as the others, as one with seasons does. */
function healthyWindows(count: number, seed: number): HealthyEffect[][] {
  const random = xoshiro128(seed);
  return Array.from({ length: count }, () =>
    COLUMNS.map((column) => ({
      column,
      measure: MEASURE,
      ratio: (Math.abs(normalDeviate(random)) / 1.96) * (column === 'c9' ? 4 : 1),
    })),
  );
}

const finding = (ratio: number): Finding => ({
  measure: MEASURE,
  value: 0.1 * ratio,
  direction: 'higher',
  nullMean: 0.05,
  null95: 0.1,
  limit: 0.1,
  p: null,
  q: null,
  parameters: {},
  reason: null,
});

/** Whether a window's effects reach the limits in so many columns. */
const alarms = (effects: readonly HealthyEffect[], calibration: ReturnType<typeof calibrate>, drifted = 1): boolean =>
  effects.filter(({ column, ratio }) => {
    const { value, limit } = calibrated(column, finding(ratio), calibration);
    return (value ?? 0) > (limit ?? 0);
  }).length >= drifted;

const shareOf = (windows: readonly HealthyEffect[][], calibration: ReturnType<typeof calibrate>, drifted = 1): number =>
  windows.filter((effects) => alarms(effects, calibration, drifted)).length / windows.length;

describe('a calibration', () => {
  it('lets so many healthy windows alarm as was chosen, whatever the number of columns', () => {
    const fresh = healthyWindows(20_000, 99);
    for (const perWindow of [0.05, 0.01]) {
      const shares = [1, 2, 3, 4, 5].map((seed) =>
        shareOf(fresh, calibrate(healthyWindows(1000, seed), { perWindow, drifted: 1 })),
      );
      const mean = shares.reduce((a, b) => a + b) / shares.length;
      expect(mean).toBeLessThan(perWindow * 1.25);
      expect(mean).toBeGreaterThan(perWindow * 0.6);
    }
  });

  it('lets no more of them alarm where it is made of a few weeks', () => {
    for (const [count, perWindow] of [
      [45, 0.05],
      [60, 0.05],
      [60, 1 / 30],
      [100, 0.02],
    ] as const) {
      const shares = Array.from({ length: 150 }, (_, seed) =>
        shareOf(
          healthyWindows(200, 5000 + seed),
          calibrate(healthyWindows(count, seed + 1), { perWindow, drifted: 1 }),
        ),
      );
      const mean = shares.reduce((a, b) => a + b) / shares.length;
      expect(mean).toBeLessThan(perWindow * 1.1);
      expect(mean).toBeGreaterThan(perWindow * 0.4);
    }
  });

  it('leaves the limits of the others what they were where what is looked at besides has a heavier tail', () => {
    const chosen = { perWindow: 0.05, drifted: 1 };
    const heavy = (count: number, seed: number): HealthyEffect[][] => {
      const random = xoshiro128(1000 + seed);
      return healthyWindows(count, seed).map((effects) => [
        ...effects,
        ...COLUMNS.map((column) => ({ column, measure: 'spread/log-ratio@1', ratio: random() ** -0.5 }) as const),
      ]);
    };
    const [alone, both] = [calibrate(healthyWindows(1000, 3), chosen), calibrate(heavy(1000, 3), chosen)];
    expect(both.factor / alone.factor).toBeGreaterThan(0.95);
    expect(both.factor / alone.factor).toBeLessThan(1.1);
    const beyond = (effects: readonly HealthyEffect[]): boolean =>
      effects.some(({ column, measure, ratio }) => ratio > both.factor * (both.scales[column]?.[measure] ?? 1));
    const share = heavy(20_000, 98).filter(beyond).length / 20_000;
    expect(share).toBeGreaterThan(0.035);
    expect(share).toBeLessThan(0.065);
  });

  it('leaves the limits of all others what they were where one column has new values on a day in many', () => {
    const unseen = 'unseen_share/difference@1';
    const chosen = { perWindow: 0.05, drifted: 1 };
    const withNew = (count: number, seed: number): HealthyEffect[][] => {
      const random = xoshiro128(2000 + seed);
      return healthyWindows(count, seed).map((effects, i) => [
        ...effects,
        // Of two columns each window has a few, of one it is the third day of four weeks that has a hundred.
        ...COLUMNS.map((column) => {
          const few = column === 'c1' || column === 'c2' ? Math.floor(-2 * Math.log(random())) : 0;
          return { column, measure: unseen, ratio: column === 'c0' && i % 28 === 3 ? 100 : few } as const;
        }),
      ]);
    };
    const [alone, both] = [calibrate(healthyWindows(1000, 3), chosen), calibrate(withNew(1000, 3), chosen)];
    expect(both.factor / alone.factor).toBeGreaterThan(0.95);
    expect(both.factor / alone.factor).toBeLessThan(1.1);
    const limitOf = (column: string): number => both.factor * (both.scales[column]?.[unseen] ?? 1);
    expect(limitOf('c0')).toBeGreaterThan(100);
    expect(limitOf('c1')).toBeGreaterThan(8);
    expect(limitOf('c1')).toBeLessThan(20);
    // A column that never had any: a few rows are enough.
    expect(limitOf('c5')).toBeGreaterThan(1);
    expect(limitOf('c5')).toBeLessThan(3);
    const beyond = (effects: readonly HealthyEffect[]): boolean =>
      effects.some(({ column, measure, ratio }) => ratio > both.factor * (both.scales[column]?.[measure] ?? 1));
    const share = withNew(20_000, 98).filter(beyond).length / 20_000;
    expect(share).toBeGreaterThan(0.035);
    expect(share).toBeLessThan(0.065);
  });

  it('counts the columns that an alarm takes', () => {
    const chosen = { perWindow: 0.05, drifted: 2 };
    const calibration = calibrate(healthyWindows(1000, 7), chosen);
    expect(calibration.factor).toBeLessThan(calibrate(healthyWindows(1000, 7), { ...chosen, drifted: 1 }).factor);
    expect(shareOf(healthyWindows(20_000, 98), calibration, 2)).toBeLessThan(0.065);
  });

  it('errs to the quiet side where there are too few windows to count the tail', () => {
    const calibration = calibrate(healthyWindows(60, 3), { perWindow: 1 / 720, drifted: 1 });
    expect(calibration.tail).toBe('extrapolated');
    expect(shareOf(healthyWindows(20_000, 97), calibration)).toBeLessThan(1 / 720);
    expect(calibrate(healthyWindows(60, 3), { perWindow: 0.05, drifted: 1 }).tail).toBe('counted');
  });

  it('takes windows that are drawn again and again for no more than they are', () => {
    const few = healthyWindows(18, 3);
    const drawn = Array.from({ length: 180 }, (_, i) => few[i % few.length] ?? []);
    const chosen = { perWindow: 1 / 52, drifted: 1 };
    expect(calibrate(drawn, chosen).tail).toBe('counted');
    const calibration = calibrate(drawn, { ...chosen, independent: 18 });
    expect(calibration.tail).toBe('extrapolated');
    expect(shareOf(healthyWindows(20_000, 97), calibrate(drawn, chosen))).toBeGreaterThan(2 / 52);
    expect(shareOf(healthyWindows(20_000, 97), calibration)).toBeLessThan(1 / 52);
  });

  it('makes a tail of more than the largest of seven windows where it is told to', () => {
    const chosen = { perWindow: 1 / 30, drifted: 1, independent: 7 };
    const drawn = (seed: number) => {
      const few = healthyWindows(7, seed);
      return Array.from({ length: 200 }, (_, i) => few[i % few.length] ?? []);
    };
    const factors = (tailFrom: number) =>
      Array.from({ length: 40 }, (_, seed) => calibrate(drawn(seed + 1), { ...chosen, tailFrom }).factor);
    const shares = Array.from({ length: 40 }, (_, seed) =>
      shareOf(healthyWindows(500, 997 + seed), calibrate(drawn(seed + 1), { ...chosen, tailFrom: 0.5 })),
    );
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeLessThan(1.3 / 30);
    // That of the largest alone is anything.
    expect(Math.max(...factors(0.5))).toBeLessThan(Math.max(...factors(0.8)) / 1.5);
  });

  it('knows that one column moves more than the others', () => {
    const { scales, factor } = calibrate(healthyWindows(1000, 5), { perWindow: 0.01, drifted: 1 });
    expect(scales.c9?.[MEASURE]).toBeCloseTo(4, 0);
    const calm = calibrated('c0', finding(1), calibrate(healthyWindows(1000, 5), { perWindow: 0.01, drifted: 1 }));
    // What is nothing in a restless column is something in a calm one.
    expect(calm.limit).toBeLessThan(0.1 * factor * 2);
  });

  it('never lowers a limit, and leaves tests alone', () => {
    const calibration = calibrate(healthyWindows(100, 2), { perWindow: 0.05, drifted: 1 });
    expect(calibrated('c0', { ...finding(1), limit: 5 }, calibration).limit).toBe(5);
    expect(calibrated('other', finding(1), calibration).limit).toBeCloseTo(0.1 * calibration.factor, 12);
    const test: Finding = { ...finding(1), measure: 'ks/two-sided@1' };
    expect(calibrated('c0', test, calibration)).toBe(test);
    expect(calibrated('c0', { ...finding(1), null95: null }, calibration).limit).toBe(0.1);
  });

  it('is the same for the same windows, and takes enough of them', () => {
    const chosen = { perWindow: 0.02, drifted: 1 };
    expect(calibrate(healthyWindows(100, 2), chosen)).toEqual(calibrate(healthyWindows(100, 2), chosen));
    expect(() => calibrate(healthyWindows(19, 2), chosen)).toThrow(RangeError);
  });
});
