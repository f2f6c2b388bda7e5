import type { Column } from '../column.ts';
import type { ColumnProfile } from '../profile.ts';
import type { Contribution } from '../table/domain-classifier.ts';
import type { DriftSlice, SlicesMethod } from '../table/drift-slices.ts';
import type { JudgeMethod } from './judge-method.ts';
import type { MeasureName } from './measures.ts';
import type { TableMeasureName } from './table-measures.ts';

/**
 * The ways of making limits that there have been. Since `@2` with the distances that seasons hardly move, `BESIDES`, among
 * their measures; since `@3` with slices; since `@4` with unseen values; since `@5` each window in the scales of the others.
 */
type CalibrationMethod = `largest-column/conformal@${1 | 2 | 3 | 4 | 5}`;

/**
 * Limits that a healthy window exceeds as rarely as was chosen. An effect is measured in its own 95 % point under no
 * drift at its sizes, so that windows of all sizes count alike; how much larger the healthy ones of a column are
 * (its seasons) is its scale; and the largest of all columns, in scales, has one limit: the factor.
 */
export type Calibration = {
  readonly method: CalibrationMethod;
  /** Healthy windows, or resamples, that it was made from. */
  readonly windows: number;
  /** The chosen share of healthy windows that are judged as drift. */
  readonly perWindow: number;
  readonly factor: number;
  /** `counted`: exceeded by as many of them as was chosen. `extrapolated`: rarer than they can show. */
  readonly tail: 'counted' | 'extrapolated';
  /** By column and measure; 1 is that of what is not named. */
  readonly scales: Readonly<Record<string, Readonly<Partial<Record<MeasureName, number>>>>>;
  /**
   * Its limits stand also where they are below the usual ones, unless the policy names its own: who asks for a rate wants
   * no fewer alarms than that. Absent, limits are only raised.
   */
  readonly lowers?: boolean;
  /** Of measures of whole rows; absent where nothing showed what is usual of them. */
  readonly tables?: Readonly<Partial<Record<TableMeasureName, TableLimit>>> | undefined;
};

/** How far a healthy window goes, in scales: what is exceeded as rarely as the share of a measure says. */
export type TableLimit = {
  readonly factor: number;
  /** The share of healthy windows that exceed it. */
  readonly rate: number;
  /** So many windows that are not others drawn again it was made from. */
  readonly windows: number;
  /** By column; 1 is that of what is not named. */
  readonly scales: Readonly<Record<string, number>>;
};

/** Values that each side would have to have, and for what. A side that has as many as it needs keeps them. */
export type NeededValues = {
  readonly measure: MeasureName;
  readonly limit: number;
  readonly reference: number;
  readonly window: number;
};

/** What a column is to the model. Every role but `segment` is judged; a segment is described, not judged. */
export type ColumnRole = 'feature' | 'prediction' | 'score' | 'label' | 'segment';

/**
 * Instead of a profile, where the rows that are given are all that the reference has: its bins are of their quantiles, and
 * there are no texts but theirs.
 */
export type WholeReference = { readonly kind: 'number' | 'category' };

/** What a column is compared by besides its rows. */
export type ReferenceOutline = ColumnProfile | WholeReference;

/** One column to judge. `window` is null when the window has no such column. */
export type JudgeColumn<Known extends ReferenceOutline = ColumnProfile> = {
  readonly name: string;
  readonly role: ColumnRole;
  /** The profile of the reference: its stored edges are the bins. */
  readonly profile: Known;
  readonly reference: Column | null;
  readonly window: Column | null;
  /** Judge numbers as categories: codes of a few classes, where a distance between two values means nothing. */
  readonly asCategory?: boolean;
  /** Predictions began without this column: one that is still wholly missing was never logged, and did not go missing. */
  readonly unlogged?: boolean;
};

type Adjustment = 'benjamini-hochberg' | 'benjamini-yekutieli';

/** How a verdict is reached. Every member has a default in `DEFAULT_POLICY`. */
export type JudgePolicy = {
  readonly method: JudgeMethod;
  /** Level of the false discovery rate over the judged columns. */
  readonly alpha: number;
  /** Rows with a value that both sides must have, else the verdict is `insufficient_data`. */
  readonly minimumRows: number;
  /** The smallest effect that matters, by measure; what is not named keeps its default limit. */
  readonly limits: Readonly<Partial<Record<MeasureName | TableMeasureName, number>>>;
  /**
   * Measures instead of the standard ones; null for those. The standard tests stay for a column on which none of the
   * chosen ones can be made, the standard distances where none of the chosen has a value and a limit, so that
   * no column goes unjudged. The change of the missing share is always looked at. A chosen index with a limit is an effect.
   */
  readonly measures: readonly MeasureName[] | null;
  /** Distances to look at besides those, where they fit the column. */
  readonly besides?: readonly MeasureName[];
  /** Measures of whole rows to make besides: each takes part in the verdict as a column does, unless it has no limit. */
  readonly tableMeasures: readonly TableMeasureName[];
  /** Also look for the conditions that carry most of the drift. */
  readonly slices: boolean;
  /** How; as now where it is absent. */
  readonly slicesMethod?: SlicesMethod;
  /** Which adjustment makes q of p: Yekutieli's holds under any dependence between columns, and sees less. */
  readonly adjustment: Adjustment;
  /** How much columns count, by name; 1 for what is not named. With 0 a column is judged and shown, and decides nothing. */
  readonly weights?: Readonly<Record<string, number>>;
  /** A dataset drifts when at least this many judged columns that count drift ... */
  readonly minimumDriftedColumns: number;
  /** ... and they have at least this share of the weight of the judged columns. */
  readonly minimumDriftedShare: number;
  /** Limits from healthy windows, which take the place of those of `limits` where they are above them (or below, if it says so). */
  readonly calibration?: Calibration;
};

