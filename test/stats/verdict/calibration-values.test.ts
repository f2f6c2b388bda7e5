import { describe, expect, it } from 'vitest';
import { chiSquareUpperPoint } from '../../../src/stats/special/chi-square.ts';
import {
  calibrate,
  calibrated,
  effectRatio,
  factorOf,
  type HealthyEffect,
  healthyEffects,
  heldOut,
  rarer,
  scalesOf,
  typicalOf,
} from '../../../src/stats/verdict/calibration.ts';
import type { Calibration, ColumnJudgement, Finding } from '../../../src/stats/verdict/judgement.ts';
import type { MeasureName } from '../../../src/stats/verdict/measures.ts';

const MEASURE = 'wasserstein/reference-std@1';
const OTHER = 'js_distance/base2/reference-edges@2';
const SPREAD = 'spread/log-ratio@1';
const UNSEEN = 'unseen_share/difference@1';

const finding = (given: Partial<Finding> = {}): Finding => ({
  ...{ measure: MEASURE, value: -0.6, direction: 'higher', nullMean: 0.05, null95: 0.2, limit: 0.1 },
  ...{ p: null, q: null, parameters: {}, reason: null },
  ...given,
});

const effect = (column: string, ratio: number, measure: MeasureName = MEASURE): HealthyEffect => ({
  column,
  measure,
  ratio,
});

/** 1 to n, in an order that is none. */
const mixed = (n: number): number[] => Array.from({ length: n }, (_, i) => 1 + ((7 * i) % n));
const windowsOf = (n: number): HealthyEffect[][] => mixed(n).map((ratio) => [effect('a', ratio)]);
const NO_SCALES = new Map<string, Map<string, number>>();

describe('an effect of a healthy window', () => {
  it('is its size in its own 95 % point', () => {
    expect(effectRatio('x', finding())).toEqual({ column: 'x', measure: MEASURE, ratio: 0.6 / 0.2 });
    expect(effectRatio('x', finding({ null95: 0 }))).toMatchObject({ ratio: 0 });
  });

  it('is none of a test, of what has no limit, no value or no point', () => {
    expect(effectRatio('x', finding({ measure: 'ks/two-sided@1' }))).toBeNull();
    for (const lacking of [{ limit: null }, { value: null }, { null95: null }]) {
      expect(effectRatio('x', finding(lacking))).toBeNull();
    }
  });

  it('is gathered of all columns of a judgement', () => {
    const columns = [
      { name: 'x', findings: [finding(), finding({ value: null }), finding({ measure: OTHER, value: 0.2 })] },
      { name: 'y', findings: [finding({ value: 0.1 })] },
    ] as unknown as readonly ColumnJudgement[];
    expect(healthyEffects({ columns })).toEqual([effect('x', 0.6 / 0.2), effect('x', 1, OTHER), effect('y', 0.5)]);
  });
});

describe('the scale of a column', () => {
  it('is what its effects of a measure typically are, at least 1', () => {
    const windows = mixed(20).map((ratio) => [
      effect('a', ratio),
      effect('a', 3 * ratio, OTHER),
      effect('b', ratio / 100),
    ]);
    const of = (typical: number) =>
      Object.fromEntries([...scalesOf(windows, typical)].map(([name, by]) => [name, Object.fromEntries(by)]));
    expect(of(0.75)).toEqual({ a: { [MEASURE]: 16, [OTHER]: 48 }, b: { [MEASURE]: 1 } });
    expect(of(0.95)).toEqual({ a: { [MEASURE]: 20, [OTHER]: 60 }, b: { [MEASURE]: 1 } });
    expect(of(1)).toEqual(of(0.95));
    expect(scalesOf([[effect('a', 7)]], 0.5)).toEqual(new Map([['a', new Map([[MEASURE, 7]])]]));
    expect(scalesOf([[], []], 0.5).size).toBe(0);
  });

  it('is for each window that of the others', () => {
    const windows = [5, 1, 9, 3, 7].map((ratio) => [effect('a', ratio), effect('b', ratio / 10)]);
    for (const typical of [0.2, 0.75, 0.95, 1]) {
      const scales = scalesOf(windows, typical);
      const held = heldOut(windows, scales, typical);
      windows.forEach((effects, i) => {
        const others = scalesOf(windows.toSpliced(i, 1), typical);
        expect(held[i]).toEqual(
          effects.map((one) => {
            const [all, without] = [scales, others].map((known) => known.get(one.column)!.get(MEASURE)!);
            return { ...one, ratio: one.ratio * (all! / without!) };
          }),
        );
      });
    }
    const equal = [4, 4, 4].map((ratio) => [effect('a', ratio)]);
    expect(heldOut(equal, scalesOf(equal, 0.5), 0.5)).toEqual(equal);
    const alone = [[effect('a', 7)], []];
    expect(heldOut(alone, scalesOf(alone, 0.5), 0.5)).toEqual(alone);
    expect(heldOut(windows, NO_SCALES, 0.95)[0]![0]!.ratio).toBe(5 / 9);
    const two = [[effect('a', 2)], [effect('a', 4)]];
    expect(heldOut(two, scalesOf(two, 0.9), 0.9).map(([one]) => one!.ratio)).toEqual([2, 8]);
  });

  it('is typical of nineteen in twenty windows, or of three in four of few', () => {
    expect([{}, { independent: 40 }, { independent: 39 }].map(typicalOf)).toEqual([0.95, 0.95, 0.75]);
  });
});

