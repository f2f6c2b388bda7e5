import { componentMeans, type MeanTest } from '../hypothesis-tests/component-means.ts';
import { xoshiro128 } from '../sampling/xoshiro128.ts';
import { spreadAbout, vectorMomentsOf } from '../summaries/vector-moments.ts';
import { domainClassifier } from '../table/domain-classifier.ts';
import { type CentroidDistance, centroidDistance, componentDrift } from '../table/embedding-drift.ts';
import type { Matrix } from '../table/matrix.ts';
import { landmarkMmd, linearMmd, type MatrixPair, medianBandwidth } from '../table/maximum-mean-discrepancy.ts';
import type { ColumnPair } from '../table/table-pair.ts';
import { vectorSpreadRatio } from '../table/vector-spread-ratio.ts';
import { finding, type Result } from './findings.ts';
import type { Finding, JudgePolicy } from './judgement.ts';
import type { MeasureName } from './measures.ts';
import type { VECTOR_MEASURES } from './vector-measures.ts';

/** Chance is an argument: the same vectors give the same findings for ever. */
const SEED = 8;
/** Rows of a side whose features are made, and that a classifier learns from: more would take long. */
const MOST_ROWS = 2_000;
const PERMUTATIONS = 999;
const TOO_FEW = 'too few finite vectors, or they do not vary, or by more than numbers can say';

/** What a drifted component is: its level over all components, and how far it moved. */
const COMPONENT = { level: 0.05, effect: 0.1 } as const;

type Compute = (pair: MatrixPair) => Result | null;

const COMPUTE: Readonly<Record<keyof typeof VECTOR_MEASURES, Compute>> = Object.freeze({
  'centroid_distance/dealing@1': (pair) => {
    const found = centroidOf(pair);
    return found && { value: found.euclidean, p: found.p, ...lawOf(found), parameters: sizesOf(pair) };
  },
  'centroid_distance/reference-spread@2': (pair) => {
    const found = centroidOf(pair);
    const spread = spreadOf(pair.x);
    if (found === null || !(spread > 0 && Number.isFinite(spread))) return null;
    const { nullMean, null95 } = lawOf(found);
    const parameters = { ...sizesOf(pair), referenceSpread: spread };
    return { value: found.euclidean / spread, nullMean: nullMean / spread, null95: null95 / spread, parameters };
  },
  'centroid_distance/cosine@1': (pair) => {
    const found = centroidOf(pair);
    return found && { value: found.cosine, reason: 'a mean vector is 0', parameters: sizesOf(pair) };
  },
  'mmd/vectors/landmarks@1': (pair) => ofMmd(pair, 0),
  'mmd/vectors/permutation@3': (pair) => ofMmd(pair, PERMUTATIONS),
  'mmd/vectors/linear-time@2': ofLinearMmd,
  'component_means/welch@1': (pair) => ofComponentMeans(pair, 'welch'),
  'component_means/welch-student@1': (pair) => ofComponentMeans(pair, 'welch-student'),
  'domain_classifier/components@1': ofDomainClassifier,
  'spread/vectors/log-ratio@1': (pair) => {
    const found = vectorSpreadRatio(pair);
    return found && { ...found, nullMean: 0, parameters: sizesOf(pair) };
  },
  'drifted_components/share@1': (pair) => {
    const found = componentDrift(pair, COMPONENT);
    if (found === null) return null;
    const { share, drifted, components } = found;
    const worst = components.reduce<number>(
      (best, c, j) => (largeness(c) > largeness(components[best] ?? c) ? j : best),
      0,
    );
    // By q no component drifts, in 95 % of all pairs, where nothing did.
    const parameters = { ...sizesOf(pair), drifted, components: components.length, worstComponent: worst };
    return { value: share, nullMean: 0, null95: 0, parameters };
  },
});

const largeness = ({ distance }: { readonly distance: number | null }): number => distance ?? Number.POSITIVE_INFINITY;

