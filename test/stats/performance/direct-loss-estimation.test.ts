import { describe, expect, it } from 'vitest';
import { estimateLoss } from '../../../src/stats/performance/direct-loss-estimation.ts';
import { Z95 } from '../../../src/stats/performance/metric.ts';
import { binFeature } from '../../../src/stats/table/binned-table.ts';

const column = (values: Float64Array) =>
  ({ kind: 'number', type: 'float64', length: values.length, values, valid: null, exact: null }) as const;

type Row = { readonly x: number; readonly label: number; readonly prediction: number };

/** Learns from these rows, and expects losses where x is as in the window. */
function estimate(reference: readonly Row[], window: readonly number[]) {
  const places = (length: number) => Int32Array.from({ length }, (_, i) => i);
  const pair = {
    name: 'x',
    reference: column(Float64Array.from(reference, ({ x }) => x)),
    window: column(Float64Array.from(window)),
  };
  return estimateLoss({
    features: [binFeature(pair, { reference: places(reference.length), window: places(window.length) })],
    labels: Float64Array.from(reference, ({ label }) => label),
    predictions: Float64Array.from(reference, ({ prediction }) => prediction),
    windowRows: window.length,
  });
}

const rows = (n: number, of: (i: number) => Row): Row[] => Array.from({ length: n }, (_, i) => of(i));
const half = ({ low, high }: { low: number | null; high: number | null }): number => (high! - low!) / 2;

describe('a loss that is the same everywhere', () => {
  const found = () =>
    estimate(
      rows(100, () => ({ x: 0, label: 4, prediction: 7 })),
      [0, 0, 0],
    );
  const expected = { mae: 3, mape: 0.75, mse: 9, rmse: 3, msle: Math.log(8 / 5) ** 2 };

  it('is expected as it was, without any doubt', () => {
    const { metrics, check, within } = found();
    for (const name of ['mae', 'mape', 'mse', 'rmse', 'msle'] as const) {
      const value = expect.closeTo(expected[name], 12);
      const said = { n: 3, method: `${name}/dle@1`, reason: null };
      expect(metrics[name]).toEqual({ value, low: value, high: value, ...said });
      expect(check[name]).toEqual({ estimated: value, realised: value });
      expect(within([2])[name]).toEqual({ value, low: value, high: value, ...said, n: 1 });
    }
  });

  it('is none of no rows', () => {
    const none = { value: null, low: null, high: null, n: 0, reason: 'no row of the window has a prediction' };
    const { within } = found();
    expect(within([]).mae).toEqual({ ...none, method: 'mae/dle@1' });
    expect(within([]).rmse).toEqual({ ...none, method: 'rmse/dle@1' });
  });
});

describe('the band of an expected loss', () => {
  it('is that of a mean of so many rows of the window, and of the reference that it was learnt from', () => {
    // On either half of the rows, odd and even, losses are 0 and 2.
    const { metrics, check } = estimate(
      rows(200, (i) => ({ x: 0, label: 0, prediction: i % 4 < 2 ? 0 : 2 })),
      rows(50, () => ({ x: 0, label: 0, prediction: 0 })).map(({ x }) => x),
    );
    expect(metrics.mae.value).toBeCloseTo(1, 12);
    expect(half(metrics.mae)).toBeCloseTo(Z95 * Math.sqrt(1 / 50 + 1 / 200), 12);
    expect(check.mae).toEqual({ estimated: expect.closeTo(1, 12), realised: 1 });
    // Squares are 0 and 4; the roots of their band's ends are those of its root.
    const { low, high } = metrics.mse;
    expect(half(metrics.mse)).toBeCloseTo(2 * Z95 * Math.sqrt(1 / 50 + 1 / 200), 12);
    expect(metrics.rmse).toMatchObject({ value: Math.sqrt(2), low: Math.sqrt(low!), high: Math.sqrt(high!) });
  });

  it('begins at nothing, which no loss is below', () => {
    const { metrics } = estimate(
      rows(200, (i) => ({ x: 0, label: 0, prediction: i % 4 < 2 ? 0 : 2 })),
      [0],
    );
    expect(metrics.mae).toMatchObject({ value: expect.closeTo(1, 12), low: 0 });
    expect(metrics.rmse.low).toBe(0);
  });

  it('is of the rows that expect as much, as often as the window has them', () => {
    // Where x is 1 the loss is 8 or 12, and 0 or 2 elsewhere: variances 4 and 1. Three quarters of the reference are elsewhere.
    const { metrics, check, within } = estimate(
      rows(800, (i) => {
        const [x, much] = [Number(i % 8 < 2), i % 16 < 8];
        return { x, label: 0, prediction: x === 1 ? (much ? 12 : 8) : much ? 2 : 0 };
      }),
      rows(100, (i) => ({ x: Number(i < 60), label: 0, prediction: 0 })).map(({ x }) => x),
    );
    expect(check.mae!.realised).toBeCloseTo(0.25 * 10 + 0.75, 12);
    // Sixty steps of a tenth leave a six-hundredth of the way.
    expect(Math.abs(metrics.mae.value! - 6.4)).toBeLessThan(0.02);
    const part = (variance: number, share: number, reference: number): number =>
      variance * (share / 100 + share ** 2 / reference);
    // Of the ten equal parts of what is expected two and a half are of the larger losses.
    expect(half(metrics.mae) / (Z95 * Math.sqrt(part(4, 0.6, 200) + part(1, 0.4, 600)))).toBeCloseTo(1, 2);
    const every = [...Array(100).keys()];
    const large = within(every.slice(0, 60)).mae;
    expect(Math.abs(large.value! - 10)).toBeLessThan(0.02);
    expect(half(large) / (Z95 * Math.sqrt(4 / 60 + 4 / 200))).toBeCloseTo(1, 2);
    const small = within(every.slice(60)).mae;
    expect(Math.abs(small.value! - 1)).toBeLessThan(0.02);
    expect(half(small) / (Z95 * Math.sqrt(1 / 40 + 1 / 600))).toBeCloseTo(1, 2);
  });
});

