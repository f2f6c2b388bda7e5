import { describe, expect, it } from 'vitest';
import { measureOutcomes, type PerformanceQuestion } from '../../../src/domain/outcome/measure-outcomes.ts';
import { noOutcomes, type Outcomes } from '../../../src/domain/outcome/outcomes.ts';

function measure(given: Partial<Outcomes>, question: Partial<PerformanceQuestion>) {
  const rows = given.labels?.length ?? 0;
  const blank = {
    ...noOutcomes(),
    predictions: Array.from({ length: rows }, () => null),
    scores: Array.from({ length: rows }, () => Number.NaN),
    queries: Array.from({ length: rows }, () => null),
  };
  const standard = {
    task: 'other',
    positiveLabel: null,
    businessValue: null,
    quantile: 0.5,
    labelsLike: null,
  } as const;
  return measureOutcomes({ ...blank, ...given }, { ...standard, ...question });
}

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

  const like = (...labels: string[]) => ({ edges: null, counts: labels.map((label) => ({ label, count: 50 })) });

  it('reads labels and predictions by the classes of the reference', () => {
    const outcomes = {
      labels: ['true', '1', 'false', '0'],
      predictions: ['1', 'false', '0.0', 'False'],
      scores: [0.9, 0.4, 0.3, 0.1],
    };
    const plain = { labels: ['1', '1', '0', '0'], predictions: ['1', '0', '0', '0'], scores: [0.9, 0.4, 0.3, 0.1] };
    const question = { task: 'binary', positiveLabel: 'true', labelsLike: like('0', '1') } as const;
    const found = measure(outcomes, question);
    expect(found).toEqual(measure(plain, { ...question, positiveLabel: '1' }));
    expect(found).toMatchObject({ positive_label: '1', reason: null });
    expect(found.foreign_labels).toBeUndefined();
    const values = { businessValue: { true: { true: 10 } } };
    expect(measure(outcomes, { ...question, ...values }).metrics.business_value?.value).toBeGreaterThan(0);
  });

  it('leaves labels of neither class out of a binary measurement, and names them', () => {
    const outcomes = {
      labels: ['1', 'churned', '0', 'churned', '2', '0'],
      predictions: ['1', '1', '0', '0', '0', '1'],
      scores: [0.9, 0.8, 0.1, 0.2, 0.3, 0.6],
    };
    const question = { task: 'binary', positiveLabel: '1', labelsLike: like('0', '1') } as const;
    const found = measure(outcomes, question);
    expect(found.confusion).toEqual({ true_positive: 1, false_positive: 1, false_negative: 0, true_negative: 1 });
    expect(found.metrics.accuracy).toMatchObject({ n: 3 });
    expect(found.foreign_labels).toEqual([
      { label: 'churned', count: 2 },
      { label: '2', count: 1 },
    ]);
    const nothing = measure({ labels: ['a', 'b'], predictions: ['1', '0'], scores: [0.9, 0.1] }, question);
    expect(nothing).toMatchObject({ metrics: {}, reason: expect.stringContaining('(0, 1); there are "a", "b"') });
    // With classes that are not all listed, nothing is foreign.
    expect(measure(outcomes, { ...question, labelsLike: like('0', '1', '(others)') }).foreign_labels).toBeUndefined();
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
    expect(measure({}, { task: 'binary', positiveLabel: '1' }).reason).toContain('no label');
    expect(measure({ labels: ['1'] }, { task: 'ranking' }).reason).toContain('query');
  });

  it('finds the task where none was declared, and says so', () => {
    const binary = measure({ labels: ['0', '1'], predictions: ['0', '0'] }, {});
    expect(binary).toMatchObject({ task: 'binary', task_found: true, positive_label: '1' });
    expect(
      measure({ labels: ['1', '2'], predictions: ['1', '1'] }, { task: 'binary', positiveLabel: '2' }),
    ).toMatchObject({ task: 'binary', task_found: false });
  });

  it('takes the score of the positive class where each class has its own', () => {
    const classScores = new Map([
      ['no', [0.9, 0.2]],
      ['yes', [0.1, 0.8]],
    ]);
    const found = measure({ labels: ['no', 'yes'], classScores }, { task: 'binary' });
    expect(found).toMatchObject({ positive_label: 'yes' });
    expect(found.metrics.roc_auc?.value).toBe(1);
    expect(found.metrics.brier?.value).toBeCloseTo(0.025, 12);
  });

  it('measures several classes from classes and scores, and shows the table', () => {
    const found = measure(
      {
        labels: ['a', 'b', 'c', 'a'],
        predictions: ['a', 'b', 'b', 'd'],
        classScores: new Map([
          ['c', [0.1, 0.1, 0.4, 0.3]],
          ['a', [0.8, 0.2, 0.1, 0.5]],
          ['b', [0.1, 0.7, 0.5, 0.2]],
        ]),
      },
      { task: 'multiclass' },
    );
    expect(found.classes).toEqual({
      labels: ['a', 'b', 'c', 'd'],
      counts: [
        [1, 0, 0, 1],
        [0, 1, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 0],
      ],
    });
    expect(found.metrics.roc_auc_ovr?.value).toBe(1);
    expect(found.metrics.accuracy?.value).toBe(0.5);
    const partly = measure({ labels: ['a', 'z'], classScores: new Map([['a', [1, 0]]]) }, { task: 'multiclass' });
    expect(partly.metrics.roc_auc_ovr?.reason).toContain('no scores of every class');
  });

  it('gives up on more classes than a table can hold', () => {
    const labels = Array.from({ length: 1001 }, (_, i) => `c${i}`);
    expect(measure({ labels, predictions: labels }, { task: 'multiclass' }).reason).toContain('1001 classes');
  });

  it('adds up what predictions are worth', () => {
    const businessValue = { '1': { '1': 100, '0': -500 }, '0': { '1': -10 } };
    const outcomes = { labels: ['1', '1', '0', '0'], predictions: ['1', '0', '1', '0'] };
    const binary = measure(outcomes, { task: 'binary', positiveLabel: '1', businessValue });
    expect(binary.metrics.business_value?.value).toBe(-102.5);
    const several = measure(outcomes, { task: 'multiclass', businessValue });
    expect(several.metrics.business_value?.value).toBe(-102.5);
  });

  it('ranks the rows of a query by score, else by prediction', () => {
    const rows = { labels: ['0', '2', '1', '0'], queries: ['x', 'x', 'y', 'y'] };
    const scored = measure({ ...rows, scores: [0.1, 0.9, 0.2, 0.7] }, {});
    expect(scored).toMatchObject({ task: 'ranking', task_found: true });
    expect(scored.metrics.ndcg?.value).toBeCloseTo((1 + 1 / Math.log2(3)) / 2, 12);
    expect(measure({ ...rows, predictions: ['1', '2', '2', '1'] }, {}).metrics.map?.value).toBe(1);
  });

  it('takes an empty text for no number', () => {
    const found = measure({ labels: ['1', '0'], predictions: ['', ' '] }, { task: 'regression' });
    expect(found.metrics.mae).toMatchObject({ value: null, n: 0 });
  });
});
