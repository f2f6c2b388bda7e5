import type {
  CategoryColumn,
  Column,
  ColumnType,
  NumberColumn,
  TimeColumn,
  Validity,
  VectorColumn,
  VectorType,
} from '../../stats/column.ts';
import { dimensionOf, isValid, isVectorType, kindOf } from '../../stats/column.ts';
import { vectorText } from '../../stats/vector-text.ts';
import { type JoinedDictionary, openDictionary } from './joined-dictionary.ts';

/** Some consecutive rows of a column under construction; `column` is null where a part has no such column. */
export type ColumnPart = { readonly rows: number; readonly column: Column | null };

/**
 * One column from its parts, in order. The parts may carry dictionaries of their own, which are remapped into
 * one; rows of a part without the column, or with one of another kind (vectors: of another length), have no value,
 * except that numbers and vectors among texts are written out. `owned`: the parts are nobody else's, and what lies one
 * behind the other need not be copied.
 */
export function concatenate(parts: readonly ColumnPart[], type: ColumnType, { owned = false } = {}): Column {
  const length = rowsOf(parts);
  const kind = kindOf(type);
  if (kind === 'category')
    return joinTexts([{ parts, length, codes: null }], type === 'boolean' ? 'boolean' : 'text')[0]!;
  if (isVectorType(type)) return concatenateVectors(parts, length, type);
  const whole = owned ? adjoining(parts, kind) : null;
  const values = whole ?? new Float64Array(length);
  const valid = new ValidityBuilder(length);
  let at = 0;
  for (const { rows, column } of parts) {
    if (column === null || column.kind === 'category' || column.kind !== kind) valid.clear(at, rows);
    else {
      if (whole === null) values.set(column.values, at);
      valid.copy(column.valid, at, rows);
    }
    at += rows;
  }
  if (kind === 'time') {
    return {
      kind,
      type: type === 'date' ? 'date' : 'timestamp',
      length,
      values,
      valid: valid.mask,
    } satisfies TimeColumn;
  }
  const numeric = type === 'int64' ? 'int64' : 'float64';
  return { kind: 'number', type: numeric, length, values, valid: valid.mask, exact: null } satisfies NumberColumn;
}

const rowsOf = (parts: readonly ColumnPart[]): number => parts.reduce((sum, part) => sum + part.rows, 0);

function concatenateVectors(parts: readonly ColumnPart[], length: number, type: VectorType): VectorColumn {
  const dimension = dimensionOf(type);
  const values = new Float64Array(length * dimension);
  const valid = new ValidityBuilder(length);
  let at = 0;
  for (const { rows, column } of parts) {
    if (column?.kind !== 'vector' || column.type !== type) valid.clear(at, rows);
    else {
      values.set(column.values, at * dimension);
      valid.copy(column.valid, at, rows);
    }
    at += rows;
  }
  return { kind: 'vector', type, length, dimension, values, valid: valid.mask };
}

/** The values of parts of that kind which lie one behind the other already; null where they do not. */
function adjoining(parts: readonly ColumnPart[], kind: Column['kind']): Float64Array | null {
  let found: Float64Array | null = null;
  let length = 0;
  for (const { rows, column } of parts) {
    if (column === null || column.kind === 'category' || column.kind !== kind) return null;
    const { values } = column;
    found ??= values;
    if (values.length !== rows || values.buffer !== found.buffer) return null;
    if (values.byteOffset !== found.byteOffset + 8 * length) return null;
    length += rows;
  }
  return found && new Float64Array(found.buffer, found.byteOffset, length);
}

/** Collects a validity mask that is made only when some row has no value. */
class ValidityBuilder {
  mask: Uint8Array | null = null;
  readonly #length: number;

  constructor(length: number) {
    this.#length = length;
  }

  copy(source: Validity, at: number, rows: number): void {
    if (source === null) return;
    if ((at & 7) === 0) this.#copyBytes(source, at >> 3, rows);
    else for (let i = 0; i < rows; i++) if (!isValid(source, i)) this.#unset(at + i);
  }

