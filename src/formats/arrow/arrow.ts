/** Arrow IPC streams and files → columns, one record batch in memory at a time. */

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import {
  type Batch,
  CompressionType,
  type DataType,
  setCompressionCodec,
  type Table,
  Type,
  tableFromIPC,
} from '@uwdata/flechette';
import { isTidemarkError } from '../../errors.ts';
import {
  type Column,
  type ColumnBatch,
  type ColumnType,
  type Field,
  isVectorType,
  type VectorType,
  vectorType,
} from '../../stats/column.ts';
import { batchRows, checkNames, columnPositions } from '../columns/batch-plan.ts';
import { sliceColumn } from '../columns/slice-column.ts';
import { sliceValidity } from '../columns/validity-mask.ts';
import type { TableLimits, TableReader, TableWarning } from '../table.ts';
import { unreadable } from '../unreadable.ts';
import { columnOfArrow, columnTypeOfArrow, validityOf } from './columns.ts';
import { isDecimal, isWholeDecimal } from './decimals.ts';
import { type Leaf, leafBatch, leavesOf } from './leaves.ts';
import { decodeLz4Frame } from './lz4-frame.ts';
import { type ArrowMessage, arrowMessages, BATCH_MESSAGE, DICTIONARY_MESSAGE, SCHEMA_MESSAGE } from './messages.ts';
import { namedType } from './named-values.ts';
import { type ArrowSurvey, surveyArrow } from './survey.ts';
import { vectorsOfArrow } from './vectors.ts';

/** Inflated bytes of one compressed buffer. */
const MAX_BUFFER = 2 ** 30;

setCompressionCodec(CompressionType.ZSTD, {
  decode: (bytes) => zstdDecompressSync(bytes, { maxOutputLength: MAX_BUFFER }),
  encode: (bytes) => zstdCompressSync(bytes),
});
setCompressionCodec(CompressionType.LZ4_FRAME, {
  decode: (bytes, length) => {
    if (length <= MAX_BUFFER) return decodeLz4Frame(bytes, length);
    throw unreadable(
      `An Arrow buffer inflates to ${length} bytes; at most ${MAX_BUFFER} are read. Write smaller batches.`,
    );
  },
  encode: () => {
    throw new TypeError('LZ4 is read, and never written');
  },
});

/** A column of the file that the column model can hold, and what it is read as. */
type Readable = { readonly leaf: Leaf; readonly field: Field };

/** Opens an Arrow IPC stream or file. Throws `unreadable-data`. */
export function openArrow(path: string, limits: TableLimits): Promise<TableReader> {
  const schema = decoded([schemaMessage(path)]);
  const leaves = leavesOf(schema.schema.fields);
  checkNames(
    leaves.map(({ name }) => name),
    limits.columns,
  );
  const survey = surveyArrow(leaves, () => tablesOf(path));
  const readable = readableFields(leaves, survey);
  const warnings = leaves.flatMap((leaf, position) => warningsOf(leaf, position, survey));
  const fields = readable.map(({ field }) => field);
  return Promise.resolve({
    format: 'arrow',
    fields,
    rows: null,
    warnings,
    batches: (columns) =>
      batchesOf(
        path,
        columnPositions(fields, columns).map((i) => readable[i]!),
      ),
    close: () => Promise.resolve(),
  });
}

function schemaMessage(path: string): ArrowMessage {
  // Left in the middle, the loop closes the file.
  for (const message of arrowMessages(path)) {
    if (message.kind === SCHEMA_MESSAGE) return message;
    break;
  }
  throw unreadable('The Arrow data does not begin with a schema.');
}

/** One batch of Arrow data whose columns are decoded when they are first asked for. */
export type ArrowView = {
  readonly fields: readonly Field[];
  readonly rows: number;
  /** Of the schema. */
  readonly metadata: ReadonlyMap<string, string>;
  /** `position` is that of `fields`. Throws `unreadable-data`. */
  readonly column: (position: number) => Column;
};

/** Opens bytes that `encodeArrow` made (or any Arrow IPC stream of one batch). Throws `unreadable-data`. */
export function viewArrow(bytes: Uint8Array): ArrowView {
  // The decoder views numbers in place, which needs them on 8-byte borders.
  const table = tableOf(bytes.byteOffset % 8 === 0 ? bytes : bytes.slice());
  const readable = readableFields(leavesOf(table.schema.fields));
  const known: (Column | undefined)[] = [];
  const column = (i: number): Column => (known[i] ??= columnAt(table, readable[i]!));
  const metadata = table.schema.metadata ?? new Map<string, string>();
  return { fields: readable.map(({ field }) => field), rows: table.numRows, metadata, column };
}

/** The same with every column decoded. Throws `unreadable-data`. */
export function decodeArrow(bytes: Uint8Array): {
  readonly fields: readonly Field[];
  readonly batch: ColumnBatch;
  readonly metadata: ReadonlyMap<string, string>;
} {
  const { fields, rows, metadata, column } = viewArrow(bytes);
  return { fields, batch: { rows, columns: fields.map((_, i) => column(i)) }, metadata };
}

// The bytes are read at once; only the caller waits.
async function* batchesOf(path: string, readable: readonly Readable[]): AsyncGenerator<ColumnBatch> {
  for (const table of tablesOf(path)) yield* slices(table, readable);
}