export type JudgeInput = { readonly columns: readonly JudgeColumn[]; readonly policy?: Partial<JudgePolicy> };

/** One measure on one column. Numbers are finite or null; `reason` says why `value` is null. */
export type Finding = {
  readonly measure: MeasureName;
  readonly value: number | null;
  readonly direction: 'higher' | 'lower' | 'both';
  /** Expected value and 95 % point of `value` under no drift at these sizes. */
  readonly nullMean: number | null;
  readonly null95: number | null;
  /** The smallest effect that matters; null for a measure that is not an effect. */
  readonly limit: number | null;
  readonly p: number | null;
  /** The column's q-value, on the test that decided the column's p-value. */
  readonly q: number | null;
  readonly parameters: Readonly<Record<string, number | string | boolean | null>>;
  readonly reason: string | null;
};

/** One measure on whole rows. `low` and `high`: a 95 % interval of the value, where it has one. */
export type TableFinding = {
  readonly measure: TableMeasureName;
  readonly direction: 'higher' | 'both';
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly nullMean: number | null;
  readonly null95: number | null;
  readonly p: number | null;
  readonly parameters: Finding['parameters'];
  /** The columns that the difference is in, by share of it, largest first. */
  readonly contributions: readonly Contribution[];
  readonly reason: string | null;
  /** The largest finding of each column, of which the one that is furthest beyond what is usual decides. Not stored. */
  readonly candidates?: readonly TableCandidate[];
  /** How far the value must be from that without drift to matter; null for a measure that is only shown. Absent in `judge@1`, as are the two below. */
  readonly limit?: number | null;
  readonly q?: number | null;
  readonly drift?: boolean;
};

/** What a measure of whole rows found in one column. `ratio`: in what chance rarely exceeds. */
export type TableCandidate = Pick<TableFinding, 'value' | 'p' | 'parameters' | 'contributions'> & {
  readonly column: string;
  readonly ratio: number;
};

type BinKind = 'range' | 'value' | 'missing' | 'below' | 'above' | 'unseen' | 'other';

/** A bin as it was compared, ready to be drawn. `lower` and `upper` are null where they mean nothing. */
export type JudgedBin = {
  readonly kind: BinKind;
  readonly label: string;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly reference: number;
  readonly window: number;
};

/** One side's rows. `unseen`: texts not in the reference; `below`, `above`: outside its range, infinities too. */
export type SideCounts = {
  readonly rows: number;
  readonly nulls: number;
  readonly nan: number;
  readonly unseen: number;
  readonly below: number;
  readonly above: number;
};

export type ColumnVerdict = 'drift' | 'no_drift' | 'insufficient_data' | 'not_comparable';

export type ColumnJudgement = {
  readonly name: string;
  readonly role: ColumnRole;
  readonly kind: Column['kind'];
  readonly verdict: ColumnVerdict;
  /** One plain sentence. */
  readonly why: string;
  /** The effect that decided: the one furthest above its limit, or the largest relative to it. */
  readonly effect: { readonly measure: MeasureName; readonly value: number; readonly limit: number } | null;
  readonly p: number | null;
  readonly q: number | null;
  readonly counts: { readonly reference: SideCounts; readonly window: SideCounts };
  readonly bins: readonly JudgedBin[];
  readonly findings: readonly Finding[];
  /** How much it counts; absent where all columns count alike. */
  readonly weight?: number;
  /** The values that it would take to tell a change as small as its limit from chance; null where there are enough. Absent before `judge@3`. */
  readonly needed?: NeededValues | null;
};

export type DatasetVerdict = {
  readonly verdict: 'drift' | 'no_drift' | 'insufficient_data';
  readonly drifted: number;
  readonly judged: number;
  readonly insufficient: number;
  readonly notComparable: number;
  /** Of their weight, where columns have one. */
  readonly share: number;
  readonly why: string;
  /**
   * Columns without drift in which a change as small as the limit is not told from chance, and the values of each side
   * at which it is in all of them; null where there are none. Absent before `judge@3`.
   */
  readonly needed?: { readonly columns: number; readonly reference: number; readonly window: number } | null;
  /** What drifted: columns, whole rows or both. Absent in `judge@1`, where columns alone decide. */
  readonly reasons?: readonly VerdictReason[];
};

/**
 * `schema`: columns are gone or hold another kind of value, which is found out by whoever compares two tables; `segments`:
 * parts of the rows drifted, which is found out by whoever judges those.
 */
export type VerdictReason = 'columns' | 'whole_rows' | 'schema' | 'segments';

export type Judgement = {
  readonly method: JudgeMethod;
  readonly policy: JudgePolicy;
  readonly columns: readonly ColumnJudgement[];
  readonly dataset: DatasetVerdict;
  /** Findings on whole rows; absent where none were asked for. */
  readonly table?: readonly TableFinding[];
  /** The conditions that carry most of the drift, the best first; absent where they were not asked for. */
  readonly slices?: readonly DriftSlice[];
};
