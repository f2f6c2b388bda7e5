import { describe, expect, it } from 'vitest';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { correlationShifts } from '../../../src/stats/table/correlation-shifts.ts';
import { type Contribution, domainClassifier } from '../../../src/stats/table/domain-classifier.ts';
import { encodeTables } from '../../../src/stats/table/encode-table.ts';
import { linearMmd, medianBandwidth, randomFeatureMmd } from '../../../src/stats/table/maximum-mean-discrepancy.ts';
import { mmdContributions } from '../../../src/stats/table/mmd-contributions.ts';
import { pcaReconstruction } from '../../../src/stats/table/pca-reconstruction.ts';
import { rankCorrelationChange } from '../../../src/stats/table/rank-correlation-change.ts';
import { sliceShift, sliceShifts } from '../../../src/stats/table/slice-shift.ts';
import type { TablePair } from '../../../src/stats/table/table-pair.ts';
import type { TableFinding } from '../../../src/stats/verdict/judgement.ts';
import { RELATED, SLICED, tableFindings } from '../../../src/stats/verdict/table-findings.ts';
import { TABLE_MEASURE_NAMES, type TableMeasureName } from '../../../src/stats/verdict/table-measures.ts';
import { numbers, texts } from '../columns.ts';
import { drawPair } from '../table/tables.ts';

const SEED = 3;
/** The 95 % point of a normal variable. */
const pair = drawPair({ rows: 120, together: 0.8 }, { rows: 90, together: -0.5, shift: 1 }, xoshiro128(8));

const findingOf = (of: TablePair, measure: TableMeasureName): TableFinding => tableFindings(of, [measure])[0]!;
const told = (contributions: readonly Contribution[]): Contribution[] =>
  contributions.filter(({ share }) => share > 0).slice(0, 10);

const NOTHING = { low: null, high: null, nullMean: null, null95: null };
const rows = { n: 120, m: 90 };

describe('a finding on whole rows', () => {
  it('is the area of the classifier, with its interval', () => {
    const { auc, low, high, p, contributions } = domainClassifier(pair, { random: xoshiro128(SEED) })!;
    expect(findingOf(pair, 'domain_classifier/auc@1')).toEqual({
      ...{ measure: 'domain_classifier/auc@1', direction: 'higher', reason: null },
      ...{ value: auc, low, high, p, nullMean: 0.5, null95: null, contributions: told(contributions) },
      parameters: { ...rows, columns: 5, folds: 2, seed: SEED },
    });
  });

  it('is the superiority of the distances from the components', () => {
    const found = pcaReconstruction(encodeTables(pair), { random: xoshiro128(SEED) })!;
    const { superiority, p, components, columns, referenceError, windowError, contributions } = found;
    expect(findingOf(pair, 'pca_reconstruction/superiority@2')).toEqual({
      ...{ measure: 'pca_reconstruction/superiority@2', direction: 'both', reason: null },
      ...{ ...NOTHING, value: superiority, p, nullMean: 0.5, contributions: told(contributions) },
      parameters: { ...rows, columns, components, referenceError, windowError, seed: SEED },
    });
  });

  it('is the discrepancy by features, by its law or dealt anew, of the columns that show it alone', () => {
    const { names, reference: x, window: y } = encodeTables(pair);
    for (const [measure, permutations] of [
      ['mmd/random-features@2', 0],
      ['mmd/permutation@2', 999],
    ] as const) {
      const random = xoshiro128(SEED);
      const bandwidth = medianBandwidth({ x, y }, random);
      const { mmd2, nullMean, null95, p, method } = randomFeatureMmd({ x, y }, { bandwidth, random, permutations })!;
      const contributions = told(mmdContributions({ x, y }, names, { random }));
      expect(findingOf(pair, measure)).toEqual({
        ...{ measure, direction: 'higher', reason: null },
        ...{ ...NOTHING, value: mmd2, nullMean, null95, p, contributions },
        parameters: {
          ...{ ...rows, columns: 5, bandwidth, null: method, seed: SEED },
          ...(permutations > 0 && { permutations }),
        },
      });
    }
  });

  it('is the discrepancy in linear time, with the point of its law', () => {
    const { names, reference: x, window: y } = encodeTables(pair);
    const random = xoshiro128(SEED);
    const bandwidth = medianBandwidth({ x, y }, random);
    const { mmd2, z, p, null95, pairs } = linearMmd({ x, y }, { bandwidth, random })!;
    const contributions = told(mmdContributions({ x, y }, names, { random }));
    expect(findingOf(pair, 'mmd/linear-time@2')).toEqual({
      ...{ measure: 'mmd/linear-time@2', direction: 'higher', reason: null },
      ...{ ...NOTHING, value: mmd2, nullMean: 0, null95, p, contributions },
      parameters: { ...rows, pairs, columns: 5, bandwidth, z, seed: SEED },
    });
  });

  it('is the largest change of a correlation, with its columns before and after', () => {
    const { change, p, null95, columns, before, after, n, m, contributions } = rankCorrelationChange(pair)!;
    expect(findingOf(pair, 'rank_correlations/largest-change@1')).toEqual({
      ...{ measure: 'rank_correlations/largest-change@1', direction: 'higher', reason: null },
      ...{ ...NOTHING, value: change, nullMean: 0, null95, p, contributions: told(contributions) },
      parameters: { n, m, columns: 3, pairs: 3, first: columns[0], second: columns[1], before, after },
    });
  });

  it('is the shift of a slice, in the column that moved', () => {
    const { shift, p, column, value, moved, n, m, looked } = sliceShift(pair)!;
    expect(findingOf(pair, 'slice_shift/mean-rank@1')).toEqual({
      ...{ measure: 'slice_shift/mean-rank@1', direction: 'higher', reason: null },
      ...{ ...NOTHING, value: shift, nullMean: 0, p, contributions: [{ name: moved, share: 1 }] },
      parameters: { column, slice: value, n, m, looked },
    });
  });
});

