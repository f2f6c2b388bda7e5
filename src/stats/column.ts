/**
 * The one data model of the statistics core: a column is a typed array, dictionary codes or epoch
 * milliseconds, with an optional validity mask. Readers (`formats`) make columns, kernels read them, and
 * neither knows the other. Batches are 32-64 k rows, so that a column of one stays in cache.
 */

/** Arrow's validity layout: bit `i & 7` of byte `i >> 3` is 1 when row `i` has a value. `null`: all have. */
export type Validity = Uint8Array | null;

/** Numbers. NaN and infinities are values; an absent value is an unset validity bit, its slot is 0. */
export type NumberColumn = {
  readonly kind: 'number';
  readonly type: 'int64' | 'float64';
  readonly length: number;
  readonly values: Float64Array;
  readonly valid: Validity;
  /** Present when an int64 column holds a value beyond ±2^53: the exact values, slot for slot. */
  readonly exact: BigInt64Array | null;
};

/** Texts and booleans as codes into a dictionary; code -1 is an absent value. Booleans use ['false','true']. */
export type CategoryColumn = {
  readonly kind: 'category';
  readonly type: 'text' | 'boolean';
  readonly length: number;
  readonly codes: Int32Array;
  readonly dictionary: readonly string[];
  /** True where it is known that no two texts of the dictionary are alike. */
  readonly distinct?: true;
  /** The dictionary as it was read, where making strings of all of it would be most of the work. */
  readonly encoded?: EncodedTexts;
};

/** A dictionary in UTF-8: the text of code `c` is in `bytes` from `offsets[c]` to `offsets[c + 1]`. */
export type EncodedTexts = {
  readonly count: number;
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
  readonly textOf: (code: number) => string;
  /**
   * The two words of each text that `addText` counts it by, where they are had for less than one text at a time; null
   * where not all texts are ASCII. They are there until the next batch is read, or those of another list are asked for.
   */
  readonly words?: () => Int32Array | null;
};

/** Points in time as milliseconds since 1970-01-01T00:00:00Z (fractions keep microseconds). */
export type TimeColumn = {
  readonly kind: 'time';
  readonly type: 'timestamp' | 'date';
  readonly length: number;
  readonly values: Float64Array;
  readonly valid: Validity;
};

/** The type of a column of vectors names their length: columns of another length are of another type. */
export type VectorType = `vector[${number}]`;

/** Vectors of one length, such as embeddings. A component may be NaN (also: absent) or infinite. */
export type VectorColumn = {
  readonly kind: 'vector';
  readonly type: VectorType;
  readonly length: number;
  readonly dimension: number;
  /** Row after row: component `j` of row `i` is `values[i * dimension + j]`. The slots of an absent row are 0. */
  readonly values: Float64Array;
  readonly valid: Validity;
  /** Present when the column holds random finite vectors of a longer one: its rows, those without a value, and with a NaN or infinity. */
  readonly whole?: { readonly rows: number; readonly nulls: number; readonly nan: number };
};

export type Column = NumberColumn | CategoryColumn | TimeColumn | VectorColumn;
export type ColumnType = Column['type'];

/** A column's name and type, the same for every batch of a table. */
export type Field = { readonly name: string; readonly type: ColumnType };

/** Some consecutive rows of a table; `columns[i]` belongs to the table's `fields[i]`. */
export type ColumnBatch = { readonly rows: number; readonly columns: readonly Column[] };

/** True when row `i` has a value under this mask. */
export function isValid(valid: Validity, i: number): boolean {
  return valid === null || (valid[i >> 3]! & (1 << (i & 7))) !== 0;
}

/** How many of the first `length` rows have no value under this mask. Cost O(length / 8). */
export function absentRows(valid: Validity, length: number): number {
  if (valid === null) return 0;
  let present = 0;
  for (let k = 0; 8 * k < length; k++) {
    const rest = length - 8 * k;
    const byte = valid[k]! & (rest < 8 ? (1 << rest) - 1 : 0xff);
    // The bits of each pair of bits, of each four, then of all eight.
    const pairs = byte - ((byte >> 1) & 0x55);
    const fours = (pairs & 0x33) + ((pairs >> 2) & 0x33);
    present += (fours + (fours >> 4)) & 0x0f;
  }
  return length - present;
}

/** The kind of column that a type is held in. */
export function kindOf(type: ColumnType): Column['kind'] {
  if (type === 'int64' || type === 'float64') return 'number';
  if (isVectorType(type)) return 'vector';
  return type === 'text' || type === 'boolean' ? 'category' : 'time';
}

/** Longer vectors are not read as such: what is kept of every component must stay bounded. */
const MOST_DIMENSIONS = 4_096;

/** The type of vectors of that length; null where no column is made of such: a single number is no vector. */
export function vectorType(dimension: number): VectorType | null {
  return dimension >= 2 && dimension <= MOST_DIMENSIONS ? `vector[${dimension}]` : null;
}

const VECTOR_TYPE = /^vector\[([1-9]\d{0,3})\]$/;

export function isVectorType(type: string): type is VectorType {
  return VECTOR_TYPE.test(type);
}

/** The length of the vectors of a type; 1 for a type of single values. */
export function dimensionOf(type: string): number {
  const found = VECTOR_TYPE.exec(type)?.[1];
  return found === undefined ? 1 : Number(found);
}
