import { type Column, type ColumnBatch, isValid, type VectorColumn } from '../column.ts';

export type DuplicateRows = {
  readonly method: 'row-hashes/53@1';
  readonly rows: number;
  /** Rows that are equal to one before them in every column. */
  readonly duplicates: number;
  /** Standard error of `duplicates`; 0 while every different row could be told apart. */
  readonly error: number;
};

/** Different rows that are held; of more, every second hash is let go, again and again. */
const MOST_HELD = 2 ** 20;
const PRIME = 0x0100_0193;

/**
 * Counts rows that are equal to one before them, by a hash of 53 bits of all their values: exact up to a million
 * different rows but for a chance of one in ten thousand that two of them share a hash. Of more only those are counted
 * whose hash ends in so many zeros (Wegman's adaptive sampling, Flajolet 1990), which costs the stated error. Memory does
 * not grow with the rows.
 */
export class DuplicateRowCounter {
  readonly #most: number;
  #counts = new Map<number, number>();
  #level = 0;
  #rows = 0;
  #low = new Uint32Array(0);
  #high = new Uint32Array(0);

  constructor(most = MOST_HELD) {
    this.#most = most;
  }

  add(batch: ColumnBatch): void {
    this.#hash(batch);
    for (let row = 0; row < batch.rows; row++) {
      const low = this.#low[row]!;
      if (!endsInZeros(low, this.#level)) continue;
      const key = (this.#high[row]! >>> 11) * 4_294_967_296 + low;
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      while (this.#counts.size > this.#most) this.#thin();
    }
    this.#rows += batch.rows;
  }

  describe(): DuplicateRows {
    const scale = 2 ** this.#level;
    let repeats = 0;
    let squares = 0;
    for (const count of this.#counts.values()) {
      repeats += count - 1;
      squares += (count - 1) ** 2;
    }
    const error = this.#level === 0 ? 0 : Math.sqrt(squares * scale * (scale - 1));
    return { method: 'row-hashes/53@1', rows: this.#rows, duplicates: Math.min(this.#rows, repeats * scale), error };
  }

  #thin(): void {
    this.#level++;
    const kept = new Map<number, number>();
    for (const [key, count] of this.#counts) if (endsInZeros(key % 4_294_967_296, this.#level)) kept.set(key, count);
    this.#counts = kept;
  }

  #hash({ rows, columns }: ColumnBatch): void {
    if (this.#low.length < rows) {
      this.#low = new Uint32Array(rows);
      this.#high = new Uint32Array(rows);
    }
    this.#low.fill(0x811c_9dc5, 0, rows);
    this.#high.fill(0x9747_b28c, 0, rows);
    for (const column of columns) this.#mixColumn(column, rows);
  }

  #mixColumn(column: Column, rows: number): void {
    if (column.kind === 'category') {
      const used = hashesOf(column.dictionary);
      for (let i = 0; i < rows; i++) {
        const code = column.codes[i]!;
        this.#mix(i, code < 0 ? 0 : used[2 * code]!, code < 0 ? 1 : used[2 * code + 1]!);
      }
      return;
    }
    if (column.kind === 'vector') {
      this.#mixVectors(column, rows);
      return;
    }
    const bits = doubleBits(column.values, rows);
    if (column.kind === 'number' && column.exact !== null) keepExact(bits, column.exact, rows);
    for (let i = 0; i < rows; i++) {
      const valid = isValid(column.valid, i);
      this.#mix(i, valid ? bits[2 * i]! : 0, valid ? bits[2 * i + 1]! : 1);
    }
  }

  #mixVectors({ dimension, values, valid }: VectorColumn, rows: number): void {
    const bits = doubleBits(values, rows * dimension);
    for (let i = 0; i < rows; i++) {
      if (!isValid(valid, i)) this.#mix(i, 0, 1);
      else for (let k = i * dimension; k < (i + 1) * dimension; k++) this.#mix(i, bits[2 * k]!, bits[2 * k + 1]!);
    }
  }

  #mix(row: number, a: number, b: number): void {
    let low = Math.imul(this.#low[row]! ^ a, PRIME);
    low = Math.imul(low ^ (low >>> 15) ^ b, 0x2c1b_3c6d);
    let high = Math.imul(this.#high[row]! ^ b ^ (low >>> 3), 0x85eb_ca6b);
    high = Math.imul(high ^ (high >>> 13) ^ a, 0xc2b2_ae35);
    this.#low[row] = low ^ (low >>> 12);
    this.#high[row] = high ^ (high >>> 16);
  }
}

const endsInZeros = (low: number, level: number): boolean => level === 0 || low % 2 ** level === 0;

/** Minus zero is zero and every NaN the same, as people see them. */
function doubleBits(values: Float64Array, rows: number): Uint32Array {
  const plain = Float64Array.from({ length: rows }, (_, i) => (Number.isNaN(values[i]) ? Number.NaN : values[i]! + 0));
  return new Uint32Array(plain.buffer);
}

/** Large integers share doubles; small ones keep theirs, since another batch may have no large ones. */
function keepExact(bits: Uint32Array, exact: BigInt64Array, rows: number): void {
  const words = new Uint32Array(exact.buffer, exact.byteOffset, 2 * rows);
  for (let i = 0; i < rows; i++) {
    if (Number.isSafeInteger(Number(exact[i]!))) continue;
    bits[2 * i] = words[2 * i]!;
    bits[2 * i + 1] = words[2 * i + 1]!;
  }
}

/** Two words for each text. */
function hashesOf(texts: readonly string[]): Uint32Array {
  const hashes = new Uint32Array(2 * texts.length);
  for (const [code, text] of texts.entries()) {
    let a = 0x811c_9dc5 ^ text.length;
    let b = 0xdead_beef;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      a = Math.imul(a ^ unit, PRIME);
      b = Math.imul((b ^ unit) + (a >>> 7), 0x9e37_79b1);
    }
    hashes[2 * code] = a;
    hashes[2 * code + 1] = b ^ (b >>> 15);
  }
  return hashes;
}
