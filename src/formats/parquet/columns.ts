/** How each Parquet column is asked of DuckDB, so that it arrives in one of five plain forms. */
import {
  DuckDBArrayType,
  DuckDBDecimalType,
  DuckDBListType,
  DuckDBStructType,
  type DuckDBType,
  DuckDBTypeId,
} from '@duckdb/node-api';
import { type ColumnType, vectorType } from '../../stats/column.ts';
import type { TableWarning } from '../table.ts';
import { sqlName, sqlText } from './duckdb-session.ts';
import type { ParquetSchema } from './schema.ts';

/** The form in which the values arrive; `vector` is a list of doubles or floats. */
export type ParquetColumn = {
  readonly name: string;
  readonly type: ColumnType;
  readonly form: 'double' | 'bigint' | 'text' | 'vector';
  readonly expression: string;
  /** Unsigned, of 128 bits or of many decimal digits: its largest value decides whether it is int64. */
  readonly wide: boolean;
};

/** Lists of numbers, which are vectors where all have one length: only the whole file tells. */
type ParquetList = {
  readonly name: string;
  readonly expression: string;
  /** Columns of the plan that come before it. */
  readonly at: number;
};

export type ParquetPlan = Pick<ParquetSchema, 'told'> & {
  readonly columns: ParquetColumn[];
  readonly lists: ParquetList[];
  /** Times of nanoseconds: how many are finer than a microsecond only the whole file tells. */
  readonly nanoseconds: { readonly name: string; readonly expression: string }[];
  readonly warnings: TableWarning[];
};

const SMALL_INTEGERS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
]);
const WIDE_INTEGERS: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
]);
/** Decimal digits that an int64 always holds. */
const INT64_DIGITS = 18;
/** Decimal digits of integers that a double always holds. */
const DOUBLE_DIGITS = 15;
const LOCAL_TIMES: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_S,
  DuckDBTypeId.TIMESTAMP_MS,
  DuckDBTypeId.TIMESTAMP_NS,
]);
const AS_TEXT: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.ENUM,
  DuckDBTypeId.UUID,
  DuckDBTypeId.TIME,
  DuckDBTypeId.TIME_TZ,
  DuckDBTypeId.TIME_NS,
]);
const NESTED: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.LIST,
  DuckDBTypeId.MAP,
  DuckDBTypeId.ARRAY,
  DuckDBTypeId.UNION,
  DuckDBTypeId.VARIANT,
]);

/** Adds the columns that one top-level column becomes; structs become columns with dotted names. */
export function planColumn(plan: ParquetPlan, column: { name: string; expression: string; type: DuckDBType }): void {
  const { name, expression, type } = column;
  if (type instanceof DuckDBStructType) {
    for (let i = 0; i < type.entryCount; i++) {
      const entry = type.entryNames[i] ?? String(i + 1);
      const inner = `struct_extract(${expression}, ${sqlText(entry)})`;
      planColumn(plan, { name: `${name}.${entry}`, expression: inner, type: type.entryTypes[i]! });
    }
    return;
  }
  const told = plan.told.get(name);
  if (told === 'too-precise') {
    plan.warnings.push({ code: 'unsupported-column', column: name, detail: TOO_PRECISE });
    return;
  }
  if (isNumberList(type)) {
    plan.lists.push({ name, expression: asVectors(expression, type), at: plan.columns.length });
    return;
  }
  const planned =
    type instanceof DuckDBDecimalType
      ? decimals(name, expression, type)
      : plannedColumn(name, expression, told === 'nothing' ? DuckDBTypeId.SQLNULL : type.typeId);
  if (planned === null) plan.warnings.push(leftOut(name, type));
  else plan.columns.push(planned);
  if (type instanceof DuckDBDecimalType && type.scale > 0) {
    plan.warnings.push({ code: 'rounded-decimals', column: name, detail: 'Decimals read as the nearest double.' });
  }
  if (type.typeId === DuckDBTypeId.TIMESTAMP_NS) plan.nanoseconds.push({ name, expression });
  if (LOCAL_TIMES.has(type.typeId)) {
    plan.warnings.push({ code: 'no-time-zone', column: name, detail: 'Times without a zone read as UTC.' });
  }
}

const COMPONENTS: ReadonlySet<DuckDBTypeId> = new Set([
  ...SMALL_INTEGERS,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
]);

type NumberList = DuckDBListType | DuckDBArrayType;

function isNumberList(type: DuckDBType): type is NumberList {
  return (type instanceof DuckDBListType || type instanceof DuckDBArrayType) && COMPONENTS.has(type.valueType.typeId);
}

/** Floats come as they are: twice their bytes would be much of the memory that a reader has. */
function asVectors(expression: string, type: NumberList): string {
  const plain = type instanceof DuckDBListType && type.valueType.typeId === DuckDBTypeId.FLOAT;
  return plain ? expression : `CAST(${expression} AS DOUBLE[])`;
}

