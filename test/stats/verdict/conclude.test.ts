import { describe, expect, it } from 'vitest';
import type { Comparison } from '../../../src/stats/verdict/column-comparison.ts';
import { conclude } from '../../../src/stats/verdict/conclude.ts';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import type { ColumnRole, JudgePolicy, SideCounts, TableFinding } from '../../../src/stats/verdict/judgement.ts';
import { made } from './made.ts';

const rows = 1e6;
const counts: SideCounts = { rows, nulls: 0, nan: 0, unseen: 0, below: 0, above: 0 };

type Column = Partial<Comparison> & { readonly value?: number; readonly role?: ColumnRole };

const MOVED: Column = { p: 1e-6, value: 0.5 };
const SAME: Column = { p: 0.5, value: 0.01 };
const FEW: Column = { insufficient: 'Few.' };

/** Columns a, b, c and so on. */
function concluded(columns: readonly Column[], said: Partial<JudgePolicy> = {}, table?: readonly TableFinding[]) {
  const names = columns.map(({ role = 'feature' }, i) => ({ name: 'abcdefgh'[i]!, role }));
  const comparisons = columns.map(
    ({ value = 0, ...given }): Comparison => ({
      kind: 'number',
      incomparable: null,
      insufficient: null,
      fewValues: null,
      usable: { reference: rows, window: rows },
      cells: 0,
      p: 0.5,
      decidedBy: 'ks/two-sided@1',
      counts: { reference: counts, window: counts },
      bins: [],
      findings: [made('wasserstein/reference-std@1', { value, limit: 0.1 })],
      ...given,
    }),
  );
  return conclude(names, { comparisons, table }, { ...DEFAULT_POLICY, ...said });
}

const AUC: TableFinding = {
  measure: 'domain_classifier/auc@1',
  direction: 'higher',
  value: 0.7,
  low: null,
  high: null,
  nullMean: 0.5,
  null95: null,
  p: 0.001,
  parameters: {},
  contributions: [],
  reason: null,
};

