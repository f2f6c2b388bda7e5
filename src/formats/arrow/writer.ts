/**
 * Columns → Arrow IPC stream with explicit types, one record batch. The same columns give the same bytes
 * (dictionaries hold only texts in use, in order of first use; unused bits and absent slots are zero), so that
 * the bytes can be named by their digest.
 *
 * Types: float64; int64; bool; timestamp[us, UTC]; date32; text as dictionary<int32, utf8>, or as utf8 where
 * more than half of the rows differ; vectors as fixed_size_list<float64>.
 */
import {
  Column as ArrowColumn,
  field as arrowField,
  Batch,
  bool,
  type DataType,
  dateDay,
  dictionary as dictionaryType,
  fixedSizeList,
  float64,
  int32,
  int64,
  type Schema,
  Table,
  TimeUnit,
  tableToIPC,
  timestamp,
  utf8,
} from '@uwdata/flechette';
import type {
  CategoryColumn,
  Column,
  ColumnBatch,
  Field,
  NumberColumn,
  TimeColumn,
  Validity,
  VectorColumn,
} from '../../stats/column.ts';
import { writeIntegers, writeMicroseconds } from '../columns/int64.ts';
import { countUsed, encodeTexts, usedTexts } from './texts.ts';

const NO_BYTES = new Uint8Array(0);
const DAY_MS = 86_400_000;

export type ArrowOptions = {
  /** Texts never as a dictionary, so that all batches of a table have one schema. */
  readonly plainTexts?: boolean;
  /** Kept with the schema. */
  readonly metadata?: ReadonlyMap<string, string>;
};

/** Encodes one batch as an Arrow IPC stream. `fields[i]` names `batch.columns[i]`. */
export function encodeArrow(fields: readonly Field[], batch: ColumnBatch, options: ArrowOptions = {}): Uint8Array {
  const plainTexts = options.plainTexts ?? false;
  const columns = batch.columns.map((column) => new ArrowColumn([arrowBatch(column, plainTexts)]));
  const schema: Schema = {
    version: 4,
    endianness: 0,
    fields: columns.map((column, i) => arrowField(fields[i]!.name, column.type)),
    metadata: options.metadata === undefined ? null : new Map(options.metadata),
  };
  const bytes = tableToIPC(new Table(schema, columns), { format: 'stream' });
  // The default sink keeps everything in memory, so there always are bytes.
  return bytes ?? NO_BYTES;
}

function arrowBatch(column: Column, plainTexts: boolean): Batch<unknown> {
  if (column.kind === 'number') return column.type === 'int64' ? integers(column) : floats(column);
  if (column.kind === 'time') return column.type === 'date' ? dates(column) : timestamps(column);
  if (column.kind === 'vector') return vectors(column);
  return column.type === 'boolean' ? booleans(column) : texts(column, plainTexts);
}

function floats(column: NumberColumn): Batch<unknown> {
  return plain(float64(), column.valid, column.values);
}

function vectors({ length, dimension, values, valid }: VectorColumn): Batch<unknown> {
  const type = fixedSizeList(arrowField('item', float64()), dimension);
  const children = [plain(float64(), null, values)];
  const nullCount = valid === null ? 0 : length - countBits(valid);
  return new Batch<unknown>({ length, nullCount, type, validity: valid ?? NO_BYTES, children });
}

function integers({ length, values, valid, exact }: NumberColumn): Batch<unknown> {
  return plain(int64(), valid, exact ?? writeIntegers(values, new BigInt64Array(length)));
}

function timestamps({ length, values, valid }: TimeColumn): Batch<unknown> {
  const micros = writeMicroseconds(values, new BigInt64Array(length));
  return plain(timestamp(TimeUnit.MICROSECOND, 'UTC'), valid, micros);
}

function dates({ length, values, valid }: TimeColumn): Batch<unknown> {
  const days = new Int32Array(length);
  for (let i = 0; i < length; i++) days[i] = Math.floor(values[i]! / DAY_MS);
  return plain(dateDay(), valid, days);
}

function booleans({ length, codes, dictionary }: CategoryColumn): Batch<unknown> {
  const bits = new Uint8Array((length + 7) >> 3);
  const yes = dictionary.indexOf('true');
  for (let i = 0; i < length; i++) if (codes[i] === yes) bits[i >> 3]! |= 1 << (i & 7);
  const { validity, nullCount } = presence(codes);
  return new Batch<unknown>({ length, nullCount, type: bool(), validity, values: bits });
}

function texts({ length, codes, dictionary }: CategoryColumn, plain: boolean): Batch<unknown> {
  const { validity, nullCount } = presence(codes);
  if (plain || countUsed(codes, dictionary.length) * 2 > length) {
    const rows = Array.from(codes, (code) => (code < 0 ? '' : dictionary[code]!));
    return new Batch<unknown>({ length, nullCount, type: utf8(), validity, ...encodeTexts(rows) });
  }
  const used = usedTexts(codes, dictionary);
  const textType = utf8();
  const entries = new Batch<unknown>({
    length: used.texts.length,
    nullCount: 0,
    type: textType,
    validity: NO_BYTES,
    ...encodeTexts(used.texts),
  });
  const type = dictionaryType(textType, int32());
  const batch = new Batch<unknown>({ length, nullCount, type, validity, values: used.codes });
  // What flechette's own dictionary batch does, without decoding every text for a cache that encoding never reads.
  return Object.assign(batch, { dictionary: new ArrowColumn([entries]) });
}

type FixedWidth = Float64Array | BigInt64Array | Int32Array;

function plain(type: DataType, valid: Validity, values: FixedWidth): Batch<unknown> {
  const { length } = values;
  if (valid === null) return new Batch<unknown>({ length, nullCount: 0, type, validity: NO_BYTES, values });
  return new Batch<unknown>({ length, nullCount: length - countBits(valid), type, validity: valid, values });
}

function presence(codes: Int32Array): { readonly validity: Uint8Array; readonly nullCount: number } {
  let nullCount = 0;
  for (let i = 0; i < codes.length; i++) if (codes[i]! < 0) nullCount++;
  if (nullCount === 0) return { validity: NO_BYTES, nullCount };
  const validity = new Uint8Array((codes.length + 7) >> 3);
  for (let i = 0; i < codes.length; i++) if (codes[i]! >= 0) validity[i >> 3]! |= 1 << (i & 7);
  return { validity, nullCount };
}

function countBits(mask: Uint8Array): number {
  let count = 0;
  for (let byte of mask) for (; byte !== 0; byte &= byte - 1) count++;
  return count;
}
