/** Columns under construction: readers write slots in any order, `finish` makes the immutable column. */
import type { CategoryColumn, Column, ColumnType, EncodedTexts, NumberColumn, TimeColumn } from '../../stats/column.ts';
import { isVectorType } from '../../stats/column.ts';
import { TextDictionary } from '../text/text-dictionary.ts';
import { trimmedMask } from './validity-mask.ts';
import { VectorSink } from './vector-sink.ts';

export const BOOLEAN_DICTIONARY: readonly string[] = ['false', 'true'];

/** Numbers and times. Slots are 0 and valid until written. */
export class ValueSink {
  readonly type: NumberColumn['type'] | TimeColumn['type'];
  values: Float64Array;
  private mask: Uint8Array | null = null;
  private big: BigInt64Array | null = null;
  private readonly capacity: number;

  constructor(type: NumberColumn['type'] | TimeColumn['type'], capacity: number) {
    this.type = type;
    this.capacity = capacity;
    this.values = new Float64Array(capacity);
  }

  /** For the next batch, when nobody holds the former column any more. Slots keep what they had. */
  reset(): void {
    this.mask = null;
    this.big = null;
  }

  setNull(row: number): void {
    this.mask ??= new Uint8Array((this.capacity + 7) >> 3).fill(0xff);
    this.mask[row >> 3]! &= ~(1 << (row & 7));
  }

  /** The same of many rows, counted from `at`. */
  setNulls(rows: Int32Array, at: number): void {
    if (rows.length === 0) return;
    this.setNull(at + rows[0]!);
    const mask = this.mask!;
    for (let k = 0; k < rows.length; k++) {
      const row = at + rows[k]!;
      mask[row >> 3]! &= ~(1 << (row & 7));
    }
  }

  /** An integer beyond ±2^53; the column then carries the exact values of all its rows. */
  setExact(row: number, value: bigint): void {
    this.big ??= new BigInt64Array(this.capacity);
    this.big[row] = value;
    this.values[row] = Number(value);
  }

  /** With `passing` the column shares its values with the sink, until that is reset. */
  finish(rows: number, passing = false): NumberColumn | TimeColumn {
    const { type } = this;
    const values = passing || rows === this.capacity ? this.values.subarray(0, rows) : this.values.slice(0, rows);
    const valid = this.mask === null ? null : trimmedMask(this.mask, rows);
    if (type === 'timestamp' || type === 'date') return { kind: 'time', type, length: rows, values, valid };
    return { kind: 'number', type, length: rows, values, valid, exact: this.exactValues(rows) };
  }

  private exactValues(rows: number): BigInt64Array | null {
    if (this.big === null) return null;
    const exact = this.big.slice(0, rows);
    for (let i = 0; i < rows; i++) {
      const value = this.values[i]!;
      // In the slot of a row without a value there may be anything, of which `BigInt` takes no decimals.
      if (exact[i] === 0n && Number.isInteger(value)) exact[i] = BigInt(value);
    }
    return exact;
  }
}

/** Texts and booleans. Slots are absent until written. */
export class CodeSink {
  readonly type: CategoryColumn['type'];
  readonly codes: Int32Array;
  readonly dictionary: TextDictionary;
  /** Where the codes are from, when that is another dictionary or its texts are to stay bytes. */
  source: EncodedSource | null = null;

  constructor(type: CategoryColumn['type'], capacity: number, dictionary: TextDictionary) {
    this.type = type;
    this.codes = new Int32Array(capacity).fill(-1);
    this.dictionary = dictionary;
  }

  /** For the next batch, when nobody holds the former column any more. */
  reset(): void {
    this.codes.fill(-1);
  }

  /** With `passing` the column shares its codes with the sink, until that is reset. */
  finish(rows: number, passing = false): CategoryColumn {
    const codes = passing || rows === this.codes.length ? this.codes.subarray(0, rows) : this.codes.slice(0, rows);
    const encoded = this.source?.encode() ?? null;
    if (encoded !== null) return encodedColumn(this.type, codes, encoded);
    const dictionary = this.type === 'boolean' ? BOOLEAN_DICTIONARY : this.dictionary.snapshot();
    return { kind: 'category', type: this.type, length: rows, codes, dictionary };
  }
}

/** A dictionary that keeps its texts encoded; null where it does not. */
export type EncodedSource = { encode(): EncodedTexts | null };

/** A column whose strings are made when somebody asks for them. */
function encodedColumn(type: CategoryColumn['type'], codes: Int32Array, encoded: EncodedTexts): CategoryColumn {
  let texts: string[] | null = null;
  return {
    kind: 'category',
    type,
    length: codes.length,
    codes,
    encoded,
    get dictionary() {
      texts ??= Array.from({ length: encoded.count }, (_, code) => encoded.textOf(code));
      return texts;
    },
  };
}

export type ColumnSink = ValueSink | CodeSink | VectorSink;

/** A sink for `capacity` rows; texts get their codes from `dictionary`. */
export function columnSink(type: ColumnType, capacity: number, dictionary: TextDictionary): ColumnSink {
  if (type === 'text' || type === 'boolean') return new CodeSink(type, capacity, dictionary);
  if (isVectorType(type)) return new VectorSink(type, capacity);
  return new ValueSink(type, capacity);
}

/** A column of `rows` absent values. */
export function absentColumn(type: ColumnType, rows: number): Column {
  const sink = columnSink(type, rows, new TextDictionary());
  if (!(sink instanceof CodeSink)) for (let i = 0; i < rows; i++) sink.setNull(i);
  return sink.finish(rows);
}