describe('the verdict on a table', () => {
  it('counts its columns and says which drifted', () => {
    const { dataset } = concluded([MOVED, SAME, FEW, { incomparable: 'No.' }, MOVED]);
    expect(dataset).toEqual({
      verdict: 'drift',
      drifted: 2,
      judged: 3,
      insufficient: 1,
      notComparable: 1,
      share: 2 / 3,
      needed: null,
      why: 'Of 3 columns, 2 drifted (a, e). Too few rows with a value to judge c.',
      reasons: ['columns'],
    });
    expect(concluded([SAME]).dataset).toMatchObject({
      verdict: 'no_drift',
      why: 'Of 1 column, none drifted.',
      reasons: [],
    });
    expect(concluded(Array.from({ length: 6 }, () => MOVED)).dataset.why).toBe(
      'Of 6 columns, 6 drifted (a, b, c, d, e and others).',
    );
    expect(concluded(Array.from({ length: 5 }, () => MOVED)).dataset.why).toMatch(/\(a, b, c, d, e\)\.$/);
  });

  it('asks for as many columns, and for the share of them, that the policy does', () => {
    const of = (said: Partial<JudgePolicy>) => concluded([MOVED, SAME], said).dataset;
    expect(of({ minimumDriftedColumns: 1, minimumDriftedShare: 0.5 }).verdict).toBe('drift');
    expect(of({ minimumDriftedShare: 0.51 })).toMatchObject({
      verdict: 'no_drift',
      why: 'Of 2 columns, 1 drifted (a), fewer than the policy asks for.',
    });
    expect(of({ minimumDriftedColumns: 2 }).verdict).toBe('no_drift');
    // No column is not enough to drift, whatever is asked for.
    expect(concluded([SAME], { minimumDriftedColumns: 0 }).dataset).toMatchObject({
      verdict: 'no_drift',
      why: 'Of 1 column, none drifted.',
    });
  });

  it('is open where nothing can be judged, and says why', () => {
    const none = { verdict: 'insufficient_data', judged: 0, share: 0, reasons: [] };
    expect(concluded([FEW, FEW]).dataset).toMatchObject({ ...none, why: 'Too few rows to judge any of 2 columns.' });
    expect(concluded([FEW, { incomparable: 'No.' }]).dataset.why).toBe('Too few rows to judge any of 1 column.');
    expect(concluded([{ incomparable: 'No.' }]).dataset).toMatchObject({
      ...none,
      why: 'No column could be compared.',
    });
    expect(concluded([]).dataset.why).toBe('No column could be compared.');
    expect(concluded([MOVED], { weights: { a: 0 } }).dataset).toMatchObject({
      ...none,
      why: 'Every column has weight 0.',
    });
  });

  it('is by the weight of the columns, of which none is nothing', () => {
    const weighed = concluded([MOVED, SAME, SAME], { weights: { a: 3, c: 0 }, minimumDriftedShare: 0.75 });
    expect(weighed.dataset).toMatchObject({
      verdict: 'drift',
      judged: 2,
      share: 0.75,
      why: 'Of 2 columns, 1 drifted (a). 1 column of weight 0 decided nothing.',
    });
    // A weight moves power: that of the first is twice the mean.
    const q = concluded([{ p: 0.01 }, { p: 0.5 }, { p: 0.5 }], { weights: { a: 4 } }).columns[0]?.q;
    expect(q).toBeCloseTo((0.01 / 2) * 3, 12);
  });

  it('adjusts over the judged columns alone', () => {
    const segment: Column = { p: 0.001, role: 'segment' };
    const { columns } = concluded([{ p: 0.01 }, segment, { p: 0.04 }, FEW, { incomparable: 'No.' }, { p: null }]);
    expect(columns.map(({ q }) => q)).toEqual([0.03, null, 0.06, null, null, 1].map((q) => q && expect.closeTo(q, 12)));
    expect(columns[1]?.why).toBe('A segment is described, not judged.');
    const yekutieli = concluded([{ p: 0.01 }, { p: 0.04 }], { adjustment: 'benjamini-yekutieli' }).columns;
    expect(yekutieli[0]?.q).toBeCloseTo(0.01 * 2 * 1.5, 12);
  });

  it('says how many values it would take at the level that is left to one of so many hypotheses', () => {
    const small = { usable: { reference: 100, window: 100 } };
    const one = concluded([{ ...SAME, ...small }]).dataset.needed!;
    expect(one).toMatchObject({ columns: 1, reference: one.window });
    const two = concluded([{ ...SAME, ...small }, SAME]).dataset.needed!;
    expect(two.columns).toBe(1);
    expect(two.window).toBeGreaterThan(one.window);
    const stricter = concluded([{ ...SAME, ...small }, SAME], { adjustment: 'benjamini-yekutieli' }).dataset.needed!;
    expect(stricter.window).toBeGreaterThan(two.window);
    // The most of all of them, column by column; what drifted needs no more.
    const other = { ...SAME, usable: { reference: 100, window: 1e9 } };
    const both = concluded([{ ...SAME, usable: { reference: 1e9, window: 100 } }, other, { ...MOVED, ...small }]);
    const [a, b] = both.columns.map(({ needed }) => needed!);
    expect(both.dataset.needed).toEqual({ columns: 2, reference: 1e9, window: 1e9 });
    expect([a!.reference, b!.window]).toEqual([1e9, 1e9]);
    expect(concluded([MOVED, { ...MOVED, ...small }]).dataset.needed).toBeNull();
    expect(concluded([{ ...SAME, ...small }], { method: 'judge@2' }).dataset).not.toHaveProperty('needed');
    expect(concluded([FEW], { method: 'judge@2' }).dataset.why).toMatch(/^Too few rows/);
    expect(concluded([SAME, FEW], { method: 'judge@2' }).dataset.why).toBe('Of 1 column, none drifted.');
  });

  it('takes a measure of whole rows for one more hypothesis, which may drift alone', () => {
    const { dataset, columns, table } = concluded([SAME, { p: 0.01 }], {}, [AUC]);
    expect(dataset).toMatchObject({
      verdict: 'drift',
      drifted: 0,
      reasons: ['whole_rows'],
      why: 'Of 2 columns, none drifted. Whole rows differ: Domain classifier 0.7 is further than 0.05 from 0.5, and q = 0.003 is below 0.05.',
    });
    expect(columns[1]?.q).toBeCloseTo(0.015, 12);
    expect(table).toEqual([{ ...AUC, limit: 0.05, q: expect.closeTo(0.003, 12), drift: true }]);
    expect(concluded([MOVED], {}, [AUC]).dataset.reasons).toEqual(['columns', 'whole_rows']);
    const pca: TableFinding = { ...AUC, measure: 'pca_reconstruction/superiority@2', direction: 'both', p: 0.02 };
    const two = concluded([{ p: 0.5 }, { p: 0.5 }], {}, [AUC, pca]);
    expect(two.table?.map(({ q }) => q)).toEqual([expect.closeTo(0.004, 12), expect.closeTo(0.04, 12)]);
    // One that has no p takes no part.
    const idle = concluded([SAME, { p: 0.01 }], {}, [{ ...AUC, p: null }]);
    expect(idle.columns[1]?.q).toBe(0.02);
    expect(idle.table).toMatchObject([{ q: null, drift: false }]);
    expect(concluded([SAME])).not.toHaveProperty('table');
    const first = concluded([MOVED], { method: 'judge@1' }, [AUC]);
    expect(first.dataset).not.toHaveProperty('reasons');
    expect(first.table).toEqual([AUC]);
    // A weight of a column says nothing of the rows: theirs is 1.
    expect(concluded([{ p: 0.01 }], { weights: { a: 3 } }, [AUC]).columns[0]?.q).toBeCloseTo(0.01 / 1.5, 12);
  });
});