describe('what the largest effects exceed in a share of the windows', () => {
  it('is the one of a place, where there are windows enough', () => {
    const at = (perWindow: number, independent?: number) =>
      factorOf(windowsOf(40), NO_SCALES, {
        ...{ perWindow, drifted: 1 },
        ...(independent !== undefined && { independent }),
      });
    expect(at(0.05)).toEqual({ factor: 39, counted: true });
    expect(at(0.5)).toEqual({ factor: 21, counted: true });
    expect(at(1)).toEqual({ factor: 1, counted: true });
    // Of twenty windows that were drawn twice the largest, of ten the ninth.
    expect(at(0.05, 20)).toEqual({ factor: 40, counted: true });
    expect(at(0.2, 10)).toEqual({ factor: 36, counted: true });
    expect(at(0.05, 400)).toEqual(at(0.05));
  });

  it('is beyond the largest where they are too few, by an exponential tail', () => {
    const at = (given: { perWindow: number; independent?: number; tailFrom?: number }) =>
      factorOf(windowsOf(40), NO_SCALES, { ...given, drifted: 1 });
    /** Above a threshold so many, their mean distance from it, and the windows that these stand for. */
    const beyond = (threshold: number, tail: number, mean: number, degrees: number): number =>
      threshold + ((degrees * mean) / chiSquareUpperPoint(0.9, degrees)) * Math.log(tail / 40 / 0.01);
    expect(at({ perWindow: 0.01 })).toEqual({ factor: expect.closeTo(beyond(32, 8, 4.5, 16), 9), counted: false });
    expect(at({ perWindow: 0.01, independent: 10 }).factor).toBeCloseTo(beyond(32, 8, 4.5, 4), 9);
    expect(at({ perWindow: 0.01, independent: 2 }).factor).toBeCloseTo(beyond(32, 8, 4.5, 2), 9);
    expect(at({ perWindow: 0.01, tailFrom: 0.5 }).factor).toBeCloseTo(beyond(20, 20, 10.5, 40), 9);
  });

  it('is that of the column that makes the window drift, each effect in its scale', () => {
    const windows = mixed(20).map((i) => [
      effect('a', 100 * i),
      effect('b', 3 * i),
      effect('b', 7 * i, OTHER),
      effect('b', i),
      effect('c', 2 * i),
    ]);
    const scales = new Map([
      ['a', new Map([[MEASURE, 100]])],
      ['b', new Map([[OTHER, 2]])],
    ]);
    const of = (drifted: number): number => factorOf(windows, scales, { perWindow: 0.05, drifted }).factor;
    expect([1, 2, 3, 4].map(of)).toEqual([3.5 * 20, 2 * 20, 20, 0]);
  });
});

