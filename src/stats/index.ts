/** The public face of the statistics core: columns in, numbers out. The columns themselves are in `column.ts`. */
export type { ProfilerOptions } from './column-profiler.ts';
export { energyDistance } from './distances/energy.ts';
export { hellinger } from './distances/hellinger.ts';
export { jensenShannonDistance, jensenShannonDivergence } from './distances/jensen-shannon.ts';
export { kullbackLeibler } from './distances/kullback-leibler.ts';
export { lInfinity } from './distances/l-infinity.ts';
export { normalisedAbsoluteDifference } from './distances/normalised-absolute-difference.ts';
export { psi } from './distances/psi.ts';
export { totalVariation } from './distances/total-variation.ts';
export { wasserstein } from './distances/wasserstein.ts';
export { mergeProfiles } from './merge-profiles.ts';
export {
  type BinaryOutcomes,
  type BinaryPerformance,
  binaryPerformance,
  type ConfusionMatrix,
} from './performance/binary-classification.ts';
export type { Metric } from './performance/metric.ts';
export {
  type RegressionOutcomes,
  type RegressionPerformance,
  regressionPerformance,
} from './performance/regression.ts';
export * from './profile.ts';
export { type Uniform, xoshiro128 } from './sampling/xoshiro128.ts';
export { describeTexts, TEXT_DESCRIPTORS, vocabularyOf } from './summaries/text-descriptors.ts';
export { domainClassifier } from './table/domain-classifier.ts';
export { centroidDistance, componentDrift } from './table/embedding-drift.ts';
export { encodeTables } from './table/encode-table.ts';
export { linearMmd, medianBandwidth, randomFeatureMmd } from './table/maximum-mean-discrepancy.ts';
export { mmdContributions } from './table/mmd-contributions.ts';
export { pcaReconstruction } from './table/pca-reconstruction.ts';
export { createTableProfiler, type TableProfiler } from './table-profiler.ts';
export { andersonDarling } from './tests/anderson-darling.ts';
export { chiSquareContingency } from './tests/chi-square-contingency.ts';
export { cramerVonMises, midrankCramerVonMises } from './tests/cramer-von-mises.ts';
export { eppsSingleton } from './tests/epps-singleton.ts';
export { fisherExact } from './tests/fisher-exact.ts';
export { fisherMonteCarlo } from './tests/fisher-monte-carlo.ts';
export { gTest } from './tests/g-test.ts';
export { kolmogorovSmirnov } from './tests/kolmogorov-smirnov.ts';
export { levene } from './tests/levene.ts';
export { mannWhitney } from './tests/mann-whitney.ts';
export { permutationTest } from './tests/permutation.ts';
export { studentTTest, welchTTest } from './tests/t-test.ts';
export { zProportions } from './tests/z-proportions.ts';
export { benjaminiHochberg } from './verdict/benjamini-hochberg.ts';
export { benjaminiYekutieli } from './verdict/benjamini-yekutieli.ts';
export type { Comparison } from './verdict/column-comparison.ts';
export { compareColumn } from './verdict/compare-column.ts';
export { conclude } from './verdict/conclude.ts';
export { DEFAULT_POLICY, judge } from './verdict/judge.ts';
export type * from './verdict/judgement.ts';
export type { Measure } from './verdict/measure.ts';
export { MEASURES, type MeasureName } from './verdict/measures.ts';
