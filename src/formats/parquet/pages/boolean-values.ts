import { CodeSink, type ColumnSink } from '../../columns/column-sink.ts';
import { broken } from './broken.ts';
import type { DataPage } from './chunk-pages.ts';
import { HybridNumbers } from './hybrid.ts';
import { type PageStretch, type PageValues, PIECE_ROWS, placesIn, RLE } from './page-values.ts';

/** Booleans as their codes: a bit each, or in runs. */
export class BooleanValues implements PageValues {
  readonly #values = new Uint8Array(PIECE_ROWS);
  #runs: HybridNumbers | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  #bit = 0;

  startGroup(): void {
    // They have no dictionary.
  }

  useDictionary(): void {
    throw broken('a page holds fewer values than it says');
  }

  load(page: DataPage): void {
    const { encoding, bytes, at } = page;
    // Runs stand behind their length.
    this.#runs = encoding === RLE ? new HybridNumbers(bytes, { from: at + 4, end: bytes.length, width: 1 }) : null;
    if (this.#runs === null && placesIn(page) !== null) throw broken('a page holds fewer values than it says');
    this.#bytes = bytes;
    this.#bit = 8 * at;
  }

  fill(sink: ColumnSink, { levels, rows, present, at }: PageStretch): void {
    if (!(sink instanceof CodeSink)) throw new TypeError('booleans belong into a column of codes');
    const values = this.#values;
    if (this.#runs === null) this.#unpack(present);
    else this.#runs.readFlags(values, present);
    for (let i = 0, v = 0; i < rows; i++) {
      if (levels === null || levels[i] === 1) sink.codes[at + i] = values[v++]!;
    }
  }

  forgetTexts(): void {
    // There are none.
  }

  #unpack(count: number): void {
    if (this.#bit + count > 8 * this.#bytes.length) throw broken('a page holds fewer values than it says');
    for (let i = 0; i < count; i++, this.#bit++) {
      this.#values[i] = (this.#bytes[this.#bit >> 3]! >> (this.#bit & 7)) & 1;
    }
  }
}