/** The findings of these measures on two samples of vectors; a name of another kind of column is left out. */
export function vectorFindings(names: readonly MeasureName[], pair: MatrixPair, policy: JudgePolicy): Finding[] {
  return names.flatMap((name) => {
    if (!isVectorMeasure(name)) return [];
    if (pair.x.rows === 0 || pair.y.rows === 0) {
      const reason = `the ${pair.y.rows === 0 ? 'window' : 'reference'} has no usable values`;
      return [finding(name, policy, { reason })];
    }
    return [finding(name, policy, COMPUTE[name](pair) ?? { reason: TOO_FEW })];
  });
}

function isVectorMeasure(name: MeasureName): name is keyof typeof VECTOR_MEASURES {
  return Object.hasOwn(COMPUTE, name);
}

const sizesOf = ({ x, y }: MatrixPair) => ({ n: x.rows, m: y.rows });

const momentsOf = ({ values, rows, columns }: Matrix) => vectorMomentsOf(values, rows, columns);

/** Several measures are made of the distance of one pair. */
const known = new WeakMap<MatrixPair, CentroidDistance | null>();

function centroidOf(pair: MatrixPair): CentroidDistance | null {
  const found = known.get(pair);
  if (found !== undefined) return found;
  const made = centroidDistance(pair, xoshiro128(SEED));
  known.set(pair, made);
  return made;
}

const lawOf = ({ nullMean, null95 }: CentroidDistance) => ({ nullMean, null95 });

const spreadOf = (matrix: Matrix): number => spreadAbout(momentsOf(matrix));

const firstRows = ({ rows, columns, values }: Matrix): Matrix => {
  const taken = Math.min(rows, MOST_ROWS);
  return { rows: taken, columns, values: values.subarray(0, taken * columns) };
};

/** Rows are in random order, so the first ones are as good as any. */
function ofMmd(pair: MatrixPair, permutations: number): Result | null {
  const used = { x: firstRows(pair.x), y: firstRows(pair.y) };
  const random = xoshiro128(SEED);
  const bandwidth = medianBandwidth(used, random);
  const found = landmarkMmd(used, { bandwidth, random, permutations });
  if (found === null) return null;
  const { mmd2, nullMean, null95, p, method } = found;
  const parameters = {
    ...sizesOf(used),
    bandwidth,
    null: method,
    ...(permutations > 0 && { permutations }),
    seed: SEED,
  };
  return { value: mmd2, nullMean, null95, p, parameters };
}

/** Each vector is used once, so that all of them can be. */
function ofLinearMmd(pair: MatrixPair): Result | null {
  const random = xoshiro128(SEED);
  const bandwidth = medianBandwidth(pair, random);
  const found = linearMmd(pair, { bandwidth, random });
  if (found === null) return null;
  const { mmd2, z, p, pairs } = found;
  return { value: mmd2, nullMean: 0, p, parameters: { ...sizesOf(pair), pairs, z, bandwidth, seed: SEED } };
}

function ofComponentMeans({ x, y }: MatrixPair, by: MeanTest): Result | null {
  const found = componentMeans(momentsOf(x), momentsOf(y), by);
  if (found === null) return null;
  const { t, p, component } = found;
  const reason = 'the component varies on neither side';
  return { value: t === null ? null : Math.abs(t), p, reason, parameters: { component } };
}

function ofDomainClassifier(pair: MatrixPair): Result | null {
  const used = { x: firstRows(pair.x), y: firstRows(pair.y) };
  const columns = Array.from({ length: used.x.columns }, (_, j): ColumnPair => {
    return { name: String(j), reference: componentOf(used.x, j), window: componentOf(used.y, j) };
  });
  const found = domainClassifier(columns, { random: xoshiro128(SEED) });
  if (found === null) return null;
  const { auc, low, high, p, n, m, contributions } = found;
  const strongest = contributions[0]?.name ?? null;
  return { value: auc, nullMean: 0.5, p, parameters: { n, m, low, high, strongestComponent: strongest, seed: SEED } };
}

function componentOf({ rows, columns, values }: Matrix, j: number) {
  const component = Float64Array.from({ length: rows }, (_, row) => values[row * columns + j]!);
  return { kind: 'number', type: 'float64', length: rows, values: component, valid: null, exact: null } as const;
}
