import { shuffledRows } from '../sampling/shuffle.ts';
import { type Uniform, xoshiro128 } from '../sampling/xoshiro128.ts';
import { correlationShifts } from '../table/correlation-shifts.ts';
import { type Contribution, domainClassifier } from '../table/domain-classifier.ts';
import { encodeTables } from '../table/encode-table.ts';
import { type Matrix, takeRows } from '../table/matrix.ts';
import { linearMmd, medianBandwidth, randomFeatureMmd } from '../table/maximum-mean-discrepancy.ts';
import { mmdContributions } from '../table/mmd-contributions.ts';
import { pcaReconstruction } from '../table/pca-reconstruction.ts';
import { rankCorrelationChange } from '../table/rank-correlation-change.ts';
import { type Looked, sliceShift, sliceShifts } from '../table/slice-shift.ts';
import { rowsOf, type TablePair } from '../table/table-pair.ts';
import { finiteOrNull } from './findings.ts';
import type { TableCandidate, TableFinding } from './judgement.ts';
import { TABLE_MEASURES, type TableMeasureName } from './table-measures.ts';

/** Chance is an argument: the same rows give the same numbers for ever. */
const SEED = 3;
/** Rows of a side that are dealt anew, and how often: more would take seconds. */
const PERMUTED = { rows: 4_000, permutations: 999 };
/** Columns named as what contributes most. */
const CONTRIBUTORS = 10;
/** Columns that are looked at in pairs: of twenty thousand rows some hundred milliseconds. */
export const RELATED = 40;
/** Columns whose slices are looked into: of twenty thousand rows some hundred milliseconds. */
export const SLICED: Looked = { numbers: 50, texts: 20 };

type Found = Omit<TableFinding, 'measure' | 'direction' | 'reason'>;

const NOTHING: Found = {
  value: null,
  low: null,
  high: null,
  nullMean: null,
  null95: null,
  p: null,
  parameters: {},
  contributions: [],
};
const TOO_LITTLE = 'too few rows or columns that vary';

/** Each of these measures on two tables of the same columns. Pure, and seeded: the same tables give the same findings. */
export function tableFindings(pair: TablePair, names: readonly TableMeasureName[]): TableFinding[] {
  return names.map((measure) => {
    const found = COMPUTE[measure](pair);
    const { direction } = TABLE_MEASURES[measure];
    return { measure, direction, ...(found ?? NOTHING), reason: found === null ? TOO_LITTLE : null };
  });
}

const COMPUTE: Readonly<Record<TableMeasureName, (pair: TablePair) => Found | null>> = Object.freeze({
  'domain_classifier/auc@1': ofDomainClassifier,
  'pca_reconstruction/superiority@2': ofPca,
  'mmd/random-features@2': (pair) => ofMmd(pair, { rows: Number.POSITIVE_INFINITY, permutations: 0 }),
  'mmd/permutation@2': (pair) => ofMmd(pair, PERMUTED),
  'mmd/linear-time@2': ofLinearMmd,
  'rank_correlations/largest-change@1': ofRankCorrelations,
  'rank_correlations/largest-change@2': ofCorrelations,
  'slice_shift/mean-rank@1': ofSliceShift,
  'slice_shift/mean-rank@2': ofSlices,
});

const strongest = (contributions: readonly Contribution[]): Contribution[] =>
  contributions.filter(({ share }) => share > 0).slice(0, CONTRIBUTORS);

function ofDomainClassifier(pair: TablePair): Found | null {
  const found = domainClassifier(pair, { random: xoshiro128(SEED) });
  if (found === null) return null;
  const { auc, low, high, p, n, m, contributions } = found;
  const parameters = { n, m, columns: pair.length, folds: 2, seed: SEED };
  return { ...NOTHING, value: auc, low, high, nullMean: 0.5, p, parameters, contributions: strongest(contributions) };
}

function ofPca(pair: TablePair): Found | null {
  const { n, m } = rowsOf(pair);
  const found = pcaReconstruction(encodeTables(pair), { random: xoshiro128(SEED) });
  if (found === null) return null;
  const { superiority, p, components, columns, referenceError, windowError, contributions } = found;
  const parameters = { n, m, columns, components, referenceError, windowError, seed: SEED };
  return { ...NOTHING, value: superiority, nullMean: 0.5, p, parameters, contributions: strongest(contributions) };
}

