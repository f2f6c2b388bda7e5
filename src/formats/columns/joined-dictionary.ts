/** One dictionary for columns that have one each: codes are renamed, and what no row uses is left behind. */
import type { CategoryColumn, Column, EncodedTexts } from '../../stats/column.ts';
import { kernelModule } from '../text/kernel-memory.ts';
import { TextDictionary } from '../text/text-dictionary.ts';
import { TextJoin } from '../text/text-join.ts';

/** Unknown texts get the next code in the order of the rows. */
export type JoinedDictionary = {
  readonly codeOf: (text: string) => number;
  /** Writes the codes of a column's rows here to `target`. */
  readonly take: (column: CategoryColumn, target: Int32Array) => void;
  /** All texts, by code; the dictionary must not be used any more. */
  readonly close: () => readonly string[];
};

/** Rows from which on the compiled loops are worth their memory. */
const LEAST_ROWS = 2 ** 15;

/** A dictionary for so many rows of these columns. */
export function openDictionary(
  columns: readonly (Column | null)[],
  { type, rows }: { readonly type: CategoryColumn['type']; readonly rows: number },
): JoinedDictionary {
  if (type === 'boolean') return new StringDictionary(['false', 'true']);
  const texts = columns.filter((column) => column?.kind === 'category');
  // By bytes where that is how the texts come: a column of many of them costs no string then but one each.
  if (!texts.some(({ encoded }) => encoded !== undefined)) return new StringDictionary([]);
  const join = rows >= LEAST_ROWS ? borrowJoin() : null;
  return join === null ? new BytesDictionary() : new CompiledDictionary(join);
}

let lent: TextJoin | null = null;

/** The thread's own, or a new one where somebody has that. Null without the compiled file. */
function borrowJoin(): TextJoin | null {
  const found = lent;
  lent = null;
  if (found !== null) return found;
  const module = kernelModule();
  return module && new TextJoin(module);
}

function returnJoin(join: TextJoin): void {
  join.clear();
  lent = join;
}

/** By bytes. */
class BytesDictionary implements JoinedDictionary {
  readonly #texts: TextDictionary;

  constructor(texts = new TextDictionary()) {
    this.#texts = texts;
  }

  codeOf(text: string): number {
    return this.#texts.codeOf(text);
  }

  take(column: CategoryColumn, target: Int32Array): void {
    const { codes, encoded } = column;
    if (encoded === undefined) takeStrings(column, target, (text) => this.codeOf(text));
    else this.takeEncoded(codes, encoded, target);
  }

  takeEncoded(codes: Int32Array, { count, bytes, offsets }: EncodedTexts, target: Int32Array): void {
    const codeOf = (code: number): number => this.#texts.code(bytes, offsets[code]!, offsets[code + 1]!);
    takeCodes(codes, target, { count, codeOf });
  }

  close(): readonly string[] {
    return this.#texts.snapshot();
  }
}

/** By the compiled loops as far as they come, and then on. */
class CompiledDictionary implements JoinedDictionary {
  #join: TextJoin | null;
  #rest: BytesDictionary | null = null;

  constructor(join: TextJoin) {
    this.#join = join;
  }

  codeOf(text: string): number {
    return this.#leave().codeOf(text);
  }

  take(column: CategoryColumn, target: Int32Array): void {
    const { codes, encoded } = column;
    if (this.#join === null || encoded === undefined) {
      this.#leave().take(column, target);
      return;
    }
    const done = this.#join.join(codes, encoded, target);
    if (done < Math.min(codes.length, target.length)) {
      this.#leave().takeEncoded(codes.subarray(done), encoded, target.subarray(done));
    }
  }

  close(): readonly string[] {
    if (this.#join === null) return this.#leave().close();
    const texts = this.#join.texts();
    returnJoin(this.#join);
    return texts;
  }

  /** What goes on where the loops do not. */
  #leave(): BytesDictionary {
    const texts = new TextDictionary();
    if (this.#join !== null) {
      this.#join.moveTo(texts);
      returnJoin(this.#join);
      this.#join = null;
    }
    this.#rest ??= new BytesDictionary(texts);
    return this.#rest;
  }
}

class StringDictionary implements JoinedDictionary {
  readonly #texts: string[];
  readonly #codes: Map<string, number>;

  constructor(texts: string[]) {
    this.#texts = texts;
    this.#codes = new Map(texts.map((text, code) => [text, code]));
  }

  codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.#texts.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }

  take(column: CategoryColumn, target: Int32Array): void {
    takeStrings(column, target, (text) => this.codeOf(text));
  }

  close(): readonly string[] {
    return this.#texts;
  }
}

function takeStrings(
  { codes, dictionary }: CategoryColumn,
  target: Int32Array,
  codeOf: (text: string) => number,
): void {
  takeCodes(codes, target, { count: dictionary.length, codeOf: (code) => codeOf(dictionary[code]!) });
}

type Renaming = { readonly count: number; readonly codeOf: (code: number) => number };

/** Entries that no row uses are left behind: dictionaries may be shared and long. */
function takeCodes(codes: Int32Array, target: Int32Array, { count, codeOf }: Renaming): void {
  const renamed = new Int32Array(count).fill(-1);
  const length = Math.min(target.length, codes.length);
  for (let i = 0; i < length; i++) {
    const code = codes[i]!;
    if (code < 0) continue;
    let known = renamed[code]!;
    if (known < 0) {
      known = codeOf(code);
      renamed[code] = known;
    }
    target[i] = known;
  }
}
