import { beforeAll, describe, expect, it } from 'vitest';
import type { PerformanceAlarm, PerformanceJudgement } from '../../../schemas/wire/performance.ts';
import { weighPerformance } from '../../../src/domain/performance/performance-looks.ts';
import { comparePerformance } from '../../../src/stats/performance/compare-performance.ts';
import type { Metric } from '../../../src/stats/performance/metric.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';

const ALPHA = 0.05;

const compared = (verdict: 'worse' | 'no_worse', p: number): PerformanceJudgement['comparisons'][number] => ({
  ...{ metric: 'accuracy', better: 'higher', value: 0.7, reference: 0.8, worsening: 0.1, minimum: 0.02, limit: 0.75 },
  ...{ p, verdict, reason: null },
});

const judged = (p: number | null): PerformanceJudgement => {
  const verdict = p === null ? 'waiting' : p < ALPHA ? 'worse' : 'no_worse';
  const comparisons = verdict === 'waiting' ? [] : [compared(verdict, p ?? 1)];
  return { verdict, why: '', waits_until: null, alpha: ALPHA, comparisons };
};

/** What the last of judgements of more and more labels is to the alert. */
const weigh = (ps: readonly (number | null)[], labels = ps.map((_, i) => 100 * (i + 1))): PerformanceAlarm | null =>
  ps.reduce<PerformanceAlarm | null>(
    (before, p, i) => weighPerformance({ judgement: judged(p), labelled: labels[i] ?? 0, revision: 1 }, before),
    null,
  );

describe('looks at the labels of a window', () => {
  it('have the whole level at first, and later what is left of a quarter of it', () => {
    expect(weigh([0.04])).toMatchObject({ look: 1, alarms: true, needed_chance: null, why: null });
    const late = weigh([0.5, 0.04]);
    expect(late).toMatchObject({ look: 2, alarms: false, alarmed: false });
    expect(late?.chance).toBeCloseTo(0.04, 12);
    expect(late?.needed_chance).toBeCloseTo(ALPHA / 24, 12);
    expect(late?.why).toMatch(/look 2 takes 0\.00208 or less, so it raises no alert\.$/);
    expect(weigh([0.5, 0.002])).toMatchObject({ look: 2, alarms: true, alarmed: true });
    expect(weigh([0.5, 0.006], [1000, 1001])).toMatchObject({ alarms: true });
  });

  it('count from when the window is judged, and labels that say the same once', () => {
    expect(weigh([null])).toBeNull();
    expect(weigh([null, null, 0.04])).toMatchObject({ look: 1, alarms: true });
    expect(weigh([0.5, 0.5, 0.5], [100, 100, 100])).toMatchObject({ look: 1 });
    expect(weigh([0.5, 0.04], [100, 100])).toMatchObject({ look: 2, alarms: false });
  });

  it('need no more of a worsening that has alarmed, which may come back', () => {
    expect(weigh([0.04, 0.5])).toMatchObject({ look: 2, alarms: false, alarmed: true });
    expect(weigh([0.04, 0.5, 0.04])).toMatchObject({ look: 3, alarms: true });
    expect(weigh([0.04, null, 0.04])).toMatchObject({ look: 2, alarms: true });
  });

  it('begin anew with another configuration', () => {
    const before = weigh([0.5, 0.5]);
    expect(weighPerformance({ judgement: judged(0.04), labelled: 300, revision: 2 }, before)).toMatchObject({
      ...{ look: 1, revision: 2, alarms: true, first_labelled: 300 },
    });
  });

  it('take what has no chance at all for as rare as can be said', () => {
    const found = weigh([0.5, 0]);
    expect(found).toMatchObject({ alarms: true, chance: ALPHA / 1e300 });
    expect(JSON.parse(JSON.stringify(found))).toEqual(found);
  });
});

const FIRST = 100;
const LOOKS = 10;
const WINDOWS = 2000;
const RIGHT = 0.8;

const accuracyOf = (right: number, n: number): Metric => {
  const value = right / n;
  const half = 1.96 * Math.sqrt((value * (1 - value)) / n);
  return { value, low: value - half, high: value + half, n, method: 'wald', reason: null };
};

/** The look at which a window alarms, by those before it and by each alone; Infinity: at none. */
function watch(random: () => number, later: number) {
  const reference = { accuracy: accuracyOf(RIGHT * 1e6, 1e6) };
  let [right, spent, free] = [0, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  let alarm: PerformanceAlarm | null = null;
  for (let look = 1; look <= LOOKS; look++) {
    for (let i = 0; i < FIRST; i++) if (random() < (look === 1 ? RIGHT : later)) right++;
    const labelled = look * FIRST;
    const judgedMetrics = [{ name: 'accuracy', better: 'higher', minimum: 0.01 } as const];
    const given = { judged: judgedMetrics, alpha: ALPHA };
    const comparisons = comparePerformance({ accuracy: accuracyOf(right, labelled) }, reference, given);
    const worse = comparisons.some(({ verdict }) => verdict === 'worse');
    const judgement = { why: '', waits_until: null, alpha: ALPHA, comparisons, verdict: worse ? 'worse' : 'no_worse' };
    if (worse) free = Math.min(free, look);
    alarm = weighPerformance({ judgement: judgement as PerformanceJudgement, labelled, revision: 1 }, alarm);
    if (alarm?.alarms === true) spent = Math.min(spent, look);
  }
  return { spent, free };
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

describe('windows whose labels come in tenths, judged each time', () => {
  let healthy: readonly { readonly spent: number; readonly free: number }[];
  beforeAll(() => {
    const random = xoshiro128(5);
    healthy = Array.from({ length: WINDOWS }, () => watch(random, RIGHT));
  });

  it('alarm about as often as at one look while nothing got worse, which they would not without a budget', () => {
    const share = (of: 'spent' | 'free', until = LOOKS) => healthy.filter((one) => one[of] <= until).length / WINDOWS;
    const error = Math.sqrt((ALPHA * (1 - ALPHA)) / WINDOWS);
    const once = share('free', 1);
    expect(share('spent')).toBeLessThan(once + ALPHA / 4 + 2 * error);
    expect(share('free')).toBeGreaterThan(2.5 * once);
  });

  it('alarm soon where what comes late is worse', () => {
    const random = xoshiro128(6);
    const found = Array.from({ length: 400 }, () => watch(random, RIGHT - 0.1));
    expect(median(found.map(({ spent }) => spent))).toBeLessThanOrEqual(5);
    expect(found.filter(({ spent }) => spent === Number.POSITIVE_INFINITY).length).toBeLessThan(4);
    expect(Number(median(found.map(({ spent }) => spent)) - median(found.map(({ free }) => free)))).toBeLessThan(3);
  });
});
