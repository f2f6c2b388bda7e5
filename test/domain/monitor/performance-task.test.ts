import { describe, expect, it } from 'vitest';
import { measure } from '../../../src/domain/monitor/performance-task.ts';

describe('performance from labels', () => {
  it('measures a binary model, with the usual positive label where none is named', () => {
    const outcomes = { labels: ['1', '1', '0', '0'], predictions: ['1', '0', '0', '0'], scores: [0.9, 0.4, 0.3, 0.1] };
    const found = measure(outcomes, { task: 'binary', positiveLabel: null });
    expect(found.positive_label).toBe('1');
    expect(found.metrics.roc_auc?.value).toBe(1);
    expect(found.metrics.accuracy?.value).toBe(0.75);
    expect(found.confusion).toEqual({ true_positive: 1, false_positive: 0, false_negative: 1, true_negative: 2 });
  });

  it('takes the named label as positive', () => {
    const outcomes = { labels: ['a', 'b'], predictions: ['a', 'b'], scores: [Number.NaN, Number.NaN] };
    const found = measure(outcomes, { task: 'binary', positiveLabel: 'b' });
    expect(found.metrics.recall?.value).toBe(1);
    expect(found.metrics.roc_auc).toMatchObject({ value: null, reason: 'there are no scores' });
    expect(measure(outcomes, { task: 'binary', positiveLabel: null }).reason).toContain('positive_label');
  });

  it('measures regression, and leaves out what is no number', () => {
    const outcomes = { labels: ['1', '2', 'x'], predictions: ['2', '4', '1'], scores: [] };
    const found = measure(outcomes, { task: 'regression', positiveLabel: null });
    expect(found.metrics.mae).toMatchObject({ value: 1.5, n: 2 });
    expect(found.metrics.rmse?.value).toBeCloseTo(Math.sqrt(2.5), 12);
  });

  it('counts a multiclass model by its hits, rows without a prediction left out', () => {
    const outcomes = { labels: ['a', 'b', 'c'], predictions: ['a', 'c', null], scores: [] };
    expect(measure(outcomes, { task: 'multiclass', positiveLabel: null }).metrics.accuracy).toMatchObject({
      value: 0.5,
      n: 2,
    });
  });

  it('says why there is nothing to measure', () => {
    expect(
      measure({ labels: [], predictions: [], scores: [] }, { task: 'binary', positiveLabel: '1' }).reason,
    ).toContain('no label');
    expect(
      measure({ labels: ['a'], predictions: ['a'], scores: [] }, { task: 'other', positiveLabel: null }).reason,
    ).toContain('other');
  });
});