function ofRankCorrelations(pair: TablePair): Found | null {
  const found = rankCorrelationChange(pair);
  if (found === null) return null;
  const { change, p, null95, columns, before, after, n, m, pairs, width, contributions } = found;
  const [first, second] = columns;
  // Of wide tables fewer rows and columns are looked at: what is told is what was.
  const parameters = { n, m, columns: width, pairs, first, second, before, after };
  return { ...NOTHING, value: change, nullMean: 0, null95, p, parameters, contributions: strongest(contributions) };
}

function ofSliceShift(pair: TablePair): Found | null {
  const found = sliceShift(pair);
  if (found === null) return null;
  const { shift, p, column, value, moved, n, m, looked } = found;
  const parameters = { column, slice: value, n, m, looked };
  return { ...NOTHING, value: shift, nullMean: 0, p, parameters, contributions: [{ name: moved, share: 1 }] };
}

function ofSlices(pair: TablePair): Found | null {
  const candidates = sliceShifts(pair, SLICED).map(({ shift, ratio, p, column, value, moved, ...found }) => ({
    ...{ column: moved, ratio, value: shift, p, contributions: [{ name: moved, share: 1 }] },
    parameters: {
      ...{ column, slice: value, n: found.n, m: found.m, looked: found.looked },
      ...{ share_before: found.shares.reference, share_after: found.shares.window },
      ...{ mean_before: found.means.reference, mean_after: found.means.window },
    },
  }));
  return leastLikely(candidates);
}

function ofCorrelations(pair: TablePair): Found | null {
  const found = correlationShifts(pair, RELATED).map(({ column, other, before, after, ratio, p, ...rest }) => ({
    ...{ column, ratio, value: Math.abs(after - before), p },
    contributions: [column, other].map((name) => ({ name, share: 0.5 })),
    parameters: { ...rest, columns: rest.width, first: column, second: other, before, after },
  }));
  return leastLikely(found);
}

function leastLikely(candidates: readonly TableCandidate[]): Found | null {
  const [first, ...others] = candidates;
  if (first === undefined) return null;
  const { value, p, parameters, contributions } = others.reduce((a, b) => ((b.p ?? 1) < (a.p ?? 1) ? b : a), first);
  return { ...NOTHING, value, nullMean: 0, p, parameters, contributions, candidates };
}

type Dealing = { readonly rows: number; readonly permutations: number };

function ofMmd(pair: TablePair, { rows, permutations }: Dealing): Found | null {
  const { names, ...sides } = encodeTables(pair);
  const random = xoshiro128(SEED);
  const [x, y] = [drawn(sides.reference, rows, random), drawn(sides.window, rows, random)];
  const bandwidth = medianBandwidth({ x, y }, random);
  const found = randomFeatureMmd({ x, y }, { bandwidth, random, permutations });
  if (found === null) return null;
  const { mmd2, nullMean, null95, p } = found;
  const parameters = {
    n: x.rows,
    m: y.rows,
    columns: names.length,
    bandwidth: finiteOrNull(bandwidth),
    null: found.method,
    ...(permutations > 0 && { permutations }),
    seed: SEED,
  };
  const contributions = strongest(mmdContributions({ x, y }, names, { random }));
  return { ...NOTHING, value: mmd2, nullMean, null95, p, parameters, contributions };
}

/** Random rows, since they are in the order of the table. */
const drawn = (side: Matrix, most: number, random: Uniform): Matrix =>
  side.rows <= most ? side : takeRows(side, shuffledRows(side.rows, random, most));

function ofLinearMmd(pair: TablePair): Found | null {
  const { names, reference: x, window: y } = encodeTables(pair);
  const random = xoshiro128(SEED);
  const bandwidth = medianBandwidth({ x, y }, random);
  const found = linearMmd({ x, y }, { bandwidth, random });
  if (found === null) return null;
  const { mmd2, z, p, null95, pairs } = found;
  const parameters = { n: x.rows, m: y.rows, pairs, columns: names.length, bandwidth, z, seed: SEED };
  const contributions = strongest(mmdContributions({ x, y }, names, { random }));
  return { ...NOTHING, value: mmd2, nullMean: 0, null95, p, parameters, contributions };
}
