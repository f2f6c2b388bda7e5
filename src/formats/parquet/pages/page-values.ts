/** What all kinds of values do with pages. */
import type { ColumnSink } from '../../columns/column-sink.ts';
import { broken } from './broken.ts';
import type { DataPage, DictionaryPage } from './chunk-pages.ts';
import { HybridNumbers } from './hybrid.ts';

/** Rows that are read at once. */
export const PIECE_ROWS = 2048;

const PLAIN = 0;
const PLAIN_DICTIONARY = 2;
export const RLE = 3;
const RLE_DICTIONARY = 8;

/** The next rows of a page, to be written from slot `at` on. */
export type PageStretch = {
  /** 1 for each row with a value, 0 for any other; null: all have. */
  readonly levels: Uint8Array | null;
  readonly rows: number;
  /** How many have a value. */
  readonly present: number;
  readonly at: number;
};

/** The values of one column. */
export type PageValues = {
  /** Begins a row group, whose pages may not refer to the dictionary of another. */
  readonly startGroup: () => void;
  readonly useDictionary: (page: DictionaryPage) => void;
  readonly load: (page: DataPage) => void;
  readonly fill: (sink: ColumnSink, stretch: PageStretch) => void;
  /** The sink's dictionary has forgotten its texts. */
  readonly forgetTexts: () => void;
  /** Before each batch but the first. */
  readonly startBatch?: () => void;
};

/** The places in a dictionary that a page holds; null for one that holds values. @throws TidemarkError `unreadable-data` for any other encoding. */
export function placesIn({ encoding, bytes, at }: DataPage): HybridNumbers | null {
  if (encoding === PLAIN) return null;
  if (encoding !== RLE_DICTIONARY && encoding !== PLAIN_DICTIONARY) {
    throw broken(`a page has encoding ${encoding}, of which the footer does not tell`);
  }
  return new HybridNumbers(bytes, { from: at + 1, end: bytes.length, width: bytes[at] ?? 0 });
}

/** The next `count` places in a dictionary of `size` entries, written to `out`. @throws TidemarkError `unreadable-data` for one beyond it. */
export function readPlaces(places: HybridNumbers, out: Int32Array, count: number, size: number): void {
  const largest = places.read(out, count);
  if (count > 0 && (largest < 0 || largest >= size)) throw broken('a value is none of its dictionary');
}

/** Calls `setNull` for the rows without a value. */
export function eachNull(levels: Uint8Array, rows: number, setNull: (row: number) => void): void {
  for (let row = levels.indexOf(0); row >= 0 && row < rows; row = levels.indexOf(0, row + 1)) setNull(row);
}