describe('a finding with one of each column', () => {
  /** The least likely of the candidates is what is told. */
  function isLeastLikely(finding: TableFinding): void {
    const { candidates = [], measure, direction, reason, ...first } = finding;
    const least = Math.min(...candidates.map(({ p }) => p!));
    const { column, ratio, ...rest } = candidates.find(({ p }) => p === least)!;
    expect(first).toEqual({ ...NOTHING, nullMean: 0, ...rest });
    expect({ measure, direction, reason }).toMatchObject({ direction: 'higher', reason: null });
    expect(candidates.map((one) => one.column)).toContain(column);
    expect(ratio).toBeGreaterThan(0);
  }

  it('has the slice that moved most of each, with its means and shares', () => {
    const finding = findingOf(pair, 'slice_shift/mean-rank@2');
    expect(finding.candidates).toEqual(
      sliceShifts(pair, SLICED).map(({ shift, ratio, p, column, value, moved, n, m, looked, shares, means }) => ({
        ...{ column: moved, ratio, value: shift, p, contributions: [{ name: moved, share: 1 }] },
        parameters: {
          ...{ column, slice: value, n, m, looked },
          ...{ share_before: shares.reference, share_after: shares.window },
          ...{ mean_before: means.reference, mean_after: means.window },
        },
      })),
    );
    expect(finding.candidates).toHaveLength(3);
    isLeastLikely(finding);
  });

  it('is that of the least likely column, wherever it is', () => {
    for (const measure of ['slice_shift/mean-rank@2', 'rank_correlations/largest-change@2'] as const) {
      for (const order of [
        [0, 1, 2, 3, 4],
        [4, 3, 2, 1, 0],
        [2, 0, 3, 1, 4],
      ]) {
        const finding = findingOf(
          order.map((i) => pair[i]!),
          measure,
        );
        isLeastLikely(finding);
      }
    }
  });

  it('is looked for in the slices of fifty columns of numbers', () => {
    const random = xoshiro128(5);
    const column = () => numbers(Array.from({ length: 60 }, () => random()));
    const group = texts(Array.from({ length: 60 }, (_, i) => String(i % 2)));
    const wide = Array.from({ length: 51 }, (_, i) => ({ name: `c${i}`, reference: column(), window: column() }));
    const finding = findingOf([{ name: 'group', reference: group, window: group }, ...wide], 'slice_shift/mean-rank@2');
    expect(finding.candidates).toHaveLength(50);
  });

  it('has the pair that changed most of each, half in either column', () => {
    const finding = findingOf(pair, 'rank_correlations/largest-change@2');
    expect(finding.candidates).toEqual(
      correlationShifts(pair, RELATED).map(({ column, other, before, after, p, ratio, n, m, pairs, width }) => ({
        ...{ column, ratio, value: Math.abs(after - before), p },
        contributions: [
          { name: column, share: 0.5 },
          { name: other, share: 0.5 },
        ],
        parameters: { n, m, pairs, width, columns: width, first: column, second: other, before, after },
      })),
    );
    expect(finding.candidates).toHaveLength(3);
    isLeastLikely(finding);
  });
});

describe('findings on whole rows', () => {
  it('are made in the order that they are asked for', () => {
    expect(tableFindings(pair, [])).toEqual([]);
    const names = ['slice_shift/mean-rank@1', 'rank_correlations/largest-change@1'] as const;
    expect(tableFindings(pair, names).map(({ measure }) => measure)).toEqual(names);
    expect(tableFindings(pair, names)).toEqual(names.map((name) => findingOf(pair, name)));
  });

  it('name the ten columns that contribute most', () => {
    const random = xoshiro128(2);
    const wide: TablePair = Array.from({ length: 14 }, (_, i) => {
      const column = (rows: number, shift: number) => numbers(Array.from({ length: rows }, () => random() + shift));
      return { name: `c${i}`, reference: column(60, 0), window: column(60, 2) };
    });
    expect(findingOf(wide, 'mmd/random-features@2').contributions).toHaveLength(10);
  });

  it('say that there is too little where nothing can be found', () => {
    const flat = numbers(Array.from({ length: 60 }, () => 1));
    const one = numbers([4]);
    const line = numbers(Array.from({ length: 60 }, (_, i) => i));
    const tables: readonly TablePair[] = [
      [],
      [{ name: 'x', reference: one, window: one }],
      [{ name: 'x', reference: line, window: one }],
      [{ name: 'x', reference: flat, window: flat }],
    ];
    for (const table of tables) {
      for (const finding of tableFindings(table, TABLE_MEASURE_NAMES)) {
        if (finding.value !== null) continue;
        expect(finding).toEqual({
          ...{ measure: finding.measure, direction: finding.direction },
          ...{ ...NOTHING, value: null, p: null, parameters: {}, contributions: [] },
          reason: 'too few rows or columns that vary',
        });
      }
      const found = tableFindings(table, TABLE_MEASURE_NAMES).filter(({ value }) => value !== null);
      // Of constant columns the classifier says that it cannot tell.
      expect(found.map(({ measure }) => measure)).toEqual(
        table[0]?.reference === flat ? ['domain_classifier/auc@1'] : [],
      );
    }
  });
});
