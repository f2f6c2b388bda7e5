/** The public face of the statistics core: columns in, numbers out. The columns themselves are in `column.ts`. */
export { jensenShannonDistance, jensenShannonDivergence } from './distances/jensen-shannon.ts';
export { lInfinity } from './distances/l-infinity.ts';
export { psi } from './distances/psi.ts';
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
export { createTableProfiler, type ProfilerOptions, type TableProfiler } from './table-profiler.ts';
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
export { type Comparison, compareColumn } from './verdict/compare-column.ts';
export { conclude, DEFAULT_POLICY, judge } from './verdict/judge.ts';
export type * from './verdict/judgement.ts';
export { MEASURES, type Measure, type MeasureName } from './verdict/measures.ts';
