import type { ColumnType, VectorType } from './column.ts';

/**
 * A profile: what a table's columns hold, in numbers that are plain JSON (never NaN or an infinity: a value
 * that cannot be given is null). It is stored, read back by later releases and merged, so every method is
 * named with its version and a change of meaning is a new name.
 */
export const PROFILE_FORMAT = 'tidemark.profile/3';

/** The formats that can be read: the first lacks `shapes` and `cycles`, none before the present one has vectors. */
const READABLE_FORMATS = ['tidemark.profile/1', 'tidemark.profile/2', PROFILE_FORMAT] as const;

/** Whether a stored profile is of a format that this release knows. */
export function isReadableFormat(format: unknown): format is TableProfile['format'] {
  return READABLE_FORMATS.some((known) => known === format);
}

export type TableProfile = {
  readonly format: (typeof READABLE_FORMATS)[number];
  readonly rows: number;
  /** In the order of the table; after a merge, new columns follow the known ones. */
  readonly columns: readonly ColumnProfile[];
};

export type ColumnProfile = NumberProfile | CategoryProfile | TimeProfile | VectorProfile;

type CommonProfile = {
  readonly name: string;
  readonly type: ColumnType;
  /** The types of the merged parts, sorted; more than one when the parts disagree. */
  readonly types: readonly ColumnType[];
  /** Rows of the table, with or without a value here. */
  readonly rows: number;
  /** Rows without a value, `absent` among them. NaN is a value and not counted. */
  readonly nulls: number;
  /** Rows of merged parts that did not have this column at all. */
  readonly absent: number;
  readonly distinct: Distinct;
  readonly top: TopValues;
};

/** Numbers. `min`, `max`, moments, quantiles, grid and bins are of the finite values. */
export type NumberProfile = CommonProfile & {
  readonly kind: 'number';
  readonly type: 'int64' | 'float64';
  readonly nan: number;
  readonly positiveInfinity: number;
  readonly negativeInfinity: number;
  readonly finite: number;
  readonly zeros: number;
  readonly negatives: number;
  readonly min: number | null;
  readonly max: number | null;
  /** Decimal digits of the smallest and largest integer when one lies beyond ±2^53, else null. */
  readonly exactMin: string | null;
  readonly exactMax: string | null;
  readonly moments: Moments | null;
  readonly quantiles: Quantiles | null;
  readonly grid: PointGapGrid | null;
  readonly bins: QuantileBins | null;
};

/** Texts and booleans; a boolean's values are 'false' and 'true'. */
export type CategoryProfile = CommonProfile & {
  readonly kind: 'category';
  readonly type: 'text' | 'boolean';
  readonly empty: number;
  /** Lengths in UTF-16 code units; null for booleans and where there is no text. */
  readonly lengths: TextLengths | null;
  /** What the texts are made of; null where `lengths` is. */
  readonly shapes?: TextShapes | null;
};

/** Points in time, in milliseconds since 1970-01-01T00:00:00Z. */
export type TimeProfile = CommonProfile & {
  readonly kind: 'time';
  readonly type: 'timestamp' | 'date';
  readonly min: number | null;
  readonly max: number | null;
  readonly quantiles: Quantiles | null;
  readonly grid: PointGapGrid | null;
  readonly bins: QuantileBins | null;
  readonly cycles?: TimeCycles | null;
};

/**
 * Vectors of one length. Norm and components are of those that are `finite` in every component; the rows with a NaN
 * (an absent component is one) or an infinity are counted, and so are such components.
 */
export type VectorProfile = CommonProfile & {
  readonly kind: 'vector';
  readonly type: VectorType;
  readonly dimension: number;
  readonly nan: number;
  readonly infinite: number;
  readonly nanComponents: number;
  readonly infiniteComponents: number;
  readonly finite: number;
  /** Vectors whose every component is 0. */
  readonly zeros: number;
  /** Euclidean lengths of the finite vectors: one row a vector. */
  readonly norm: NumberProfile;
  /** Null where no vector is finite. */
  readonly components: VectorComponents | null;
};

/**
 * By component over `n` vectors: `mean` is the centroid; `variance` divides by n - 1, null for one vector. Merged by the
 * formulas of Chan et al. (1979). An entry is null where it is beyond the range of a double.
 */
export type VectorComponents = {
  readonly method: 'component-moments@1';
  readonly n: number;
  readonly mean: readonly (number | null)[];
  readonly variance: readonly (number | null)[] | null;
  readonly min: readonly (number | null)[];
  readonly max: readonly (number | null)[];
};

