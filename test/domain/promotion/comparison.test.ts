import { describe, expect, it } from 'vitest';
import type { ComparedPart } from '../../../schemas/wire/comparison.ts';
import { judgeComparison } from '../../../src/domain/promotion/comparison.ts';

const part = (kind: ComparedPart['kind'], before: number | null, after: number | null, value = ''): ComparedPart => {
  const metric = (found: number | null) => ({ roc_auc: { value: found, low: null, high: null } });
  return {
    kind,
    name: kind === 'segment' ? 'region' : '',
    value,
    rows: 100,
    champion: metric(before),
    challenger: metric(after),
  };
};
const rule = { metric: null, minimum_gain: 0.01, tolerance: 0.02, segments: ['region'] };
const judge = (...parts: ComparedPart[]) => judgeComparison(parts, rule, 'binary');

describe('a challenger', () => {
  it('is better when it gains enough and loses nowhere too much', () => {
    expect(judge(part('all', 0.8, 0.85), part('segment', 0.8, 0.79, 'north'), part('window', 0.9, 0.1))).toEqual({
      metric: 'roc_auc',
      gain: expect.closeTo(0.05),
      better: true,
      why: 'roc_auc +0.05 on 100 rows',
    });
  });

  it('is not when it gains too little, and is told so', () => {
    expect(judge(part('all', 0.8, 0.805))).toMatchObject({ better: false, why: expect.stringMatching(/less than/) });
    expect(judge(part('all', 0.8, 0.7))).toMatchObject({ better: false, gain: expect.closeTo(-0.1) });
  });

  it('is not when a segment pays for it, and is told which', () => {
    const parts = [part('all', 0.8, 0.9), part('segment', 0.8, 0.79, 'south'), part('segment', 0.8, 0.7, 'north')];
    expect(judge(...parts)).toMatchObject({ better: false, why: expect.stringMatching(/region = "north"/) });
  });

  it('is not when it cannot be said', () => {
    expect(judge()).toMatchObject({ better: false, gain: null });
    expect(judge(part('all', 0.8, null))).toMatchObject({ better: false, gain: null });
  });

  it('gains by less where less is better', () => {
    const error = { ...part('all', null, null), champion: { rmse: value(2) }, challenger: { rmse: value(1.5) } };
    expect(judgeComparison([error], rule, 'regression')).toMatchObject({ metric: 'rmse', gain: 0.5, better: true });
  });

  const value = (found: number) => ({ value: found, low: null, high: null });
});
