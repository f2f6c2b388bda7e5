import type { ColumnType } from '../stats/column.ts';
import type { CategoryProfile, ColumnProfile, NumberProfile, TableProfile } from '../stats/profile.ts';
import { holdsDigitDates } from './written-dates.ts';
import { type WrittenValues, writtenValues } from './written-values.ts';

/**
 * What a dataset's columns are expected to be, as far as one version shows it. People refine it; nothing in it
 * is stronger than what the profile proves.
 */
const SCHEMA_FORMAT = 'tidemark.schema/1';

export type TableSchema = {
  readonly format: typeof SCHEMA_FORMAT;
  /** Rows it was inferred from. */
  readonly rows: number;
  readonly columns: readonly ColumnSchema[];
};

type ColumnSchema = {
  readonly name: string;
  readonly type: ColumnType;
  /** The types of the files where they disagree, else absent. */
  readonly conflictingTypes?: readonly ColumnType[];
  /** `required`: every file has the column. */
  readonly presence: 'required' | 'optional';
  /** A row may have no value here. */
  readonly nullable: boolean;
  /** Share of rows without a value; 0 for a table without rows. */
  readonly nullShare: number;
  /** NaN, respectively infinities, were seen; numbers only. */
  readonly allowsNan?: boolean;
  readonly allowsInfinite?: boolean;
  readonly domain: Domain | null;
  /** `exact`: no value stands twice. `likely`: the estimated number of different values allows it. */
  readonly uniqueness: 'exact' | 'likely' | 'no';
  /**
   * What the column may be for: it names rows, it says nothing or next to nothing, its few numbers are codes, its values
   * are numbers or dates in another writing.
   */
  readonly hints: readonly ('key' | 'constant' | 'near-constant' | 'codes' | WrittenValues)[];
};

type Domain =
  | { readonly kind: 'values'; readonly values: readonly (string | number)[] }
  /** Both ends belong to it. Decimal digits as text where a double cannot hold them; times are epoch ms. */
  | { readonly kind: 'range'; readonly min: number | string; readonly max: number | string };

/** At most so many different texts make a closed domain, each seen so often on average. */
const DOMAIN_VALUES = 100;
const SEEN_EACH = 5;

/** At most so many different integers, each seen so often on average, look like codes rather than counts. */
const CODE_VALUES = 20;

/** The share of its rows that one value has in a column that is nearly constant, and how many rows that takes. */
const NEAR_CONSTANT_SHARE = 0.99;
const NEAR_CONSTANT_ROWS = 200;

/** The schema that a profile supports. */
export function inferSchema(profile: TableProfile): TableSchema {
  return { format: SCHEMA_FORMAT, rows: profile.rows, columns: profile.columns.map(inferColumn) };
}

/** The same of one of its columns. */
export function inferColumn(column: ColumnProfile): ColumnSchema {
  return {
    name: column.name,
    type: column.type,
    ...(column.types.length > 1 ? { conflictingTypes: column.types } : {}),
    presence: column.absent > 0 ? 'optional' : 'required',
    nullable: column.nulls > 0,
    nullShare: column.rows === 0 ? 0 : column.nulls / column.rows,
    ...(column.kind === 'number' ? oddNumbers(column) : {}),
    domain: domainOf(column),
    uniqueness: uniquenessOf(column),
    hints: hintsOf(column),
  };
}

function oddNumbers(column: NumberProfile): Pick<ColumnSchema, 'allowsNan' | 'allowsInfinite'> {
  return { allowsNan: column.nan > 0, allowsInfinite: column.positiveInfinity + column.negativeInfinity > 0 };
}

const present = (column: ColumnProfile): number => column.rows - column.nulls;

function domainOf(column: ColumnProfile): Domain | null {
  if (column.kind === 'vector') return null;
  if (column.kind === 'category') return valuesOf(column);
  const min = column.kind === 'number' ? (column.exactMin ?? column.min) : column.min;
  const max = column.kind === 'number' ? (column.exactMax ?? column.max) : column.max;
  return min === null || max === null ? null : { kind: 'range', min, max };
}

function valuesOf(column: CategoryProfile): Domain | null {
  if (column.type === 'boolean') return { kind: 'values', values: ['false', 'true'] };
  const { values, complete } = column.top;
  if (!complete || !isClosed(column, DOMAIN_VALUES)) return null;
  const texts = values.map((entry) => String(entry.value));
  // By code unit, so that the order does not depend on a language.
  return { kind: 'values', values: texts.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)) };
}

function isClosed(column: ColumnProfile, most: number): boolean {
  const { value } = column.distinct;
  return value > 0 && value <= most && present(column) >= value * SEEN_EACH;
}

function uniquenessOf(column: ColumnProfile): ColumnSchema['uniqueness'] {
  const rows = present(column);
  const { value, error } = column.distinct;
  if (rows < 2 || column.kind === 'vector') return 'no';
  if (error === 0) return value === rows ? 'exact' : 'no';
  // Three standard errors: a column of one million with ten thousand repeats is told apart from a key.
  return value >= rows * (1 - 3 * error) ? 'likely' : 'no';
}

/** One value has nearly all the rows that have any; of few rows nothing of the kind is said. */
function isNearConstant(column: ColumnProfile): boolean {
  const rows = present(column);
  const [most] = column.top.values;
  return most !== undefined && rows >= NEAR_CONSTANT_ROWS && most.count >= NEAR_CONSTANT_SHARE * rows;
}

function hintsOf(column: ColumnProfile): ColumnSchema['hints'] {
  const hints: ColumnSchema['hints'][number][] = [];
  const nameable = column.type === 'int64' || column.type === 'text';
  if (nameable && column.nulls === 0 && uniquenessOf(column) !== 'no') hints.push('key');
  if (column.distinct.value <= 1 && present(column) > 1) hints.push('constant');
  else if (isNearConstant(column)) hints.push('near-constant');
  if (column.type === 'int64' && column.distinct.value > 1 && isClosed(column, CODE_VALUES)) hints.push('codes');
  const written = column.kind === 'category' && column.shapes ? writtenValues(column.shapes) : null;
  if (written !== null) hints.push(written);
  if (column.kind === 'number' && holdsDigitDates(column)) hints.push('written-dates');
  return hints;
}