/** Puts the lists in their places as columns of vectors, or tells that they are left out. `lengths` are null for a column without a list. */
export function settleLists(
  plan: ParquetPlan,
  lengths: readonly { least: number | null; most: number | null }[],
): void {
  for (const [i, { name, expression, at }] of [...plan.lists.entries()].reverse()) {
    const { least = null, most = null } = lengths[i] ?? {};
    const type = least === most && most !== null ? vectorType(most) : null;
    if (type !== null) {
      plan.columns.splice(at, 0, { name, wide: false, type, form: 'vector', expression });
      continue;
    }
    const why = least === most ? '' : ` Their lengths lie between ${least} and ${most}; vectors have one.`;
    plan.warnings.push({ code: 'nested-column', column: name, detail: `${LEFT_OUT}${why}` });
  }
}

const TOO_PRECISE = 'Decimals of more than 38 digits are left out.';
const LEFT_OUT = 'Lists and maps have no place in a column and are left out.';

function plannedColumn(name: string, x: string, id: DuckDBTypeId): ParquetColumn | null {
  const base = { name, wide: false } as const;
  const double = `CAST(${x} AS DOUBLE)`;
  if (SMALL_INTEGERS.has(id)) return { ...base, type: 'int64', form: 'double', expression: double };
  if (id === DuckDBTypeId.BIGINT) return { ...base, type: 'int64', form: 'bigint', expression: x };
  if (WIDE_INTEGERS.has(id))
    return { name, wide: true, type: 'int64', form: 'bigint', expression: `CAST(${x} AS BIGINT)` };
  if (id === DuckDBTypeId.FLOAT || id === DuckDBTypeId.DOUBLE) {
    return { ...base, type: 'float64', form: 'double', expression: double };
  }
  if (id === DuckDBTypeId.BOOLEAN) return { ...base, type: 'boolean', form: 'double', expression: double };
  if (id === DuckDBTypeId.VARCHAR) return { ...base, type: 'text', form: 'text', expression: x };
  if (AS_TEXT.has(id) || id === DuckDBTypeId.SQLNULL) {
    return { ...base, type: 'text', form: 'text', expression: `CAST(${x} AS VARCHAR)` };
  }
  const time = `(${microseconds(x, id)} / CAST(1000 AS DOUBLE))`;
  if (id === DuckDBTypeId.DATE) return { ...base, type: 'date', form: 'double', expression: time };
  if (LOCAL_TIMES.has(id) || id === DuckDBTypeId.TIMESTAMP_TZ) {
    return { ...base, type: 'timestamp', form: 'double', expression: time };
  }
  return null;
}

/** Nanoseconds are cut towards the past, as those of other formats are; DuckDB cuts them towards 1970. */
function microseconds(x: string, id: DuckDBTypeId): string {
  return id === DuckDBTypeId.TIMESTAMP_NS
    ? `(epoch_us(${x}) - CASE WHEN epoch_ns(${x}) % 1000 < 0 THEN 1 ELSE 0 END)`
    : `epoch_us(${x})`;
}

/**
 * Those without decimal places are how many databases export their integers, which doubles would round. Of more digits than
 * a double has, DuckDB's quotient now and then is the double beside the nearest one (1.5.5); what it reads of text is not.
 */
function decimals(name: string, x: string, { width, scale }: DuckDBDecimalType): ParquetColumn {
  if (scale === 0) {
    return { name, type: 'int64', form: 'bigint', expression: `CAST(${x} AS BIGINT)`, wide: width > INT64_DIGITS };
  }
  const expression = width > DOUBLE_DIGITS ? `CAST(CAST(${x} AS VARCHAR) AS DOUBLE)` : `CAST(${x} AS DOUBLE)`;
  return { name, type: 'float64', form: 'double', expression, wide: false };
}

/** A wide integer column with values beyond int64 keeps them as text. */
export function asText(column: ParquetColumn): ParquetColumn {
  const inner = column.expression.replace(/^CAST\((.*) AS BIGINT\)$/s, 'CAST($1 AS VARCHAR)');
  return { name: column.name, type: 'text', form: 'text', expression: inner, wide: false };
}

function leftOut(name: string, type: DuckDBType): TableWarning {
  if (NESTED.has(type.typeId)) {
    return { code: 'nested-column', column: name, detail: LEFT_OUT };
  }
  return { code: 'unsupported-column', column: name, detail: `Columns of type ${type.toString()} are left out.` };
}

/** The selected columns as SQL, under short names so that no foreign name matters. */
export function selectList(columns: readonly ParquetColumn[]): string {
  return columns.map(({ expression }, i) => `${expression} AS ${sqlName(`c${i}`)}`).join(', ');
}