  #copyBytes(source: Uint8Array, at: number, rows: number): void {
    for (let k = 0; 8 * k < rows; k++) {
      // Bits of rows that are not the source's stay.
      const byte = source[k]! | (rows - 8 * k < 8 ? 0xff << (rows - 8 * k) : 0);
      if ((byte & 0xff) === 0xff) continue;
      this.mask ??= allValid(this.#length);
      this.mask[at + k] = this.mask[at + k]! & byte;
    }
  }

  clear(at: number, rows: number): void {
    for (let i = 0; i < rows; i++) this.#unset(at + i);
  }

  #unset(row: number): void {
    this.mask ??= allValid(this.#length);
    this.mask[row >> 3] = (this.mask[row >> 3] ?? 0) & ~(1 << (row & 7));
  }
}

function allValid(length: number): Uint8Array {
  const mask = new Uint8Array((length + 7) >> 3).fill(0xff);
  const rest = length & 7;
  if (rest !== 0) mask[mask.length - 1] = (1 << rest) - 1;
  return mask;
}

/**
 * Columns of texts, each from its parts, with one list of texts for all of them: alike is what has the same code. A text
 * that no row of one column has may be one of another's. `owned`: the parts are nobody else's, and codes of theirs that lie
 * one behind the other are renamed where they are.
 */
export function concatenateTogether(
  columns: readonly (readonly ColumnPart[])[],
  { owned = false } = {},
): CategoryColumn[] {
  const joined = joinTexts(
    columns.map((parts) => ({ parts, length: rowsOf(parts), codes: owned ? adjoiningCodes(parts) : null })),
    'text',
  );
  return joined.map((column) => ({ ...column, distinct: true }));
}

function joinTexts(columns: readonly Joined[], type: CategoryColumn['type']): CategoryColumn[] {
  const dictionary = openDictionary(
    columns.flatMap(({ parts }) => parts.map(({ column }) => column)),
    { type, rows: columns.reduce((sum, { length }) => sum + length, 0) },
  );
  const codes = columns.map((column) => joinedCodes(column, dictionary));
  const texts = dictionary.close();
  return columns.map(({ length }, i) => ({ kind: 'category', type, length, codes: codes[i]!, dictionary: texts }));
}

type Joined = {
  readonly parts: readonly ColumnPart[];
  readonly length: number;
  /** Those of all parts, where they may be written over. */
  readonly codes: Int32Array | null;
};

/** The codes of parts which lie one behind the other already; null where they do not. */
function adjoiningCodes(parts: readonly ColumnPart[]): Int32Array | null {
  let found: Int32Array | null = null;
  let length = 0;
  for (const { rows, column } of parts) {
    if (column?.kind !== 'category') return null;
    const { codes } = column;
    found ??= codes;
    if (codes.length !== rows || codes.buffer !== found.buffer) return null;
    if (codes.byteOffset !== found.byteOffset + 4 * length) return null;
    length += rows;
  }
  return found && new Int32Array(found.buffer, found.byteOffset, length);
}

/** The codes of all rows in one dictionary. Each is renamed after it was looked at, and those without a text stay. */
function joinedCodes({ parts, length, codes: own }: Joined, dictionary: JoinedDictionary): Int32Array {
  const codes = own ?? new Int32Array(length).fill(-1);
  let at = 0;
  for (const { rows, column } of parts) {
    if (column?.kind === 'category') dictionary.take(column, codes.subarray(at, at + rows));
    else if (column?.kind === 'number') {
      for (let i = 0; i < rows; i++) {
        if (isValid(column.valid, i)) codes[at + i] = dictionary.codeOf(numberText(column, i));
      }
    } else if (column?.kind === 'vector') {
      for (let i = 0; i < rows; i++) {
        if (isValid(column.valid, i)) codes[at + i] = dictionary.codeOf(vectorText(column, i));
      }
    }
    at += rows;
  }
  return codes;
}

const numberText = (column: NumberColumn, row: number): string =>
  String(column.exact === null ? (column.values[row] ?? 0) : (column.exact[row] ?? 0n));