/**
 * Central moments: `m2`, `m3`, `m4` are sums of powers of the deviations from the mean, which merge by the
 * formulas of Chan et al. (1979) and Pébay (2008). `variance` and `std` divide by n - 1, `populationStd` by n;
 * `skewness` is g1 and `kurtosis` the excess g2 of the population (SciPy's defaults).
 * A member is null where it is not defined (one row, no spread) or beyond the range of a double.
 */
export type Moments = {
  /** The second has the mean to more digits than a double has. */
  readonly method: 'central-moments@1' | 'central-moments@2';
  readonly n: number;
  readonly mean: number | null;
  /** What the mean lies above that; absent where it is nothing beside the spread, and in profiles from before it was kept. */
  readonly low?: number;
  readonly m2: number | null;
  readonly m3: number | null;
  readonly m4: number | null;
  readonly variance: number | null;
  readonly std: number | null;
  readonly populationStd: number | null;
  readonly skewness: number | null;
  readonly kurtosis: number | null;
};

/**
 * Quantiles by linear interpolation between order statistics (type 7 of Hyndman and Fan, NumPy's default).
 * `rankError` is the largest error of a rank as a share of the rows; 0 means exact.
 */
export type Quantiles = {
  readonly method: 'quantiles/linear@1';
  readonly rankError: number;
  readonly values: readonly { readonly p: number; readonly value: number }[];
};

/**
 * Counts of the values equal to each edge and strictly between neighbouring edges, so that mass on a point
 * stays visible. `between[i]` lies between `edges[i]` and `edges[i + 1]`; `under` and `over` lie outside.
 * `rankError`: the largest error of a cumulative count at an edge, as a share of `n`; 0 means exact.
 */
export type PointGapGrid = {
  readonly method: 'point-gap-grid/1024@1';
  readonly rankError: number;
  readonly n: number;
  readonly edges: readonly number[];
  readonly at: readonly number[];
  readonly between: readonly number[];
  readonly under: number;
  readonly over: number;
};

/**
 * At most 20 bins of nearly equal mass, for drawing and for PSI and Jensen-Shannon. Bin `i` holds the values
 * in `(edges[i], edges[i + 1]]`, the first also those equal to `edges[0]`, which is the minimum; the last edge
 * is the maximum. Where the minimum alone holds a whole bin, `edges[0] === edges[1]`. A column with at most 20
 * different values has one bin for each.
 */
export type QuantileBins = {
  readonly method: 'quantile-bins/20@1';
  readonly edges: readonly number[];
  readonly counts: readonly number[];
};

export type Distinct = {
  readonly method: 'exact@1' | 'hyperloglog/p14@1';
  readonly value: number;
  /** Relative standard error; 0 when exact. */
  readonly error: number;
  /**
   * HyperLogLog registers, one base64 digit each, which makes the count mergeable; null when `top` lists every
   * value or there is none.
   */
  readonly registers: string | null;
};

export type ValueCount = { readonly value: string | number; readonly count: number };

/** The most frequent values, most frequent first (ties by value), and how many rows hold others. */
export type TopValues = {
  readonly method: 'exact@1' | 'misra-gries/4096@1' | 'point-gap-grid@1' | 'none@1';
  readonly values: readonly ValueCount[];
  /** Rows with a value that is not listed. */
  readonly rest: number;
  /** True when every value of the column is listed. */
  readonly complete: boolean;
  /** A count is short by at most this many rows (for `point-gap-grid@1`: off by at most). */
  readonly error: number;
  /** No value that is not listed has more rows than this. */
  readonly unlisted: number;
  /** Why nothing is listed, else null. */
  readonly reason: string | null;
};

export type TextLengths = { readonly min: number; readonly mean: number; readonly max: number };

/**
 * Which characters texts are made of, and in which patterns: `A+`, `a+` and `u+` are runs of upper-case letters, of
 * lower-case ones and of characters beyond ASCII, `9{4}` is four digits, everything else stands for itself.
 */
export type TextShapes = {
  readonly method: 'text-shapes@1';
  /** Rows whose texts were looked at: all with a value, unless a batch held more than 1,024 different texts. */
  readonly rows: number;
  /** Characters (UTF-16 code units) by class, over these rows. */
  readonly characters: Readonly<Record<'upper' | 'lower' | 'digits' | 'spaces' | 'punctuation' | 'other', number>>;
  /** The most frequent patterns, most frequent first. After a merge a count lacks the rows of parts that did not list it. */
  readonly patterns: readonly { readonly pattern: string; readonly count: number }[];
  /** Of these rows those with another pattern. */
  readonly rest: number;
};

/** Rows by day of the week, Monday first, and by hour of the day (null for dates), in UTC. */
export type TimeCycles = {
  readonly method: 'time-cycles/utc@1';
  readonly weekdays: readonly number[];
  readonly hours: readonly number[] | null;
};
