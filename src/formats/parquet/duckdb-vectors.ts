/** DuckDB's vectors ⇄ typed arrays, whole arrays at a time. */
import { DuckDBArrayVector, DuckDBListVector, type DuckDBVector } from '@duckdb/node-api';
import type { CodeSink, ValueSink } from '../columns/column-sink.ts';
import { readIntegers } from '../columns/int64.ts';
import type { VectorSink } from '../columns/vector-sink.ts';
import type { InlineTexts } from './inline-texts.ts';

/** A vector's values: `DOUBLE` as Float64Array, `BIGINT` and `TIMESTAMP` as BigInt64Array, `DATE` as Int32Array. */
export type VectorItems = Float64Array | BigInt64Array | Int32Array;

/** The components of vectors that are read: of `DOUBLE[]` or `FLOAT[]`. */
type ComponentVector = { readonly items: Float64Array | Float32Array; readonly validity: { data: Words } };

/** Absent rows: bit `i` of the words is 1 when row `i` has a value; `null`: all have. */
type Words = BigUint64Array | null;

/**
 * The arrays under a fixed-width vector. @duckdb/node-api 1.5.5 (pinned) keeps them in the members `items` and
 * `validity.data` and declares them private; the reader's tests fail when that changes.
 */
type FixedVector = { readonly items: VectorItems; readonly validity: { data: Words } };

/** The same for texts: `dataView` holds 16 bytes a row, length first, the text itself up to 12 bytes. */
type TextVector = { readonly dataView: DataView; readonly validity: { data: Words } };

/** Lists and arrays keep theirs likewise; `childData` is the vector of an array's components. */
type ListedVector = { readonly validity: { data: Words }; readonly childData: DuckDBVector };

function listed(vector: DuckDBListVector | DuckDBArrayVector): ListedVector {
  return vector as unknown as ListedVector;
}

function components(vector: DuckDBVector): ComponentVector {
  return vector as unknown as ComponentVector;
}

function fixed(vector: DuckDBVector): FixedVector {
  return vector as unknown as FixedVector;
}

function textual(vector: DuckDBVector): TextVector {
  return vector as unknown as TextVector;
}

/** Copies a `DOUBLE` vector into the sink at slot `at`. */
export function readDoubles(vector: DuckDBVector, sink: ValueSink, at: number): void {
  const { items, validity } = fixed(vector);
  sink.values.set(items instanceof Float64Array ? items : Float64Array.from(items, Number), at);
  clearAbsent(validity.data, sink, { at, rows: items.length });
}

/** Copies a `BIGINT` vector into the sink at slot `at`, exactly. */
export function readBigints(vector: DuckDBVector, sink: ValueSink, at: number): void {
  const { items, validity } = fixed(vector);
  if (!(items instanceof BigInt64Array)) throw new TypeError('expected a BIGINT vector');
  const beyond = readIntegers(items, sink.values.subarray(at, at + items.length));
  if (beyond) {
    const mask = maskOf(validity.data);
    for (let i = 0; i < items.length; i++) {
      if (!Number.isSafeInteger(sink.values[at + i])) sink.setExact(at + i, hasValue(mask, i) ? items[i]! : 0n);
    }
  }
  clearAbsent(validity.data, sink, { at, rows: items.length });
}

/** Copies a `DOUBLE` vector of 0 and 1 as boolean codes. */
export function readBooleans(vector: DuckDBVector, sink: CodeSink, at: number): void {
  const { items, validity } = fixed(vector);
  const mask = maskOf(validity.data);
  for (let i = 0; i < items.length; i++) sink.codes[at + i] = hasValue(mask, i) ? (items[i] === 1 ? 1 : 0) : -1;
}

