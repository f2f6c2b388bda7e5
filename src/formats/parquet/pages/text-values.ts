import { isAscii, isUtf8 } from 'node:buffer';
import { CodeSink, type ColumnSink } from '../../columns/column-sink.ts';
import type { TextDictionary } from '../../text/text-dictionary.ts';
import { broken } from './broken.ts';
import type { DataPage, DictionaryPage } from './chunk-pages.ts';
import type { HybridNumbers } from './hybrid.ts';
import type { KernelTexts } from './kernel-texts.ts';
import { type PageStretch, type PageValues, PIECE_ROWS, placesIn, readPlaces } from './page-values.ts';

const NONE = new Int32Array(0);

/** Texts as codes of the sink's dictionary; one of the file's own dictionary is looked up there once. */
export class TextValues implements PageValues {
  readonly #places = new Int32Array(PIECE_ROWS);
  /** The piece's texts, or the file's dictionary. */
  readonly #plain = new PlainTexts();
  #dictionary = new PlainTexts();
  /** By place in the file's dictionary, -1 where it was not looked up. */
  #codes = new Int32Array(0);
  #byPlace: HybridNumbers | null = null;
  /** What reads plain texts and has the dictionary, as long as there is room; null: that is the sink's. */
  #kernel: KernelTexts | null;
  #page: DataPage | null = null;
  /** Whether the page is in the kernel's memory. */
  #fits = false;

  constructor(kernel: KernelTexts | null = null) {
    this.#kernel = kernel;
  }

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
    this.#page = page;
    if (this.#byPlace !== null) return;
    this.#plain.open(page.bytes, page.at);
    this.#fits = this.#kernel?.open(page.bytes, page.at) ?? false;
  }

  fill(sink: ColumnSink, stretch: PageStretch): void {
    if (!(sink instanceof CodeSink)) throw new TypeError('texts belong into a column of codes');
    if (this.#kernel !== null) sink.source = this.#kernel;
    if (this.#byPlace === null) this.#fillPlain(sink, stretch);
    else this.#fillKnown(sink, stretch, this.#byPlace);
  }

  forgetTexts(): void {
    this.#codes.fill(-1);
  }

  /** Before each batch but the first. */
  startBatch(): void {
    if (this.#kernel?.startBatch() === true) this.forgetTexts();
  }

  #fillKnown(sink: CodeSink, stretch: PageStretch, byPlace: HybridNumbers): void {
    const { levels, rows, present, at } = stretch;
    const [known, places] = [this.#codes, this.#places];
    const { codes } = sink;
    const { bytes, starts, ends, count } = this.#dictionary;
    readPlaces(byPlace, places, present, count);
    for (let i = 0, v = 0; i < rows; i++) {
      if (levels !== null && levels[i] !== 1) continue;
      const place = places[v++]!;
      let code = known[place]!;
      if (code < 0) {
        code = this.#code(sink, bytes.subarray(starts[place], ends[place]));
        known[place] = code;
      }
      codes[at + i] = code;
    }
  }

  #fillPlain(sink: CodeSink, { levels, rows, present, at }: PageStretch): void {
    const { codes } = sink;
    const found = this.#plainCodes(sink, present);
    for (let i = 0, v = 0; i < rows; i++) {
      if (levels !== null && levels[i] !== 1) continue;
      codes[at + i] = found[v++]!;
    }
  }

  /** The codes of the page's next texts, until the next call. */
  #plainCodes(sink: CodeSink, count: number): Int32Array {
    const plain = this.#plain;
    const kernel = this.#fits ? this.#kernel : null;
    // Read for the sake of the texts that are none.
    if (kernel === null || !plain.ascii) plain.read(count);
    const found = kernel?.next(count) ?? NONE;
    if (found.length === count) return found;
    const codes = this.#places;
    codes.set(found);
    if (kernel !== null) {
      plain.open(this.#page!.bytes, this.#page!.at + kernel.done);
      plain.read(count - found.length);
    }
    const dictionary = this.#leave(sink);
    const { bytes, starts, ends } = plain;
    for (let v = found.length; v < count; v++) {
      codes[v] = dictionary.code(bytes, starts[v - found.length]!, ends[v - found.length]!);
    }
    return codes;
  }

  #code(sink: CodeSink, text: Buffer): number {
    const code = this.#kernel?.code(text, 0, text.length) ?? -1;
    return code < 0 ? this.#leave(sink).code(text, 0, text.length) : code;
  }

  /** The dictionary that goes on where there is no kernel, or that has no more room. */
  #leave(sink: CodeSink): TextDictionary {
    const { dictionary } = sink;
    if (this.#kernel !== null) {
      this.#kernel.moveTo(dictionary);
      this.#kernel = null;
      sink.source = dictionary;
    }
    return dictionary;
  }
}

/** Texts one after another, each behind its length. */
class PlainTexts {
  bytes: Buffer = Buffer.alloc(0);
  /** Of the texts that were read last. */
  count = 0;
  starts = new Int32Array(0);
  ends = new Int32Array(0);
  ascii = true;
  #at = 0;

  open(bytes: Buffer, at: number): void {
    this.bytes = bytes;
    this.#at = at;
    // Lengths of 128 and more are not either, which costs a second look at each text.
    this.ascii = isAscii(bytes.subarray(at));
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
    if (!this.ascii) this.#check();
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
