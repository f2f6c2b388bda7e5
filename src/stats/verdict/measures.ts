import type { Column } from '../column.ts';

/** A measure: a function of two columns, named with its parameters and version. */
export type Measure = {
  readonly kinds: readonly Column['kind'][];
  /** A `test` gives a p-value, an `effect` decides whether a change matters, an `index` is only shown unless it is chosen. */
  readonly use: 'test' | 'effect' | 'index';
  /** Where drift lies: at higher values, lower ones, or both. */
  readonly direction: 'higher' | 'lower' | 'both';
  readonly title: string;
  readonly description: string;
  /** The smallest effect that matters unless the policy says otherwise; null for tests and where it depends on a unit. */
  readonly defaultLimit: number | null;
  /** Made unless a policy chooses others; what is not standard is made only when it is chosen. */
  readonly standard: boolean;
};

const registry = {
  'ks/two-sided@1': {
    kinds: ['number'],
    use: 'test',
    direction: 'higher',
    title: 'Kolmogorov-Smirnov',
    description: 'Largest distance between the two empirical distribution functions, NaN left out.',
    defaultLimit: null,
    standard: true,
  },
  'wasserstein/reference-std@1': {
    kinds: ['number'],
    use: 'effect',
    direction: 'higher',
    title: 'Wasserstein distance',
    description: 'Mean distance that mass has to move, in population standard deviations of the reference.',
    defaultLimit: 0.1,
    standard: true,
  },
  'psi/reference-edges@1': {
    kinds: ['number', 'category'],
    use: 'index',
    direction: 'higher',
    title: 'Population stability index',
    description: "Sum of (r - w) ln(r / w) over the reference's bins; missing, unseen and out of range are bins.",
    defaultLimit: 0.1,
    standard: true,
  },
  'js_distance/base2/reference-edges@1': {
    kinds: ['number', 'category'],
    use: 'effect',
    direction: 'higher',
    title: 'Jensen-Shannon distance',
    description: "Square root of the base-2 divergence over the reference's bins: 0 for equal, 1 for disjoint.",
    defaultLimit: 0.1,
    standard: true,
  },
  'chi_square/contingency@1': {
    kinds: ['category'],
    use: 'test',
    direction: 'higher',
    title: 'Chi-square',
    description: 'Homogeneity of two samples in a 2 x k table; every text is a cell, and so is missing.',
    defaultLimit: null,
    standard: true,
  },
  'chi_square/pooled-cells@1': {
    kinds: ['category'],
    use: 'test',
    direction: 'higher',
    title: 'Chi-square, rare texts together',
    description: "The same with the smallest cells put together, where they are too small for the test's law.",
    defaultLimit: null,
    standard: true,
  },
  'l_infinity/shares@1': {
    kinds: ['category'],
    use: 'index',
    direction: 'higher',
    title: 'Largest change of a share',
    description: 'Largest absolute difference between the shares of one category.',
    defaultLimit: 0.1,
    standard: true,
  },
  'missing_share/difference@1': {
    kinds: ['number', 'category'],
    use: 'effect',
    direction: 'both',
    title: 'Change of the missing share',
    description: "Share of rows without a usable value (null or NaN), the window's minus the reference's.",
    defaultLimit: 0.05,
    standard: true,
  },
  'cramer_von_mises/integral@1': {
    kinds: ['number'],
    use: 'test',
    direction: 'higher',
    title: 'Cramér-von Mises',
    description: 'Mean squared distance between the two distribution functions, with the law that its ties give it.',
    defaultLimit: null,
    standard: false,
  },
  'anderson_darling/midrank@1': {
    kinds: ['number'],
    use: 'test',
    direction: 'higher',
    title: 'Anderson-Darling',
    description:
      'The same weighted towards the tails, ties at their midrank, in deviations from its mean under no drift.',
    defaultLimit: null,
    standard: false,
  },
  'mann_whitney/two-sided@1': {
    kinds: ['number'],
    use: 'test',
    direction: 'both',
    title: 'Mann-Whitney',
    description:
      'Chance that a value of the window is larger than one of the reference; 0.5 without drift of location.',
    defaultLimit: null,
    standard: false,
  },
  'epps_singleton/two-points@1': {
    kinds: ['number'],
    use: 'test',
    direction: 'higher',
    title: 'Epps-Singleton',
    description: 'Distance between the characteristic functions at two points; also fit for discrete values.',
    defaultLimit: null,
    standard: false,
  },
  't_test/welch@1': {
    kinds: ['number'],
    use: 'test',
    direction: 'both',
    title: 'Welch t',
    description: 'Difference of the means in standard errors, the two variances not assumed equal.',
    defaultLimit: null,
    standard: false,
  },
  't_test/student@1': {
    kinds: ['number'],
    use: 'test',
    direction: 'both',
    title: 'Student t',
    description: 'Difference of the means in standard errors, with one variance for both sides.',
    defaultLimit: null,
    standard: false,
  },
  'levene/median@1': {
    kinds: ['number'],
    use: 'test',
    direction: 'higher',
    title: 'Brown-Forsythe',
    description: 'Whether the absolute deviations from the median are equally large on both sides.',
    defaultLimit: null,
    standard: false,
  },
  'levene/mean@1': {
    kinds: ['number'],
    use: 'test',
    direction: 'higher',
    title: 'Levene',
    description: 'Whether the absolute deviations from the mean are equally large on both sides.',
    defaultLimit: null,
    standard: false,
  },
  'g_test/contingency@1': {
    kinds: ['category'],
    use: 'test',
    direction: 'higher',
    title: 'G test',
    description:
      'Likelihood ratio of two samples in a 2 x k table, the smallest cells put together where they are too small.',
    defaultLimit: null,
    standard: false,
  },
  'fisher/exact@1': {
    kinds: ['category'],
    use: 'test',
    direction: 'both',
    title: 'Fisher exact',
    description:
      'Share of tables with the same margins that are no more probable; by 1,999 drawn ones for more than two cells.',
    defaultLimit: null,
    standard: false,
  },
  'z_test/proportions@1': {
    kinds: ['category'],
    use: 'test',
    direction: 'both',
    title: 'Z for proportions',
    description: 'Difference of a share in standard errors, for columns of two values.',
    defaultLimit: null,
    standard: false,
  },
  'wasserstein/raw@1': {
    kinds: ['number'],
    use: 'index',
    direction: 'higher',
    title: 'Wasserstein distance, raw',
    description: 'Mean distance that mass has to move, in the unit of the column.',
    defaultLimit: null,
    standard: false,
  },
  'energy/reference-std@1': {
    kinds: ['number'],
    use: 'effect',
    direction: 'higher',
    title: 'Energy distance',
    description:
      'Root of twice the integral of the squared distance between the distribution functions, in deviations of the reference.',
    defaultLimit: 0.1,
    standard: false,
  },
  'energy/raw@1': {
    kinds: ['number'],
    use: 'index',
    direction: 'higher',
    title: 'Energy distance, raw',
    description: 'The same in the square root of the unit of the column.',
    defaultLimit: null,
    standard: false,
  },
  'hellinger/reference-edges@1': {
    kinds: ['number', 'category'],
    use: 'effect',
    direction: 'higher',
    title: 'Hellinger distance',
    description: "Distance of the roots of the shares over the reference's bins: 0 for equal, 1 for disjoint.",
    defaultLimit: 0.1,
    standard: false,
  },
  'js_distance/natural/reference-edges@1': {
    kinds: ['number', 'category'],
    use: 'effect',
    direction: 'higher',
    title: 'Jensen-Shannon distance, natural',
    description: 'The same as the base-2 distance in natural units: 0 for equal, 0.8326 for disjoint.',
    defaultLimit: 0.1,
    standard: false,
  },
  'kullback_leibler/reference-edges@1': {
    kinds: ['number', 'category'],
    use: 'effect',
    direction: 'higher',
    title: 'Kullback-Leibler divergence',
    description:
      "Sum of r ln(r / w) over the reference's bins; a bin that is empty in the window counts as half a row.",
    defaultLimit: 0.1,
    standard: false,
  },
  'total_variation/reference-edges@1': {
    kinds: ['number', 'category'],
    use: 'effect',
    direction: 'higher',
    title: 'Total variation distance',
    description: "Half the sum of the changes of the shares of the reference's bins: 0 for equal, 1 for disjoint.",
    defaultLimit: 0.1,
    standard: false,
  },
  'normalised_absolute_difference/counts@1': {
    kinds: ['number', 'category'],
    use: 'index',
    direction: 'higher',
    title: 'Normalised absolute difference',
    description: 'Largest difference of two counts over all rows: compares numbers of rows, not shares.',
    defaultLimit: 0.1,
    standard: false,
  },
} as const satisfies Record<string, Measure>;

export type MeasureName = keyof typeof registry;

/** Every measure by name. Names are stored in reports: add, never change. */
export const MEASURES: Readonly<Record<MeasureName, Measure>> = Object.freeze(registry);

export const MEASURE_NAMES = Object.freeze(Object.keys(MEASURES).filter(isMeasureName));

export function isMeasureName(name: string): name is MeasureName {
  return Object.hasOwn(registry, name);
}