/** Copies texts as codes; a text of at most 12 bytes lies in the vector itself and never becomes a string twice. */
export function readTexts(vector: DuckDBVector, sink: CodeSink, at: number, inline: InlineTexts | null = null): void {
  const { dataView, validity } = textual(vector);
  const bytes = new Uint8Array(dataView.buffer, dataView.byteOffset, dataView.byteLength);
  const words = new Int32Array(dataView.buffer, dataView.byteOffset, dataView.byteLength >> 2);
  const { codes, dictionary } = sink;
  const short = inline?.useful === true ? inline : null;
  const seen = new Map<number, number>();
  const mask = maskOf(validity.data);
  const rows = vector.itemCount;
  for (let i = 0, p = 0; i < rows; i++, p += 4) {
    if (!hasValue(mask, i)) continue;
    const length = words[p]! >>> 0;
    if (length <= 12) {
      const start = 4 * p + 4;
      codes[at + i] =
        short === null ? dictionary.code(bytes, start, start + length) : short.code(words, bytes, p, dictionary);
      continue;
    }
    // Rows of one dictionary page point at the same bytes while the chunk lives.
    const pointer = (words[p + 2]! >>> 0) + (words[p + 3]! >>> 0) * 2 ** 32;
    const known = seen.get(pointer * 64 + (length & 63));
    const code = known ?? dictionary.codeOf(String(vector.getItem(i)));
    if (known === undefined) seen.set(pointer * 64 + (length & 63), code);
    codes[at + i] = code;
  }
}

/** Copies a `DOUBLE[]` or `FLOAT[]` vector, whose lists all have the sink's length. An absent component is NaN. */
export function readVectors(vector: DuckDBVector, sink: VectorSink, at: number): void {
  if (!(vector instanceof DuckDBListVector)) throw new TypeError('expected a vector of lists');
  const mask = maskOf(listed(vector).validity.data);
  const { items, validity } = components(vector.childVector);
  if (!(items instanceof Float64Array || items instanceof Float32Array)) {
    throw new TypeError('expected lists of DOUBLE or FLOAT');
  }
  const present = maskOf(validity.data);
  const { dimension, values } = sink;
  for (let i = 0; i < vector.itemCount; i++) {
    if (!hasValue(mask, i)) {
      sink.setNull(at + i);
      continue;
    }
    const from = vector.getEntryOffset(i);
    if (vector.getEntryLength(i) !== dimension) throw new TypeError('a list has another length than all of them');
    const slot = (at + i) * dimension;
    values.set(items.subarray(from, from + dimension), slot);
    if (present === null) continue;
    for (let j = 0; j < dimension; j++) if (!hasValue(present, from + j)) values[slot + j] = Number.NaN;
  }
}

/** The mask's bytes, in which row `i` is bit `i & 7` of byte `i >> 3`; null when all rows have values. */
function maskOf(words: Words): Uint8Array | null {
  return words === null ? null : new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

function hasValue(mask: Uint8Array | null, i: number): boolean {
  return mask === null || (mask[i >> 3]! & (1 << (i & 7))) !== 0;
}

function clearAbsent(
  words: Words,
  sink: ValueSink,
  { at, rows }: { readonly at: number; readonly rows: number },
): void {
  const mask = maskOf(words);
  if (mask === null) return;
  for (let i = 0; i < rows; i++) {
    if (hasValue(mask, i)) continue;
    sink.setNull(at + i);
    sink.values[at + i] = 0;
  }
}

/** Writes items and mask (Arrow's bit order, `null`: all rows have values) to a fixed-width vector. */
export function writeItems(
  vector: DuckDBVector & { flush(): void },
  items: VectorItems,
  mask: Uint8Array | null,
): void {
  const target = fixed(vector);
  if (target.items instanceof BigInt64Array && items instanceof BigInt64Array) target.items.set(items);
  else if (target.items instanceof Float64Array && items instanceof Float64Array) target.items.set(items);
  else if (target.items instanceof Int32Array && items instanceof Int32Array) target.items.set(items);
  else throw new TypeError('the vector has another width than the items');
  if (mask !== null) target.validity.data = wordsOf(mask, items.length);
  vector.flush();
}

/** Writes rows of components, one after another, and their mask to a vector of `DOUBLE[n]`. */
export function writeVectors(vector: DuckDBVector, values: Float64Array, mask: Uint8Array | null): void {
  if (!(vector instanceof DuckDBArrayVector)) throw new TypeError('expected a vector of arrays');
  const target = listed(vector);
  const { items } = fixed(target.childData);
  if (!(items instanceof Float64Array)) throw new TypeError('expected arrays of DOUBLE');
  items.set(values);
  if (mask !== null) target.validity.data = wordsOf(mask, vector.itemCount);
  vector.flush();
}

function wordsOf(mask: Uint8Array, rows: number): BigUint64Array {
  const words = new BigUint64Array(Math.ceil(rows / 64));
  new Uint8Array(words.buffer).set(mask.subarray(0, (rows + 7) >> 3));
  return words;
}
