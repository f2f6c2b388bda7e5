import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/stats/verdict/judge.ts';
import { judgeTable, tablesThatDecide, whyWholeRows } from '../../../src/stats/verdict/judge-table.ts';
import type { Calibration, JudgePolicy, TableFinding, TableLimit } from '../../../src/stats/verdict/judgement.ts';
import type { TableMeasureName } from '../../../src/stats/verdict/table-measures.ts';

const AUC = 'domain_classifier/auc@1';
const PCA = 'pca_reconstruction/superiority@2';
const MMD = 'mmd/permutation@2';

const finding = (measure: TableMeasureName, said: Partial<TableFinding> = {}): TableFinding => ({
  measure,
  direction: measure === PCA ? 'both' : 'higher',
  value: 0.6,
  low: null,
  high: null,
  nullMean: 0.5,
  null95: null,
  p: 0.01,
  parameters: {},
  contributions: [],
  reason: null,
  ...said,
});

const policy = (said: Partial<JudgePolicy> = {}): JudgePolicy => ({ ...DEFAULT_POLICY, ...said });

describe('measures of whole rows', () => {
  it('decide where they have a p-value and a limit, of their own or of the policy', () => {
    // What has a share of its own is not one of the hypotheses that share alpha.
    const all = [finding(AUC), finding(PCA, { p: null }), finding(MMD), finding('slice_shift/mean-rank@2')];
    const deciding = (said: Partial<JudgePolicy>) => tablesThatDecide(all, policy(said)).map(({ measure }) => measure);
    expect(deciding({})).toEqual([AUC]);
    expect(deciding({ limits: { [MMD]: 0.1 } })).toEqual([AUC, MMD]);
    expect(deciding({ method: 'judge@1' })).toEqual([]);
  });

  it('drift where that is unlikely and far enough from no drift, in the direction in which drift lies', () => {
    const drift = (said: Partial<TableFinding>, q: number | null = 0.01, measure: TableMeasureName = AUC) => {
      const known = new Map(q === null ? [] : [[measure, q]]);
      return judgeTable([finding(measure, said)], known, policy())[0]?.drift;
    };
    expect(drift({})).toBe(true);
    expect(drift({}, 0.049)).toBe(true);
    expect(drift({}, 0.05)).toBe(false);
    expect(drift({}, null)).toBe(false);
    expect(drift({ value: 0.55, nullMean: 0.5 })).toBe(true);
    expect(drift({ value: 0.25, nullMean: 0.2 - 1e-9 })).toBe(true);
    expect(drift({ value: 0.5499 })).toBe(false);
    expect(drift({ value: 0.4 })).toBe(false);
    expect(drift({ value: 0.4 }, 0.01, PCA)).toBe(true);
    expect(drift({ value: 0.06, nullMean: null })).toBe(true);
    for (const measure of [AUC, PCA] as const) expect(drift({ value: null }, 0.01, measure)).toBe(false);
    const limited = (value: number | null, limit: number) =>
      judgeTable([finding(AUC, { value })], new Map([[AUC, 0.01]]), policy({ limits: { [AUC]: limit } }))[0]?.drift;
    expect([limited(0.75, 0.25), limited(0.75, 0.26), limited(null, 0)]).toEqual([true, false, false]);
    expect(drift({ value: 9 }, 0.01, MMD)).toBe(false);
  });

  it('carry their limit and their q, which reports of judge@1 did not have', () => {
    const found = [finding(AUC), finding(MMD)];
    const q = new Map([[AUC, 0.02]] as const);
    expect(judgeTable(found, q, policy({ limits: { [AUC]: 0.3 } }))).toEqual([
      { ...found[0], limit: 0.3, q: 0.02, drift: false },
      { ...found[1], limit: null, q: null, drift: false },
    ]);
    expect(judgeTable(found, q, policy({ method: 'judge@1' }))).toBe(found);
  });

  it('are told in one sentence, those that drifted alone', () => {
    const q = new Map([
      [AUC, 0.02],
      [PCA, 0],
    ] as const);
    const judged = judgeTable([finding(AUC), finding(PCA, { value: 0.412345 }), finding(MMD)], q, policy());
    expect(whyWholeRows(judged, policy())).toBe(
      'Whole rows differ: Domain classifier 0.6 is further than 0.05 from 0.5, and q = 0.02 is below 0.05; PCA reconstruction 0.412 is further than 0.05 from 0.5, and q < 1e-300 is below 0.05.',
    );
    expect(whyWholeRows([finding(AUC)], policy())).toBeNull();
    expect(whyWholeRows(judgeTable([finding(AUC)], new Map(), policy()), policy())).toBeNull();
  });

  describe('with a share of their own', () => {
    const SLICES = 'slice_shift/mean-rank@2';
    const candidate = (column: string, value: number, ratio: number) => ({
      ...{ column, value, ratio, p: 1e-6, contributions: [{ name: column, share: 1 }] },
      parameters: { column: 'market', slice: 'small', share_after: 0.03, mean_before: 1, mean_after: 2 },
    });
    const candidates = [candidate('price', 0.2, 3), candidate('age', 0.15, 2), candidate('tax', 0.02, 9)];
    const slices = finding(SLICES, { value: 0.02, nullMean: 0, p: 1e-6, candidates });
    const judged = (tables: TableLimit | null, said: Partial<JudgePolicy> = {}) => {
      const made = {
        method: 'largest-column/conformal@3',
        windows: 200,
        factor: 1,
        tail: 'counted',
        scales: {},
      } as const;
      const calibration = tables && { ...made, perWindow: 0.03, tables: { [SLICES]: tables } };
      return judgeTable([slices], new Map(), policy({ ...(calibration && { calibration }), ...said }))[0];
    };
    const usual = { factor: 1.5, rate: 0.006, windows: 28, scales: {} };

    it('are held against what healthy windows show of the column, and say what is furthest beyond it', () => {
      const found = judged(usual);
      expect(found).toMatchObject({ drift: true, value: 0.2, contributions: [{ name: 'price' }] });
      expect(found?.null95).toBeCloseTo(0.2 / 3, 12);
      expect(found?.limit).toBeCloseTo(1.5 * (0.2 / 3), 12);
      // So rare is what reaches twice its limit, in the share that reaches it.
      expect(found?.q).toBeCloseTo(0.05 * usual.rate, 12);
      const restless = judged({ ...usual, scales: { price: 3 } });
      expect(restless).toMatchObject({ drift: true, value: 0.15, contributions: [{ name: 'age' }] });
      const rare = judged({ ...usual, factor: 4 });
      expect(rare).toMatchObject({ drift: false, value: 0.2 });
      expect(rare?.limit).toBeCloseTo(4 * (0.2 / 3), 12);
      expect(judged({ ...usual, factor: 2, scales: { price: 1.2, age: 9 } })?.limit).toBeCloseTo(2.4 * (0.2 / 3), 12);
    });

    it('drift only where much moves while too few windows say what is usual', () => {
      expect(judged(null)).toMatchObject({ drift: false, limit: 0.3 });
      expect(judged({ ...usual, windows: 19 })).toMatchObject({ drift: false, limit: 0.3 });
      expect(judged({ ...usual, windows: 20 })?.limit).toBeCloseTo(0.1, 12);
      const made: Calibration = {
        ...{ method: 'largest-column/conformal@3', windows: 200, factor: 1, tail: 'counted', scales: {} },
        perWindow: 0.03,
      };
      for (const calibration of [made, { ...made, tables: {} }, { ...made, tables: { [AUC]: usual } }])
        expect(judged(null, { calibration })).toMatchObject({ drift: false, limit: 0.3 });
      // What has no limit of its own gets none of healthy windows.
      const shown = policy({ calibration: { ...made, tables: { [MMD]: usual } } });
      expect(judgeTable([finding(MMD, { null95: 0.1 })], new Map(), shown)[0]).toMatchObject({ limit: null });
      expect(judged(null, { limits: { [SLICES]: 0.1 } })).toMatchObject({ drift: true, value: 0.2 });
      const far = judgeTable([{ ...slices, candidates: [candidate('price', 0.31, 3)] }], new Map(), policy())[0];
      expect(far?.drift).toBe(true);
      expect(far?.q).toBeCloseTo(1e-6 * 5, 12);
    });

    /** What is said of a candidate where a window in a thousand goes as far as chance does in one of twenty tables. */
    const said = (value: number, p: number | null, more: Partial<JudgePolicy> = {}, factor = 1) =>
      judgeTable(
        [{ ...slices, value, p, candidates: [{ ...candidate('price', 0, 0), value, p, ratio: value }] }],
        new Map(),
        policy({
          calibration: {
            ...{ method: 'largest-column/conformal@3', windows: 200, factor: 1, tail: 'counted', scales: {} },
            ...{ perWindow: 0.02, tables: { [SLICES]: { factor, rate: 0.001, windows: 28, scales: {} } } },
          },
          ...more,
        }),
      )[0]!;

    it('have a q of the share that is theirs of the chosen false alarms, one at most', () => {
      // So far beyond its limit that the law is what counts: alpha where p is a fifth of the 2 % a window.
      expect(said(9, 0.2 * 0.02).q).toBeCloseTo(0.05, 12);
      expect(said(9, 0.2 * 0.02, { alpha: 0.01 }).q).toBeCloseTo(0.01, 12);
      expect(said(9, 1).q).toBe(1);
      expect(said(9, null)).toMatchObject({ q: null, drift: false });
      // Half way to its limit it is as rare as the tail of healthy windows says.
      expect(said(0.5, 1e-9).null95).toBe(1);
      expect(said(0.5, 1e-9).q).toBe(1);
      expect(said(1.5, 1e-12, {}, 1).q).toBeCloseTo(0.05 * 0.001 ** 0.5, 12);
      expect(said(1, 1e-12).q).toBeCloseTo(0.05, 12);
      // What shows nothing has no scale, so that the law alone counts.
      expect(said(0, 0.0004)).toMatchObject({ null95: null, limit: 0.1 });
      expect(said(0, 0.0004).q).toBeCloseTo(0.005, 12);
      const nothing = { ...candidate('price', 0, 2), value: null };
      expect(judgeTable([{ ...slices, candidates: [nothing] }], new Map(), policy())[0]).toMatchObject({
        ...{ value: null, null95: null, drift: false },
      });
      expect(said(2, 0.0004, {}, 0).q).toBeCloseTo(0.005, 12);
    });

    it('say what matters before what is further beyond what is usual, and the first of two that are as far', () => {
      const strongest = (...all: readonly (readonly [string, number, number])[]) => {
        const list = all.map(([column, value, ratio]) => candidate(column, value, ratio));
        return judgeTable([{ ...slices, candidates: list }], new Map(), policy())[0]!.contributions[0]!.name;
      };
      expect(strongest(['a', 0.31, 2], ['b', 0.29, 9])).toBe('a');
      expect(strongest(['a', 0.29, 9], ['b', 0.3, 2])).toBe('b');
      expect(strongest(['a', 0.4, 3], ['b', 0.5, 3])).toBe('a');
      expect(strongest(['a', 0.1, 3], ['b', 0.05, 4], ['c', 0.2, 3.5])).toBe('b');
    });

    it('say in words which rows it is', () => {
      const found = judged(usual);
      expect(whyWholeRows(found === undefined ? [] : [found], policy())).toContain(
        'Slices (price where market is small, 3 % of the rows: 2 in the mean, 1 in the reference) 0.2 is further than 0.1',
      );
    });

    it('leave out of the words what is not known', () => {
      const words = (parameters: TableFinding['parameters'], contributions = [{ name: 'price', share: 1 }]) => {
        const drifted = { ...slices, value: 0.4, limit: 0.3, q: 0, drift: true, parameters, contributions };
        return whyWholeRows([drifted], policy());
      };
      const rows = { column: 'market', slice: 'small' };
      const with0 = (place: string) =>
        `Whole rows differ: Slices${place} 0.4 is further than 0.3 from 0, and q < 1e-300 is below 0.05.`;
      expect(words(rows)).toBe(with0(' (price where market is small)'));
      expect(words({ ...rows, share_after: 0.25 })).toBe(with0(' (price where market is small, 25 % of the rows)'));
      for (const one of [{ mean_before: 1 }, { mean_after: 1 }]) expect(words({ ...rows, ...one })).toBe(words(rows));
      expect(words({ ...rows, mean_before: 0, mean_after: 3 })).toBe(
        with0(' (price where market is small: 3 in the mean, 0 in the reference)'),
      );
      expect(words({ column: 'market' })).toBe(with0(''));
      expect(words({ slice: 'small' })).toBe(with0(''));
      expect(words(rows, [])).toBe(with0(''));
    });

    it('name the two columns whose correlation changed', () => {
      const words = (parameters: TableFinding['parameters']) => {
        const drifted = { ...finding('rank_correlations/largest-change@2', { value: 0.7, nullMean: 0 }), parameters };
        return whyWholeRows([{ ...drifted, limit: 0.4, q: 0.01, drift: true }], policy());
      };
      const names = { first: 'age', second: 'income' };
      expect(words({ ...names, before: 0.8, after: 0.1 })).toBe(
        'Whole rows differ: Rank correlations (age and income: 0.1, 0.8 in the reference) 0.7 is further than 0.4 from 0, and q = 0.01 is below 0.05.',
      );
      for (const one of [{ before: 0.8 }, { after: 0.1 }])
        expect(words({ ...names, ...one })).toContain('Rank correlations 0.7 is further');
    });
  });
});
