import { describe, expect, it } from 'vitest';
import { comparePerformance, errorOf } from '../../../src/stats/performance/compare-performance.ts';
import { noMetric, normalMetric, shareMetric, Z95 } from '../../../src/stats/performance/metric.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

const share = (hits: number, n: number) => shareMetric('accuracy', hits, n);
const ACCURACY = { name: 'accuracy', better: 'higher', minimum: 0.02 } as const;
const judge = (window: ReturnType<typeof share>, reference: ReturnType<typeof share>) =>
  comparePerformance({ accuracy: window }, { accuracy: reference }, { judged: [ACCURACY], alpha: 0.05 })[0]!;

describe('comparePerformance', () => {
  it('calls a window worse that fell by more than matters and more than chance gives', () => {
    const found = judge(share(700, 1000), share(8000, 10_000));
    expect(found).toMatchObject({ verdict: 'worse', value: 0.7, reference: 0.8, reason: null });
    expect(found.worsening).toBeCloseTo(0.1, 12);
    expect(found.p).toBeLessThan(1e-6);
    // The limit is where the verdict turns.
    expect(judge(share(Math.floor(found.limit! * 1000) - 2, 1000), share(8000, 10_000)).verdict).toBe('worse');
    expect(judge(share(Math.ceil(found.limit! * 1000) + 2, 1000), share(8000, 10_000)).verdict).toBe('no_worse');
  });

  it('is calm where a fall is sure but small, or large but of few rows', () => {
    expect(judge(share(79_000, 100_000), share(80_000, 100_000))).toMatchObject({ verdict: 'no_worse' });
    expect(judge(share(14, 20), share(8000, 10_000))).toMatchObject({ verdict: 'no_worse' });
    expect(judge(share(950, 1000), share(8000, 10_000))).toMatchObject({ verdict: 'no_worse' });
  });

  it('takes a loss the other way round', () => {
    const loss = (value: number) => ({ rmse: normalMetric('rmse', 100, { value, error: 0.1 }) });
    const policy = { judged: [{ name: 'rmse', better: 'lower', minimum: 0.1 } as const], alpha: 0.05 };
    expect(comparePerformance(loss(3), loss(2), policy)[0]).toMatchObject({ verdict: 'worse', worsening: 1 });
    expect(comparePerformance(loss(1), loss(2), policy)[0]).toMatchObject({ verdict: 'no_worse', worsening: -1 });
  });

  it('says why there is nothing to compare', () => {
    const none = noMetric('accuracy', 0, 'there are no predicted classes');
    expect(judge(none, share(8, 10))).toMatchObject({
      verdict: 'not_comparable',
      p: null,
      reason: 'the window has no value: there are no predicted classes',
    });
    expect(judge(share(8, 10), none).reason).toContain('the reference has no value');
    const certain = normalMetric('accuracy', 10, { value: 1, error: 0 });
    expect(judge(certain, share(8, 10)).reason).toContain('error');
  });

  it('says that nothing was measured where nothing was', () => {
    const policy = { judged: [ACCURACY], alpha: 0.05 };
    const missing = 'it was not measured';
    expect(comparePerformance({}, {}, policy)[0]?.reason).toBe(`the window has no value: ${missing}`);
    const [found] = comparePerformance({ accuracy: share(8, 10) }, {}, policy);
    expect(found).toMatchObject({ value: 0.8, reference: null, reason: `the reference has no value: ${missing}` });
    const none = noMetric('accuracy', 0, 'there are no predicted classes');
    expect(judge(share(8, 10), none).reason).toBe('the reference has no value: there are no predicted classes');
  });

  it('has limits at the least change that is neither too small nor chance, the level shared by what is compared', () => {
    const of = (value: number) => normalMetric('m', 100, { value, error: 0.1 });
    const judged = [
      { name: 'loss', better: 'lower', minimum: 0.1 },
      { name: 'gain', better: 'higher', minimum: 1 },
      { name: 'unknown', better: 'higher', minimum: 0 },
    ] as const;
    const compared = (loss: number, gain: number) =>
      comparePerformance({ loss: of(loss), gain: of(gain) }, { loss: of(2), gain: of(2) }, { judged, alpha: 0.1 });
    // Two of three are compared, each by a one-sided test at 5 %: 1.645 errors of a difference.
    const [loss, gain, unknown] = compared(2, 2);
    expect(loss).toMatchObject({ limit: expect.closeTo(2 + 0.1 * Math.SQRT2 * 1.6448536269514722, 9), p: 0.5 });
    expect(gain).toMatchObject({ limit: 1, verdict: 'no_worse', worsening: 0, reason: null });
    expect(unknown).toMatchObject({ limit: null, verdict: 'not_comparable' });
    // A change of just the minimum matters.
    expect(compared(2, 1)[1]).toMatchObject({ worsening: 1, verdict: 'worse' });
  });

  it('is certain where neither value has an error', () => {
    const certain = (value: number) => ({ ...share(8, 10), value, low: value, high: value });
    const against = (value: number, alpha = 0.05) =>
      comparePerformance(
        { accuracy: certain(value) },
        { accuracy: certain(0.5) },
        { judged: [{ ...ACCURACY, minimum: 0 }], alpha },
      )[0];
    expect(against(0.25)).toMatchObject({ p: 0, verdict: 'worse', worsening: 0.25, limit: 0.5 });
    expect(against(0.5)).toMatchObject({ p: 1, verdict: 'no_worse', worsening: 0 });
    expect(against(0.75)).toMatchObject({ p: 1, verdict: 'no_worse', worsening: -0.25 });
    // A level that everything keeps is none that anything is below.
    expect(against(0.5, 1)?.verdict).toBe('no_worse');
  });

  it('takes the error from the wider side of the interval, and none where an end is not known', () => {
    const interval = { ...share(8, 10), value: 0.5, low: 0.4, high: 0.8 };
    expect(errorOf(interval)).toBeCloseTo(0.3 / Z95, 12);
    expect(errorOf({ ...interval, low: 0.1 })).toBeCloseTo(0.4 / Z95, 12);
    for (const end of ['value', 'low', 'high'] as const) expect(errorOf({ ...interval, [end]: null })).toBeNull();
  });

  it('raises false alarms no more often than its level, looking at three metrics', () => {
    const random = xoshiro128(7);
    const draw = (n: number) => share(Array.from({ length: n }, () => random()).filter((u) => u < 0.8).length, n);
    const judged = ['a', 'b', 'c'].map((name) => ({ name, better: 'higher', minimum: 0 }) as const);
    const side = () => ({ a: draw(200), b: draw(200), c: draw(200) });
    let alarms = 0;
    for (let i = 0; i < 1000; i++) {
      const found = comparePerformance(side(), side(), { judged, alpha: 0.05 });
      alarms += Number(found.some(({ verdict }) => verdict === 'worse'));
    }
    expect(alarms / 1000).toBeLessThan(0.07);
    expect(alarms / 1000).toBeGreaterThan(0.025);
  });
});
