/**
 * The border between bytes and columns: every reader in this folder answers with a `TableReader`, every
 * writer takes `Field`s and `ColumnBatch`es, and nothing outside the folder knows a file format.
 *
 * Columns are those of `stats/column.ts`. A category column's dictionary may hold texts that no row of its
 * batch has (dictionaries are shared between batches while they stay small): count codes, not entries.
 */
import type { ColumnBatch, ColumnType, Field, VectorType } from '../stats/column.ts';

export type TableFormat = 'csv' | 'tsv' | 'ndjson' | 'json' | 'parquet' | 'arrow';

/** Types of columns that were asked for, by name; plain data. Names that the table has not are nobody's. */
export type AskedTypes = Readonly<Record<string, AskedType>>;

/** Lists of numbers are vectors by themselves. */
export type AskedType = Exclude<ColumnType, VectorType>;

/** Something a person should know about how a file was read; `count` is how many cells or rows it touched. */
export type TableWarning = {
  readonly code:
    | 'left-out-files'
    | 'partition-keys'
    | 'ragged-rows'
    | 'missing-marks'
    | 'no-header'
    | 'guessed-header'
    | 'guessed-encoding'
    | 'comment-lines'
    | 'unnamed-column'
    | 'rounded-integers'
    | 'rounded-decimals'
    | 'rounded-times'
    | 'no-time-zone'
    | 'mixed-types'
    | 'unread-dates'
    | 'nested-column'
    | 'unsupported-column';
  readonly detail: string;
  readonly column?: string;
  readonly count?: number;
};

/** `rows`: about so many a batch where columns are read without the others, instead of more where fewer of them are wanted. */
type BatchOptions = { readonly passing?: boolean; readonly rows?: number };

/** An open table. `batches` may be called again once the former iteration has ended. */
export type TableReader = {
  readonly format: TableFormat;
  readonly fields: readonly Field[];
  /** Rows in the file, or `null` where the format tells only at its end. */
  readonly rows: number | null;
  /** Complete once the table is open. */
  readonly warnings: readonly TableWarning[];
  /**
   * All rows in file order, at most 65,536 a batch; with `columns`, only those, in the order given. With `passing` a batch
   * may be valid only until the next one is asked for, which spares readers that can the memory of each.
   */
  batches(columns?: readonly string[], options?: BatchOptions): AsyncIterable<ColumnBatch>;
  close(): Promise<void>;
};

/** What the caller knows about a text table; everything absent is found out from the bytes. */
export type CsvOptions = {
  readonly delimiter?: ',' | ';' | '\t' | '|';
  readonly header?: boolean;
  /** What stands before decimals; a point where nothing is said. Never guessed: `1,829` may be either. */
  readonly decimal?: DecimalSign;
  /** What stands between groups of three digits; nothing where nothing is said. */
  readonly thousands?: ThousandsSign;
  /** How dates are written; as ISO 8601 has it where nothing is said. Never guessed: `1/2/2024` may be either. */
  readonly dates?: SaidDates;
  /** What stands in a cell without a value, in every column; beside what `csv/types.ts` knows. */
  readonly missing?: readonly string[];
};

/** `day-first`, `month-first`, `year-first` or a pattern (`text/date-writing.ts`), of all columns or by their names. */
export type SaidDates = string | Readonly<Record<string, string>>;

/** How the files of one table are read where their bytes do not say it; plain data. */
export type TableReading = Pick<CsvOptions, 'decimal' | 'thousands' | 'dates' | 'missing'> & {
  /** Whether `key=value` in the names of folders are columns; they are where nothing is said. */
  readonly partitions?: boolean;
};

type DecimalSign = '.' | ',';
/** With blanks that do not break, and the apostrophe of typesetters. */
type ThousandsSign = '.' | ',' | "'" | '\u2019' | ' ' | '\u00a0' | '\u202f' | '_';

/** Size limits; each is named in the error that it causes. */
export type TableLimits = {
  /** Plain bytes of a compressed file. */
  readonly inflatedBytes: number;
  readonly columns: number;
  readonly cellBytes: number;
  readonly lineBytes: number;
};

export const DEFAULT_LIMITS: TableLimits = {
  inflatedBytes: 64 * 2 ** 30,
  columns: 10_000,
  cellBytes: 2 ** 20,
  lineBytes: 16 * 2 ** 20,
};

export type OpenOptions = {
  readonly format?: TableFormat;
  /** The name that the file goes by, when `path` is an object's path without extension. */
  readonly name?: string;
  readonly csv?: CsvOptions;
  /** Types other than those that the bytes say. */
  readonly types?: AskedTypes;
  readonly limits?: Partial<TableLimits>;
  /** Bytes of memory that a native reader may take. */
  readonly memoryBytes?: number;
};

/** Types by column name. */
export type ColumnTypes = ReadonlyMap<string, ColumnType>;
