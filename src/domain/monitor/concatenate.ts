import type { CategoryColumn, Column, ColumnType, NumberColumn, TimeColumn, Validity } from '../../stats/column.ts';
import { isValid, kindOf } from '../../stats/column.ts';

/** Some consecutive rows of a column under construction; `column` is null where a part has no such column. */
export type ColumnPart = { readonly rows: number; readonly column: Column | null };

/**
 * One column from its parts, in order. The parts may carry dictionaries of their own, which are remapped into
 * one; rows of a part without the column, or with one of another kind, have no value, except that numbers among
 * texts are written out.
 */
export function concatenate(parts: readonly ColumnPart[], type: ColumnType): Column {
  const length = parts.reduce((sum, part) => sum + part.rows, 0);
  const kind = kindOf(type);
  if (kind === 'category') return concatenateTexts(parts, length, type === 'boolean' ? 'boolean' : 'text');
  const values = new Float64Array(length);
  const valid = new ValidityBuilder(length);
  let at = 0;
  for (const { rows, column } of parts) {
    if (column === null || column.kind !== kind) valid.clear(at, rows);
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
  return { kind, type: numeric, length, values, valid: valid.mask, exact: null } satisfies NumberColumn;
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
  const dictionary = type === 'boolean' ? new Dictionary(['false', 'true']) : new Dictionary([]);
  let at = 0;
  for (const { rows, column } of parts) {
    if (column?.kind === 'category') {
      const remap = new Int32Array(column.dictionary.length).fill(-1);
      for (let i = 0; i < rows; i++) {
        const code = column.codes[i] ?? -1;
        if (code < 0) continue;
        // Entries that no row uses are left behind: dictionaries may be shared and long.
        if (remap[code] === -1) remap[code] = dictionary.codeOf(column.dictionary[code] ?? '');
        codes[at + i] = remap[code] ?? -1;
      }
    } else if (column?.kind === 'number') {
      for (let i = 0; i < rows; i++) {
        if (isValid(column.valid, i)) codes[at + i] = dictionary.codeOf(numberText(column, i));
      }
    }
    at += rows;
  }
  return { kind: 'category', type, length, codes, dictionary: dictionary.texts };
}

const numberText = (column: NumberColumn, row: number): string =>
  String(column.exact === null ? (column.values[row] ?? 0) : (column.exact[row] ?? 0n));

class Dictionary {
  readonly texts: string[];
  readonly #codes: Map<string, number>;

  constructor(texts: string[]) {
    this.texts = texts;
    this.#codes = new Map(texts.map((text, code) => [text, code]));
  }

  codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.texts.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }
}
