/** What logged predictions and labels look like once they are columns. */
import type { ColumnBatch, ColumnType, Field } from '../../stats/column.ts';
import type { ColumnTypes, CsvOptions } from '../table.ts';

/** Bodies whose values are found in their text; `json` is a list of records, or an object of columns. */
export type TextEncoding = 'ndjson' | 'json' | 'csv';
/** Bodies that bring columns with types of their own. */
export type TableEncoding = 'parquet' | 'arrow';
export type RecordEncoding = TextEncoding | TableEncoding;
export type RecordShape = 'prediction' | 'label';

export type RecordOptions = {
  readonly shape: RecordShape;
  /** Unit of numeric timestamps; without it a numeric timestamp is rejected. */
  readonly epochUnit?: 's' | 'ms' | 'us';
  /** Expected types by output column name (`feature.age`, `prediction`, `score`, `label`, ...). */
  readonly expected?: ColumnTypes;
  /** Columns beside the expected ones that are nothing new: training data has them, and they are no features. */
  readonly known?: ReadonlySet<string>;
  /** How numbers and dates of CSV are written. */
  readonly csv?: Pick<CsvOptions, 'decimal' | 'thousands' | 'dates' | 'missing'>;
  /** Tell which rows hold values of another type than expected, so that they can be refused. Default false. */
  readonly strict?: boolean;
  /** A longer line is error `too-large`. Default 1 MiB. */
  readonly maxLineBytes?: number;
  /** More records are error `too-large`. Default 100,000. */
  readonly maxRows?: number;
  /** More rows times columns are error `too-large`. Default 16,777,216. */
  readonly maxCells?: number;
};

export type RejectionCode =
  | 'invalid-json'
  | 'not-an-object'
  | 'invalid-number'
  | 'invalid-text'
  | 'duplicate-key'
  | 'too-deep'
  | 'unknown-field'
  | 'missing-field'
  | 'invalid-value'
  | 'no-zone'
  | 'no-unit'
  | 'field-count';

/**
 * A record that was not taken. `line` is 1-based: the line of NDJSON and CSV where it begins, the position in a JSON
 * list, in JSON columns and in a table.
 */
export type RejectedRecord = {
  readonly line: number;
  readonly code: RejectionCode;
  readonly field?: string;
  readonly detail: string;
};

/** A value that broke an expectation and was kept as evidence: counted here, of another type than expected null in its column. */
export type Violation = {
  readonly column: string;
  /** `unknown`: what is named is not there. */
  readonly code: 'type' | 'missing' | 'unexpected' | 'unknown';
  readonly count: number;
  /** Up to five raw values, as sent, cut at 100 characters. */
  readonly examples: readonly string[];
};

/** The rows of a batch that broke an expectation, in order; null: every one of them. */
export type RowViolation = Violation & { readonly rows: Int32Array | null };

/** A value of another type than expected, where rows that hold one are to be refused. */
export type MisfitValue = {
  /** Row of the batch. */
  readonly row: number;
  readonly column: string;
  readonly expected: ColumnType;
  /** The raw value, as sent, cut at 100 characters. */
  readonly value: string;
};

/** Accepted records as columns; entry `i` of every array belongs to row `i` of the batch. */
export type ParsedRecords = {
  readonly rows: number;
  /** `prediction_id`, `timestamp`, `model_version`, `prediction`, `score` or `score.<class>`, `label`, `feature.<name>`, `tag.<name>`. */
  readonly fields: readonly Field[];
  readonly batch: ColumnBatch;
  /** Milliseconds since 1970; NaN where a label has no timestamp. */
  readonly eventTimes: Float64Array;
  readonly lines: Int32Array;
  readonly rejected: readonly RejectedRecord[];
  readonly violations: readonly RowViolation[];
  /** Empty unless it was asked for. */
  readonly misfits: readonly MisfitValue[];
};
