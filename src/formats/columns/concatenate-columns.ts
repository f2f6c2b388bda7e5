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
import { TextDictionary } from '../text/text-dictionary.ts';

/** Some consecutive rows of a column under construction; `column` is null where a part has no such column. */
export type ColumnPart = { readonly rows: number; readonly column: Column | null };

/**
 * One column from its parts, in order. The parts may carry dictionaries of their own, which are remapped into
 * one; rows of a part without the column, or with one of another kind (vectors: of another length), have no value,
 * except that numbers and vectors among texts are written out.
 */
export function concatenate(parts: readonly ColumnPart[], type: ColumnType): Column {
  const length = parts.reduce((sum, part) => sum + part.rows, 0);
  const kind = kindOf(type);
  if (kind === 'category') return concatenateTexts(parts, length, type === 'boolean' ? 'boolean' : 'text');
  if (isVectorType(type)) return concatenateVectors(parts, length, type);
  const values = new Float64Array(length);
  const valid = new ValidityBuilder(length);
  let at = 0;
  for (const { rows, column } of parts) {
    if (column === null || column.kind === 'category' || column.kind !== kind) valid.clear(at, rows);
    else {
      values.set(column.values, at);
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

/** Collects a validity mask that is made only when some row has no value. */
class ValidityBuilder {
  mask: Uint8Array | null = null;
  readonly #length: number;

  constructor(length: number) {
    this.#length = length;
  }

  copy(source: Validity, at: number, rows: number): void {
    if (source === null) return;
    for (let i = 0; i < rows; i++) if (!isValid(source, i)) this.#unset(at + i);
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

function concatenateTexts(parts: readonly ColumnPart[], length: number, type: CategoryColumn['type']): CategoryColumn {
  const codes = new Int32Array(length).fill(-1);
  const dictionary = dictionaryFor(parts, type);
  let at = 0;
  for (const { rows, column } of parts) {
    if (column?.kind === 'category') takeCodes(column, codes.subarray(at, at + rows), dictionary);
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
  return { kind: 'category', type, length, codes, dictionary: dictionary.snapshot() };
}

/** A part's codes as those of the whole column. Entries that no row uses are left behind: dictionaries may be shared and long. */
function takeCodes(column: CategoryColumn, target: Int32Array, dictionary: Dictionary): void {
  const { codes, encoded } = column;
  const texts = encoded === undefined ? column.dictionary : [];
  const renamed = new Int32Array(encoded?.count ?? texts.length).fill(-1);
  const length = Math.min(target.length, codes.length);
  for (let i = 0; i < length; i++) {
    const code = codes[i]!;
    if (code < 0) continue;
    let known = renamed[code]!;
    if (known < 0) {
      known =
        encoded === undefined
          ? dictionary.codeOf(texts[code]!)
          : dictionary.code(encoded.bytes, encoded.offsets[code]!, encoded.offsets[code + 1]!);
      renamed[code] = known;
    }
    target[i] = known;
  }
}

const numberText = (column: NumberColumn, row: number): string =>
  String(column.exact === null ? (column.values[row] ?? 0) : (column.exact[row] ?? 0n));

/** Codes by text, whether it comes as a string or as UTF-8. */
type Dictionary = Pick<TextDictionary, 'code' | 'codeOf' | 'snapshot'>;

/** By bytes where that is how the texts come: a column of many of them costs no string then but one each. */
function dictionaryFor(parts: readonly ColumnPart[], type: CategoryColumn['type']): Dictionary {
  const encoded =
    type === 'text' && parts.some(({ column }) => column?.kind === 'category' && column.encoded !== undefined);
  return encoded ? new TextDictionary() : new StringDictionary(type === 'boolean' ? ['false', 'true'] : []);
}

class StringDictionary implements Dictionary {
  readonly #texts: string[];
  readonly #codes: Map<string, number>;

  constructor(texts: string[]) {
    this.#texts = texts;
    this.#codes = new Map(texts.map((text, code) => [text, code]));
  }

  code(bytes: Uint8Array, start: number, end: number): number {
    return this.codeOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8', start, end));
  }

  codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.#texts.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }

  snapshot(): readonly string[] {
    return this.#texts;
  }
}
