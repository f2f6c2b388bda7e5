import { describe, expect, it } from 'vitest';
import type { Column } from '../../../src/stats/column.ts';
import { Z95 } from '../../../src/stats/performance/metric.ts';
import { rocAuc } from '../../../src/stats/performance/roc-auc.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { domainClassifier } from '../../../src/stats/table/domain-classifier.ts';
import { encodeTables } from '../../../src/stats/table/encode-table.ts';
import { type Matrix, takeRows } from '../../../src/stats/table/matrix.ts';
import { linearMmd, medianBandwidth, randomFeatureMmd } from '../../../src/stats/table/maximum-mean-discrepancy.ts';
import { pcaReconstruction } from '../../../src/stats/table/pca-reconstruction.ts';
import { numbers } from '../columns.ts';
import { PLASTIC, sample, weyl } from '../samples.ts';
import { encodedTablesOf, TABLE_VALUES, tablesOf } from './table-values.ts';

/** Chance that leaves rows in the order they have. */
const inOrder = (): number => 0;

/** The fixture's numbers instead of chance, one after another. */
function plasticNumbers(): () => number {
  let i = 0;
  return () => weyl(++i, PLASTIC);
}

const FEATURES = 16;

const columnSums = ({ rows, columns, values }: Matrix): number[] =>
  Array.from({ length: columns }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < rows; i++) sum += values[i * columns + j]!;
    return sum;
  });

const close = (actual: number, expected: number, tolerance = 1e-9): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * (1e-6 + Math.abs(expected)));
};

describe.each(TABLE_VALUES.tables)('whole rows: $name', (values) => {
  const { kept, sums, mmd, pca, nannyml } = values;
  const encoded = encodedTablesOf(values);
  const both = { x: encoded.reference, y: encoded.window };

  it('stand in deviations of the reference, and constant columns are left out', () => {
    expect(encoded.names).toHaveLength(kept);
    for (const [side, expected] of [both.x, both.y].map((matrix, i) => [matrix, sums?.[i] ?? []] as const)) {
      for (const [j, sum] of columnSums(side).entries())
        expect(Math.abs(sum - expected[j]!)).toBeLessThan(1e-8 * side.rows);
    }
  });

  it.runIf(mmd)('have scikit-learn’s discrepancy of their kernels, by every form', () => {
    const { bandwidth, between, quadratic, featureDeviation, linear, features } = mmd!;
    const found = medianBandwidth(both, xoshiro128(1));
    expect(found).toBeGreaterThanOrEqual(between[0]);
    expect(found).toBeLessThanOrEqual(between[1]);

    const inLine = linearMmd(both, { bandwidth, random: inOrder });
    if (linear === null) expect(inLine).toBeNull();
    else {
      close(inLine!.mmd2, linear.mmd2);
      close(inLine!.z, linear.z);
      close(inLine!.p, linear.p, 1e-7);
    }

    const mapped = randomFeatureMmd(both, { bandwidth, features: FEATURES, random: plasticNumbers() })!;
    close(mapped.mmd2, features.mmd2);
    close(mapped.nullMean, features.nullMean);
    close(mapped.null95, features.null95);
    close(mapped.p, features.p, 1e-7);

    const many = randomFeatureMmd(both, { bandwidth, features: 256, random: xoshiro128(2) })!;
    expect(Math.abs(many.mmd2 - quadratic)).toBeLessThan((5 * featureDeviation) / Math.sqrt(256));
  });

  it('lie as far from the principal components as scikit-learn says', () => {
    const found = pcaReconstruction(encoded, { random: inOrder });
    if (pca === null || pca === undefined) {
      expect(found).toBeNull();
      return;
    }
    expect(found!.components).toBe(pca.components);
    close(found!.referenceError, pca.referenceError);
    close(found!.windowError, pca.windowError);
    close(found!.superiority, pca.superiority);
    close(found!.p, pca.p, 1e-7);
    for (const { name, share } of found!.contributions) {
      close(share, pca.shares[encoded.names.indexOf(name)]!, 1e-8);
    }
  });

  it.runIf(nannyml)('lie as far from them as NannyML says, in deviations of the rows they are fitted to', () => {
    const pair = tablesOf(values);
    const half = values.x.n >> 1;
    const all = pair.map(({ name, reference, window }) => ({
      name,
      reference: numbers([...valuesOf(reference)].slice(0, half)),
      window: numbers([...valuesOf(reference), ...valuesOf(window)]),
    }));
    const { names, window: rows } = encodeTables(all);
    const order = Int32Array.from({ length: rows.rows }, (_, i) => i);
    const reference = takeRows(rows, order.subarray(0, values.x.n));
    const window = takeRows(rows, order.subarray(values.x.n));
    const found = pcaReconstruction({ names, reference, window }, { random: inOrder })!;
    close(found.referenceError, nannyml![0]);
    close(found.windowError, nannyml![1]);
  });

  it('are told apart about as well as by scikit-learn’s boosted trees', () => {
    const found = domainClassifier(tablesOf(values), { random: inOrder });
    if (values.classifier === null) expect(found).toBeNull();
    else expect(Math.abs(found!.auc - values.classifier)).toBeLessThan(TREES);
  });
});

/** So much may trees differ that are grown by other rules. */
const TREES = 0.05;

function valuesOf(column: Column): Float64Array {
  if (column.kind !== 'number') throw new Error('tables of numbers');
  return column.values;
}

describe('the area under the ROC curve', () => {
  it.each(TABLE_VALUES.areas)('is scikit-learn’s, with DeLong’s error by all pairs: $x, $y', ({ x, y, auc, error }) => {
    const [negatives, positives] = [sample(x), sample(y)];
    const labels = [...negatives].map(() => 0).concat([...positives].map(() => 1));
    const found = rocAuc(labels, Float64Array.of(...negatives, ...positives));
    expect(Math.abs(found.value! - auc)).toBeLessThan(1e-12);
    if (error === undefined || error === 0) {
      expect([found.low, found.high]).toEqual([null, null]);
      return;
    }
    expect(Math.abs(found.low! - Math.max(0, auc - Z95 * error))).toBeLessThan(1e-12);
    expect(Math.abs(found.high! - Math.min(1, auc + Z95 * error))).toBeLessThan(1e-12);
  });
});
