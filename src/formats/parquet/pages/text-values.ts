import { isAscii, isUtf8 } from 'node:buffer';
import { CodeSink, type ColumnSink } from '../../columns/column-sink.ts';
import { broken } from './broken.ts';
import type { DataPage, DictionaryPage } from './chunk-pages.ts';
import type { HybridNumbers } from './hybrid.ts';
import { type PageStretch, type PageValues, PIECE_ROWS, placesIn, readPlaces } from './page-values.ts';

/** Texts as codes of the sink's dictionary; one of the file's own dictionary is looked up there once. */
export class TextValues implements PageValues {
  readonly #places = new Int32Array(PIECE_ROWS);
  /** The piece's texts, or the file's dictionary. */
  readonly #plain = new PlainTexts();
  #dictionary = new PlainTexts();
  /** By place in the file's dictionary, -1 where it was not looked up. */
  #codes = new Int32Array(0);
  #byPlace: HybridNumbers | null = null;

  startGroup(): void {
    this.#dictionary = new PlainTexts();
  }

  useDictionary({ bytes, count }: DictionaryPage): void {
    this.#dictionary.open(bytes, 0);
    this.#dictionary.read(count);
    this.#codes = new Int32Array(count).fill(-1);
  }

  load(page: DataPage): void {
    this.#byPlace = placesIn(page);
    if (this.#byPlace === null) this.#plain.open(page.bytes, page.at);
  }

  fill(sink: ColumnSink, stretch: PageStretch): void {
    if (!(sink instanceof CodeSink)) throw new TypeError('texts belong into a column of codes');
    if (this.#byPlace === null) this.#fillPlain(sink, stretch);
    else this.#fillKnown(sink, stretch, this.#byPlace);
  }

  forgetTexts(): void {
    this.#codes.fill(-1);
  }

  #fillKnown({ codes, dictionary }: CodeSink, stretch: PageStretch, byPlace: HybridNumbers): void {
    const { levels, rows, present, at } = stretch;
    const [known, places] = [this.#codes, this.#places];
    const { bytes, starts, ends, count } = this.#dictionary;
    readPlaces(byPlace, places, present, count);
    for (let i = 0, v = 0; i < rows; i++) {
      if (levels !== null && levels[i] !== 1) continue;
      const place = places[v++]!;
      let code = known[place]!;
      if (code < 0) {
        code = dictionary.code(bytes, starts[place]!, ends[place]!);
        known[place] = code;
      }
      codes[at + i] = code;
    }
  }

  #fillPlain({ codes, dictionary }: CodeSink, { levels, rows, present, at }: PageStretch): void {
    const plain = this.#plain;
    plain.read(present);
    const { bytes, starts, ends } = plain;
    for (let i = 0, v = 0; i < rows; i++) {
      if (levels !== null && levels[i] !== 1) continue;
      codes[at + i] = dictionary.code(bytes, starts[v]!, ends[v]!);
      v++;
    }
  }
}

/** Texts one after another, each behind its length. */
class PlainTexts {
  bytes: Buffer = Buffer.alloc(0);
  /** Of the texts that were read last. */
  count = 0;
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  #at = 0;
  #ascii = true;

  open(bytes: Buffer, at: number): void {
    this.bytes = bytes;
    this.#at = at;
    // Lengths of 128 and more are not either, which costs a second look at each text.
    this.#ascii = isAscii(bytes.subarray(at));
  }

  /** The places of the next texts. @throws TidemarkError `unreadable-data`. */
  read(count: number): void {
    const { bytes } = this;
    // Each has a length of four bytes, which bounds what is claimed.
    if (4 * count > bytes.length - this.#at) throw broken('a page holds fewer values than it says');
    if (this.starts.length < count) [this.starts, this.ends] = [new Int32Array(count), new Int32Array(count)];
    const { starts, ends } = this;
    let p = this.#at;
    for (let i = 0; i < count; i++) {
      if (p + 4 > bytes.length) throw broken('a page holds fewer values than it says');
      const length = (bytes[p]! | (bytes[p + 1]! << 8) | (bytes[p + 2]! << 16) | (bytes[p + 3]! << 24)) >>> 0;
      p += 4;
      if (length > bytes.length - p) throw broken('a page holds fewer values than it says');
      starts[i] = p;
      p += length;
      ends[i] = p;
    }
    this.#at = p;
    this.count = count;
    if (!this.#ascii) this.#check();
  }

  #check(): void {
    const { bytes, count, starts, ends } = this;
    for (let i = 0; i < count; i++) {
      if (!isUtf8(bytes.subarray(starts[i], ends[i]))) {
        throw broken('a text is not UTF-8');
      }
    }
  }
}
