/**
 * Rows of one column that stay in the memory of a thread: what `ColumnSpill` does in a file, for who has room for a
 * column and reads it again at once.
 */
import type { CategoryColumn, Column, EncodedTexts } from '../../stats/column.ts';
import { BOOLEAN_DICTIONARY } from './column-sink.ts';

/** Texts of a batch are compared with those before up to this many bytes: most dictionaries settle soon. */
const COMPARED_BYTES = 2 ** 16;

export class ColumnHold {
  /** The values of all batches, one behind the other; of texts there are none. */
  #values: Float64Array | null = null;
  readonly #room: () => Float64Array;
  #at = 0;
  #texts: EncodedTexts | null = null;

  /** For so many values, which come in batches; in room that was there before, where `roomFor` gives such. */
  constructor(values: number, roomFor = (length: number) => new Float64Array(length)) {
    this.#room = () => roomFor(values);
  }

  /** The next rows, as a column that stays when their batch is written over. */
  add(column: Column): Column {
    if (column.kind === 'category') return this.#codes(column);
    const { values } = column;
    this.#values ??= this.#room();
    const own = this.#values.subarray(this.#at, this.#at + values.length);
    own.set(values);
    this.#at += values.length;
    const valid = column.valid?.slice() ?? null;
    if (column.kind !== 'number') return { ...column, values: own, valid };
    return { ...column, values: own, valid, exact: column.exact?.slice() ?? null };
  }

  #codes(column: CategoryColumn): CategoryColumn {
    const { type, length, codes, encoded } = column;
    const own = { kind: 'category', type, length, codes: codes.slice() } as const;
    if (type === 'boolean') return { ...own, dictionary: BOOLEAN_DICTIONARY };
    // A list of strings is not written over. To ask for it where there are bytes would make strings of all of them.
    if (encoded === undefined) return { ...own, dictionary: column.dictionary };
    const texts = this.#held(encoded);
    return {
      ...own,
      encoded: texts,
      get dictionary() {
        return Array.from({ length: texts.count }, (_, code) => texts.textOf(code));
      },
    };
  }

  #held({ count, bytes, offsets }: EncodedTexts): EncodedTexts {
    const used = bytes.subarray(0, offsets[count]);
    const before = this.#texts;
    if (before !== null && before.count === count && Buffer.compare(before.bytes, used) === 0) return before;
    const own = { count, offsets: offsets.slice(0, count + 1), bytes: Buffer.from(used) };
    const textOf = (code: number): string => own.bytes.toString('utf8', own.offsets[code], own.offsets[code + 1]);
    const held = { ...own, textOf };
    this.#texts = used.length > COMPARED_BYTES ? null : held;
    return held;
  }
}