describe('a loss that few rows expect', () => {
  it('is one with the smaller ones, where no tenth of the reference ends in it', () => {
    // 62 in 100 rows expect 1, five 20 and the others 40, each with a spread of its own.
    const kind = (i: number): 0 | 1 | 2 => (i % 100 < 62 ? 0 : i % 100 < 67 ? 1 : 2);
    const [middle, spread] = [[1, 20, 40] as const, [1, 3, 5] as const];
    const { metrics } = estimate(
      rows(3_200, (i) => ({
        x: kind(i >> 2),
        label: 0,
        prediction: middle[kind(i >> 2)] + (i % 4 < 2 ? 1 : -1) * spread[kind(i >> 2)],
      })),
      rows(80, () => ({ x: 2, label: 0, prediction: 0 })).map(({ x }) => x),
    );
    expect(metrics.mae.value).toBeCloseTo(40, 0);
    expect(half(metrics.mae) / (Z95 * Math.sqrt(25 / 80 + 25 / (0.33 * 3_200)))).toBeCloseTo(1, 2);
  });

  it('has no upper end where that is beyond the range of numbers, nor has its root', () => {
    const { metrics } = estimate(
      rows(200, (i) => ({ x: 0, label: 0, prediction: i % 4 < 2 ? 0 : 1e100 })),
      [0, 0],
    );
    expect(metrics.mse).toMatchObject({ low: 0, high: null });
    expect(metrics.rmse).toMatchObject({ low: 0, high: null });
    expect(metrics.rmse.value! / Math.sqrt(5e199)).toBeCloseTo(1, 9);
  });
});

describe('the models of a loss', () => {
  it('are held against rows that they did not see', () => {
    // What even rows teach is wrong of odd ones: each half expects the other's loss.
    const { check, metrics } = estimate(
      rows(100, (i) => ({ x: 0, label: 0, prediction: i % 2 === 0 ? 1 : 3 })),
      [0, 0],
    );
    expect(check.mae).toEqual({ estimated: expect.closeTo(2, 12), realised: 2 });
    expect(metrics.mae.value).toBeCloseTo(2, 12);
    // Each row is off by the whole difference, and half of them are of those that expect the less.
    expect(metrics.mae.high! - 2).toBeCloseTo(Z95 * 2 * Math.sqrt(1 / 2 + 1 / 50), 12);
  });

  it('are none where there is too little to learn from', () => {
    const none = { value: null, low: null, high: null };
    const few = estimate(
      rows(99, () => ({ x: 0, label: 1, prediction: 2 })),
      [0, 0, 0],
    );
    const reason = 'the reference has 99 rows to learn from; 100 are needed';
    expect(few.metrics.mae).toEqual({ ...none, n: 3, method: 'mae/dle@1', reason });
    expect(few.metrics.rmse).toEqual({ ...none, n: 3, method: 'rmse/dle@1', reason });
    expect(few.within([0, 1]).msle).toEqual({ ...none, n: 2, method: 'msle/dle@1', reason });
    expect(few.check).toEqual({});
    const idle = estimate(
      rows(100, () => ({ x: 0, label: 1, prediction: 2 })),
      [],
    );
    expect(idle.metrics.mae).toEqual({
      ...none,
      n: 0,
      method: 'mae/dle@1',
      reason: 'no row of the window has a prediction',
    });
    expect(idle.check).toEqual({});
    // One label of 0 has no loss in parts of itself.
    const zero = estimate(
      rows(100, (i) => ({ x: 0, label: i === 7 ? 0 : 1, prediction: 2 })),
      [0, 0],
    );
    expect(zero.metrics.mape).toMatchObject({ ...none, reason: 'the reference has rows without such a loss' });
    expect(zero.check.mape).toBeUndefined();
    expect(zero.metrics.mae.value).toBeCloseTo(1.01, 12);
  });
});
