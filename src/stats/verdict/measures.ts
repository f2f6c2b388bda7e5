import type { Column } from '../column.ts';

/** A measure: a function of two columns, named with its parameters and version. */
export type Measure = {
  readonly kinds: readonly Column['kind'][];
  /** A `test` gives a p-value, an `effect` decides whether a change matters, an `index` is only shown. */
  readonly use: 'test' | 'effect' | 'index';
  /** Where drift lies: at higher values, lower ones, or both. */
  readonly direction: 'higher' | 'lower' | 'both';
  readonly title: string;
  readonly description: string;
  /** The smallest effect that matters unless the policy says otherwise; null for tests. */
  readonly defaultLimit: number | null;
};

const registry = {
  'ks/two-sided@1': {
    kinds: ['number'],
    use: 'test',
    direction: 'higher',
    title: 'Kolmogorov-Smirnov',
    description: 'Largest distance between the two empirical distribution functions, NaN left out.',
    defaultLimit: null,
  },
  'wasserstein/reference-std@1': {
    kinds: ['number'],
    use: 'effect',
    direction: 'higher',
    title: 'Wasserstein distance',
    description: 'Mean distance that mass has to move, in population standard deviations of the reference.',
    defaultLimit: 0.1,
  },
  'psi/reference-edges@1': {
    kinds: ['number', 'category'],
    use: 'index',
    direction: 'higher',
    title: 'Population stability index',
    description: "Sum of (r - w) ln(r / w) over the reference's bins; missing, unseen and out of range are bins.",
    defaultLimit: 0.1,
  },
  'js_distance/base2/reference-edges@1': {
    kinds: ['number', 'category'],
    use: 'effect',
    direction: 'higher',
    title: 'Jensen-Shannon distance',
    description: "Square root of the base-2 divergence over the reference's bins: 0 for equal, 1 for disjoint.",
    defaultLimit: 0.1,
  },
  'chi_square/contingency@1': {
    kinds: ['category'],
    use: 'test',
    direction: 'higher',
    title: 'Chi-square',
    description: 'Homogeneity of two samples in a 2 x k table; every text is a cell, and so is missing.',
    defaultLimit: null,
  },
  'chi_square/pooled-cells@1': {
    kinds: ['category'],
    use: 'test',
    direction: 'higher',
    title: 'Chi-square, rare texts together',
    description: "The same with the smallest cells put together, where they are too small for the test's law.",
    defaultLimit: null,
  },
  'l_infinity/shares@1': {
    kinds: ['category'],
    use: 'index',
    direction: 'higher',
    title: 'Largest change of a share',
    description: 'Largest absolute difference between the shares of one category.',
    defaultLimit: 0.1,
  },
  'missing_share/difference@1': {
    kinds: ['number', 'category'],
    use: 'effect',
    direction: 'both',
    title: 'Change of the missing share',
    description: "Share of rows without a usable value (null or NaN), the window's minus the reference's.",
    defaultLimit: 0.05,
  },
} as const satisfies Record<string, Measure>;

export type MeasureName = keyof typeof registry;

/** Every measure by name. Names are stored in reports: add, never change. */
export const MEASURES: Readonly<Record<MeasureName, Measure>> = Object.freeze(registry);
