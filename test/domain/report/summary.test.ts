import { describe, expect, it } from 'vitest';
import type { Estimate, StoredPerformance } from '../../../schemas/wire/performance.ts';
import { type SummarySource, summarise } from '../../../src/domain/report/summary.ts';

const column = (name: string, verdict: string, effect: number | null = null) => ({
  name,
  verdict,
  measure: effect === null ? null : 'Jensen-Shannon distance',
  effect,
  limit: effect === null ? null : 0.1,
});
const start = new Date('2026-03-02T00:00:00Z');
const calm: SummarySource = {
  verdict: 'no_drift',
  rows: 900,
  reference: 'census@v1',
  referenceNote: '',
  slice: '',
  inside: [],
  together: [],
  segments: [],
  unseen: new Map(),
  columns: [column('age', 'no_drift'), column('sex', 'no_drift')],
  since: new Map(),
  start,
  checks: [],
  mattering: { importance_from: null, reason: null, columns: [] },
  violations: [],
  performance: null,
  estimate: null,
};
const moved: SummarySource = {
  ...calm,
  columns: [column('age', 'drift', 0.25), column('sex', 'drift', 0.8), column('job', 'no_drift')],
  since: new Map([['sex', new Date('2026-02-09T00:00:00Z')]]),
};

function judged(verdict: 'worse' | 'no_worse' | 'not_comparable', why: string): StoredPerformance {
  const judgement = { verdict, why, waits_until: null, alpha: 0.05, comparisons: [] };
  return { task: 'binary', positive_label: '1', metrics: {}, confusion: null, reason: null, judgement };
}

function estimated(verdict: 'worse' | 'no_worse'): Estimate {
  const shared = { better: 'higher', minimum: 0.02, worsening: 0.1, limit: 0.88, p: 0, reason: null } as const;
  const comparisons = [{ ...shared, metric: 'roc_auc', value: 0.81234, reference: 0.91, verdict }];
  const empty = { parameters: {}, check: {}, metrics: {}, assumptions: [], reason: null };
  return { method: 'cbpe@1', task: 'binary', ...empty, comparisons };
}

describe('summarise', () => {
  it('names the values that the reference does not have, of columns that it names', () => {
    const told = new Map([
      ['sex', '1 value that the reference does not have, in 5 % of the rows with a value: "x" 5 %'],
      ['job', 'none that matters'],
    ]);
    expect(summarise({ ...moved, unseen: told })).toContain(
      ' sex has 1 value that the reference does not have, in 5 % of the rows with a value: "x" 5 %. ',
    );
    expect(summarise({ ...moved, unseen: told })).not.toContain('job has');
  });

  it('says in one sentence that nothing moved', () => {
    expect(summarise(calm)).toBe('None of 2 columns moved away from census@v1, in 900 rows.');
    expect(summarise({ ...calm, columns: [column('age', 'insufficient_data')] })).toBe(
      'No column of 900 rows could be judged.',
    );
    expect(summarise({ ...calm, columns: [], verdict: 'no_data' })).toBe('Nothing was predicted.');
  });

  it('names what moved, the strongest first, how much and since when', () => {
    expect(summarise(moved)).toBe(
      '2 of 3 columns moved away from census@v1: sex (Jensen-Shannon distance 0.8, limit 0.1) since 2026-02-09; ' +
        'age (Jensen-Shannon distance 0.25, limit 0.1) for the first time. ' +
        'Whether it matters is not known: there are no labels, and nothing to estimate from.',
    );
  });

  it('says whether it matters, by labels before estimates', () => {
    const worse = judged('worse', 'Worse than the reference: f1 0.7 where the reference has 0.8 (limit 0.77).');
    expect(summarise({ ...moved, performance: worse })).toMatch(/Worse than .* It matters: the model does worse/);
    const fine = judged('no_worse', 'No worse.');
    expect(summarise({ ...moved, performance: fine, estimate: estimated('worse') })).toMatch(
      /So far it does not matter/,
    );
    expect(summarise({ ...moved, estimate: estimated('worse') })).toMatch(
      /Without labels ROC AUC is estimated at 0\.812, where the reference has 0\.91\. It is likely to matter/,
    );
    expect(summarise({ ...moved, estimate: estimated('no_worse') })).toMatch(/It is not expected to matter, unless/);
    expect(summarise({ ...calm, performance: worse })).toMatch(/what inputs mean has changed\.$/);
  });

  it('does not say that there are no labels where they had nothing to be compared with', () => {
    const performance = judged('not_comparable', 'The reference has no value: there are no scores.');
    expect(summarise({ ...moved, performance })).toMatch(
      /there are no scores\. Whether it matters is not known: its labels cannot tell, and there is nothing to estimate from\.$/,
    );
  });

  it('tells what broke the schema', () => {
    const violations = [
      { column: 'age', code: 'not-a-number', count: 3 },
      { column: 'sex', code: 'missing', count: 40 },
    ];
    expect(summarise({ ...calm, violations })).toContain(
      'Values of 2 columns broke the schema of the reference, sex most (missing, 40 rows).',
    );
  });
});