/** The record batches of a file, one in memory at a time. */
function* tablesOf(path: string): Generator<Table> {
  const context: ArrowMessage[] = [];
  for (const message of arrowMessages(path)) {
    if (message.kind === SCHEMA_MESSAGE) context.push(message);
    else if (message.kind === DICTIONARY_MESSAGE) addDictionary(context, message);
    else if (message.kind === BATCH_MESSAGE) {
      const table = decoded([...context, message]);
      checkLengths(table, message.rows);
      yield table;
    }
  }
}

function* slices(table: Table, readable: readonly Readable[]): Generator<ColumnBatch> {
  const columns = readable.map((wanted) => {
    const { leaf, field } = wanted;
    return isVectorType(field.type) ? vectorsAt(table, leaf, field.type) : sliced(columnAt(table, wanted));
  });
  // Masks are cut at whole bytes.
  const rows = batchRows(readable.map(({ field }) => field)) & ~7;
  for (let from = 0; from < table.numRows; from += rows) {
    const to = Math.min(table.numRows, from + rows);
    yield { rows: to - from, columns: columns.map((column) => column(from, to)) };
  }
}

type Slice = (from: number, to: number) => Column;

const sliced =
  (column: Column): Slice =>
  (from, to) =>
    sliceColumn(column, from, to);

/** Vectors become doubles a batch at a time: all of a record batch would be many times its bytes. */
function vectorsAt(table: Table, leaf: Leaf, type: VectorType): Slice {
  const batch = wholeBatch(table, leaf);
  const valid = validityOf(batch);
  return (from, to) => vectorsOfArrow(batch, type, { from, to, valid: sliceValidity(valid, from, to) });
}

/** Every column must be as long as the batch says it is, read or not: one flipped length is else a wrong row count. */
function checkLengths(table: Table, rows: number | null): void {
  if (table.children.every((column) => column.length === rows)) return;
  throw unreadable(`An Arrow batch says that it has ${rows} rows, and its columns do not; write the file again.`);
}

/** A dictionary that is no delta replaces all that came before under its id. */
function addDictionary(context: ArrowMessage[], message: ArrowMessage): void {
  if (message.dictionary?.isDelta === false) {
    const id = message.dictionary.id;
    for (let i = context.length - 1; i >= 0; i--) if (context[i]!.dictionary?.id === id) context.splice(i, 1);
  }
  context.push(message);
}

function decoded(messages: readonly ArrowMessage[]): Table {
  return tableOf(messages.map(({ bytes }) => bytes));
}

function tableOf(bytes: Uint8Array | Uint8Array[]): Table {
  try {
    return tableFromIPC(bytes, { useBigInt: true });
  } catch (cause) {
    if (isTidemarkError(cause)) throw cause;
    throw unreadable('The Arrow data cannot be decoded; write the file again.', cause);
  }
}

function columnAt(table: Table, { leaf, field }: Readable): Column {
  const batch = wholeBatch(table, leaf);
  try {
    return columnOfArrow(batch, field.type);
  } catch (cause) {
    // Columns of nulls have no bytes, so a broken length can ask for more memory than there is.
    if (!(cause instanceof RangeError)) throw cause;
    throw unreadable(`An Arrow column claims ${batch.length} rows, which cannot be; write the file again.`, cause);
  }
}

function wholeBatch(table: Table, leaf: Leaf): Batch<unknown> {
  const batch = leafBatch(table, leaf);
  if (batch === undefined || batch.length !== table.numRows) throw unreadable('The Arrow columns differ in length.');
  return batch;
}

const DECIMALS_ROUNDED = 'Decimals read as the nearest double.';
const BEYOND_INT64 = 'The column holds integers beyond int64, so all of it reads as text.';
const FINER_CUT = 'Times finer than a microsecond are cut to it.';

function warningsOf(leaf: Leaf, position: number, { lengths, beyond, finer }: ArrowSurvey): TableWarning[] {
  const { name: column, type: own } = leaf;
  const type = namedType(own) ?? own;
  if (typeOfColumn(own, position, { lengths, beyond }) === null) {
    const differ = lengths.get(position) === -1 ? ' Lists of numbers are vectors where all have one length.' : '';
    const detail = `Lists, maps, intervals and binary columns are left out.${differ}`;
    return [{ code: 'unsupported-column', column, detail }];
  }
  const warnings: TableWarning[] = [];
  if (beyond.has(position)) warnings.push({ code: 'mixed-types', column, detail: BEYOND_INT64 });
  if (isDecimal(type) && !isWholeDecimal(type)) {
    warnings.push({ code: 'rounded-decimals', column, detail: DECIMALS_ROUNDED });
  }
  if (type.typeId === Type.Timestamp && type.timezone === null) {
    warnings.push({ code: 'no-time-zone', column, detail: 'Times without a zone read as UTC.' });
  }
  const count = finer.get(position);
  if (count !== undefined) warnings.push({ code: 'rounded-times', column, count, detail: FINER_CUT });
  return warnings;
}

type Found = Pick<ArrowSurvey, 'lengths' | 'beyond'>;

/** What a column reads as; null where it has no place among the columns. */
function typeOfColumn(type: DataType, position: number, { lengths, beyond }: Found): ColumnType | null {
  if (beyond.has(position)) return 'text';
  return columnTypeOfArrow(type) ?? vectorType(lengths.get(position) ?? 0);
}

const NOTHING_FOUND: Found = { lengths: new Map(), beyond: new Set() };

function readableFields(leaves: readonly Leaf[], found: Found = NOTHING_FOUND): Readable[] {
  return leaves.flatMap((leaf, position) => {
    const type = typeOfColumn(leaf.type, position, found);
    return type === null ? [] : [{ leaf, field: { name: leaf.name, type } }];
  });
}
