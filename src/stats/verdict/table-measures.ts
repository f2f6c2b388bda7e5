import { isBefore, type JudgeMethod } from './judge-method.ts';
import { isMeasureName, type MeasureName } from './measures.ts';

/** A measure of whole rows: it says that tables differ, the columns say how. */
export type TableMeasure = {
  readonly title: string;
  readonly description: string;
  readonly direction: 'higher' | 'both';
  /** How far from its mean under no drift it must be to matter; null for one without a scale of its own, which is only shown unless the policy has a limit for it. */
  readonly limit: number | null;
  /**
   * The part of the chosen false alarms that is its own, beside the columns: it looks at so many slices that to share theirs,
   * which columns that drift make loose, would be to alarm by chance. Absent: it is one more hypothesis among the columns.
   */
  readonly share?: number;
  /**
   * How far it must be where too few healthy windows say what is usual: rows that hang together by a law of their own, as those of
   * a series do, move further than rows of a sample. Absent: as far as with them.
   */
  readonly cautious?: number;
  /** The way of judging since which it is made where nothing is chosen. Absent: only when it is chosen. */
  readonly since?: JudgeMethod;
};

const registry = {
  'domain_classifier/auc@1': {
    title: 'Domain classifier',
    description:
      'How well boosted trees tell rows of the current data from rows of the reference: 0.5 not at all, 1 always.',
    direction: 'higher',
    limit: 0.05,
  },
  'pca_reconstruction/superiority@2': {
    title: 'PCA reconstruction',
    description:
      "Chance that a row of the current data fits the reference's principal components worse than one of its own.",
    direction: 'both',
    limit: 0.05,
  },
  'mmd/random-features@2': {
    title: 'Maximum mean discrepancy',
    description: 'Squared distance of the mean rows under a Gaussian kernel, by 128 random Fourier features.',
    direction: 'higher',
    limit: null,
  },
  'mmd/permutation@2': {
    title: 'Maximum mean discrepancy, permuted',
    description: 'The same against 999 deals of at most 4,000 rows of each side, instead of the law of many rows.',
    direction: 'higher',
    limit: null,
  },
  'mmd/linear-time@2': {
    title: 'Maximum mean discrepancy in linear time',
    description: 'The mean over pairs of rows, each used once: for more rows, and sees less of each.',
    direction: 'higher',
    limit: null,
  },
  'rank_correlations/largest-change@1': {
    title: 'Rank correlations',
    description: "Largest change of Spearman's correlation between two columns of numbers, whatever each does alone.",
    direction: 'higher',
    limit: 0.2,
  },
  'slice_shift/mean-rank@1': {
    title: 'Slices',
    description:
      'How far, in shares of the reference, a column of numbers moved in the rows of one value of a column of texts, less how far it moved in the others. For rows that are independent of each other, not for a series.',
    direction: 'higher',
    limit: 0.1,
    share: 0.2,
  },
  'slice_shift/mean-rank@2': {
    title: 'Slices',
    description:
      'How far, in shares of the reference, a column of numbers moved in the rows of one value of a column of texts, less how far it moved in the others: further than in healthy windows, or much.',
    direction: 'higher',
    limit: 0.1,
    share: 0.2,
    cautious: 0.3,
    since: 'judge@4',
  },
  'rank_correlations/largest-change@2': {
    title: 'Rank correlations',
    description:
      "Largest change of Spearman's correlation between two columns of numbers, whatever each does alone: further than in healthy windows, or much.",
    direction: 'higher',
    limit: 0.2,
    share: 0.1,
    cautious: 0.4,
    since: 'judge@5',
  },
} as const satisfies Record<string, TableMeasure>;

export type TableMeasureName = keyof typeof registry;

/** Every measure of whole rows by name. Names are stored in reports: add, never change. */
export const TABLE_MEASURES: Readonly<Record<TableMeasureName, TableMeasure>> = Object.freeze(registry);

export const TABLE_MEASURE_NAMES = Object.freeze(Object.keys(TABLE_MEASURES).filter(isTableMeasureName));

/** What is made where nothing is chosen. */
export const STANDARD_TABLE_MEASURES: readonly TableMeasureName[] = Object.freeze(
  TABLE_MEASURE_NAMES.filter((name) => TABLE_MEASURES[name].since !== undefined),
);

/** What of it there was by a way of judging. */
export const standardTables = (method: JudgeMethod): readonly TableMeasureName[] =>
  STANDARD_TABLE_MEASURES.filter((name) => !isBefore(method, TABLE_MEASURES[name].since ?? method));

/** The part of a monitor's false alarms that its measures of whole rows have of their own. */
export const shareOfTables = (names: readonly TableMeasureName[]): number =>
  names.reduce((sum, name) => sum + (TABLE_MEASURES[name].share ?? 0), 0);

export function isTableMeasureName(name: string): name is TableMeasureName {
  return Object.hasOwn(registry, name);
}

export type ChosenMeasures = {
  /** Null where no measure of columns is among them: the standard ones. */
  readonly measures: readonly MeasureName[] | null;
  readonly tableMeasures: readonly TableMeasureName[];
};

/** Names that were chosen together, by what they measure; names of nothing are left out. */
export function splitMeasures(names: readonly string[]): ChosenMeasures {
  const measures = names.filter(isMeasureName);
  return { measures: measures.length > 0 ? measures : null, tableMeasures: names.filter(isTableMeasureName) };
}
