import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../../../src/domain/configuration/config.ts';
import type { Measured } from '../../../src/domain/outcome/measure-outcomes.ts';
import { judgePerformance } from '../../../src/domain/performance/judge-performance.ts';
import { shareMetric } from '../../../src/stats/performance/metric.ts';

const DAY = 86_400_000;
const config = defaultConfig({ task: 'multiclass', roles: { ignore: [] } });

const measured = (hits: number, n: number): Measured => ({
  task: 'multiclass',
  positive_label: null,
  metrics: { accuracy: shareMetric('accuracy/wilson@1', hits, n) },
  confusion: null,
  reason: null,
});
const evidence = {
  measured: measured(700, 1000),
  reference: measured(8000, 10_000),
  rows: 1000,
  labelled: 1000,
  end: 0,
  now: DAY,
};

describe('judgePerformance', () => {
  it('waits for labels, says for how many and how long, and judges what has come by then', () => {
    const few = { ...evidence, labelled: 300 };
    expect(judgePerformance(few, config)).toEqual({
      verdict: 'waiting',
      why: '300 of 1000 predictions have a label; it is judged at 90 %, or at 1970-01-08T00:00:00.000Z with what has come.',
      waits_until: '1970-01-08T00:00:00.000Z',
      alpha: 0.05,
      comparisons: [],
    });
    expect(judgePerformance({ ...few, now: 7 * DAY }, config).verdict).toBe('worse');
    expect(judgePerformance({ ...few, now: 7 * DAY, labelled: 49 }, config).verdict).toBe('insufficient_data');
    const patient = { ...config, performance: { minimum_coverage: 0.25 } };
    expect(judgePerformance(few, patient).verdict).toBe('worse');
    expect(judgePerformance(few, { ...config, performance: { judge_after_seconds: 0 } }).verdict).toBe('worse');
  });

  it('names what got worse, with its limit', () => {
    const { verdict, why, comparisons } = judgePerformance(evidence, config);
    expect(verdict).toBe('worse');
    expect(why).toMatch(/^Worse than the reference: Accuracy 0\.7 where the reference has 0\.8 \(limit 0\.77\d?\)\.$/);
    expect(comparisons.map(({ metric }) => metric)).toEqual(['f1_macro', 'accuracy', 'roc_auc_ovr']);
  });

  it('judges the metrics that were chosen, by the worsening that was said to matter', () => {
    const tolerant = { ...config, performance: { worsening: { accuracy: 0.2 } } };
    const found = judgePerformance(evidence, tolerant);
    expect(found.verdict).toBe('no_worse');
    expect(found.comparisons).toHaveLength(1);
  });

  it('says why nothing can be compared', () => {
    const { why } = judgePerformance({ ...evidence, reference: null }, config);
    expect(why).toBe('The reference has no performance to compare with: it could not be read.');
    const blind = { ...measured(0, 0), reason: 'there is no label to measure against' };
    expect(judgePerformance({ ...evidence, reference: blind }, config)).toMatchObject({ verdict: 'not_comparable' });
    expect(judgePerformance({ ...evidence, measured: blind }, config).why).toBe(
      'There is no label to measure against.',
    );
  });
});