describe('a calibration', () => {
  const given = { perWindow: 0.4, drifted: 1 };
  const limitOf = ({ factor, scales }: Calibration, column: string, measure: MeasureName): number =>
    factor * (scales[column]?.[measure] ?? 1);

  it('says what it was made from', () => {
    expect(calibrate(windowsOf(20), given)).toEqual({
      method: 'largest-column/conformal@5',
      windows: 20,
      perWindow: 0.4,
      // The thirteenth of twenty, in a scale of the largest.
      factor: 13 / 20,
      tail: 'counted',
      scales: { a: { [MEASURE]: 20 } },
    });
    expect(calibrate(windowsOf(20), { ...given, perWindow: 0.01 }).tail).toBe('extrapolated');
    expect(calibrate(windowsOf(20), { ...given, independent: 20 }).scales['a']?.[MEASURE]).toBe(16);
    expect(() => calibrate(windowsOf(19), given)).toThrow('a calibration takes at least 20 windows');
  });

  it('gives a fifth of the false alarms to the spread', () => {
    const windows = mixed(40).map((i, k) => [effect('a', i), effect('b', 50 + mixed(40)[39 - k]!, SPREAD)]);
    const made = calibrate(windows, given);
    // Of forty, 8 % are exceeded by three: the 38th.
    expect(limitOf(made, 'b', SPREAD) / made.factor).toBeCloseTo((50 + 38) / (30 / 39), 9);
    expect(made.scales['a']).toEqual({ [MEASURE]: 39 });
    // A spread that never changes has no scale of its own.
    const still = windows.map(([first]) => [first!, effect('b', 0, SPREAD)]);
    expect(calibrate(still, given).scales['b']?.[SPREAD]).toBe(1);
    // Without any other effect there is nothing to be level with.
    const alone = windows.map((effects) => effects.slice(1));
    expect(calibrate(alone, given).scales['b']?.[SPREAD]).toBe(50 + 39);
  });

  it('gives a tenth to the unseen values of all columns, each for itself', () => {
    const windows = mixed(40).map((i) => [
      effect('a', i),
      ...(i > 20 ? [effect('b', 10 * i, UNSEEN)] : []),
      effect('c', 0, UNSEEN),
    ]);
    const perWindow = (0.4 * 0.1) / 2;
    const made = calibrate(windows, given);
    const usual = factorOf(
      windows.map(([first]) => [first!]),
      scalesOf(windows, 0.95),
      { ...given, perWindow: 0.4 * 0.7 },
    ).factor;
    const own = factorOf(
      windows.map((effects) => effects.filter(({ column }) => column === 'b')),
      NO_SCALES,
      { perWindow, drifted: 1 },
    );
    expect(own.counted).toBe(false);
    expect(made.scales['b']?.[UNSEEN]).toBeCloseTo(own.factor / usual, 9);
    // Chance alone: one window in twenty exceeds the point, and so many twentieths a multiple of it.
    expect(made.scales['c']?.[UNSEEN]).toBeCloseTo(Math.log(perWindow) / Math.log(0.05) / usual, 12);
    const two = calibrate(windows, { ...given, drifted: 2 });
    expect(two.scales['c']?.[UNSEEN]).toBe(1);
  });
});

describe('the limits of a calibration', () => {
  const made: Calibration = {
    ...{ method: 'largest-column/conformal@5', windows: 40, perWindow: 0.01, factor: 3, tail: 'counted' },
    scales: { x: { [MEASURE]: 2 } },
  };

  it('are raised for a rarer alarm by an exponential tail', () => {
    expect(rarer(made, 10)).toEqual({ ...made, factor: expect.closeTo(3 * 1.5, 12) });
    expect(rarer(made, 1)).toEqual(made);
    expect(rarer(made, 0.1)).toEqual(made);
  });

  it('are the factor in the scale of a column and the point of an effect, where that is above its own', () => {
    expect(calibrated('x', finding(), made)).toEqual(finding({ limit: expect.closeTo(3 * 2 * 0.2, 12) }));
    expect(calibrated('y', finding(), made)).toEqual(finding({ limit: expect.closeTo(3 * 0.2, 12) }));
    const high = finding({ limit: 1.3 });
    expect(calibrated('x', high, made)).toBe(high);
    for (const lacking of [{ measure: 'ks/two-sided@1' as const }, { limit: null }, { null95: null }]) {
      const kept = finding(lacking);
      expect(calibrated('x', kept, made)).toBe(kept);
      expect(calibrated('x', kept, { ...made, lowers: true })).toBe(kept);
    }
  });

  it('may be below its own where the calibration says so, unless the policy names one', () => {
    const lower = { ...made, lowers: true };
    const high = finding({ limit: 9 });
    expect(calibrated('x', high, lower).limit).toBeCloseTo(1.2, 8);
    expect(calibrated('x', high, lower).limit).toBeGreaterThan(1.2);
    expect(calibrated('x', high, lower, { [OTHER]: 5 }).limit).toBeCloseTo(1.2, 8);
    expect(calibrated('x', high, lower, { [MEASURE]: 9 })).toBe(high);
    // Nothing was found out of the measure, or of the column.
    expect(calibrated('y', high, lower)).toBe(high);
    expect(calibrated('x', finding({ measure: OTHER, limit: 9 }), lower).limit).toBe(9);
  });
});
