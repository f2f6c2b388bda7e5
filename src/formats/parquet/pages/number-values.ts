import { type ColumnSink, ValueSink } from '../../columns/column-sink.ts';
import { readIntegers } from '../../columns/int64.ts';
import { broken } from './broken.ts';
import type { DataPage, DictionaryPage } from './chunk-pages.ts';
import type { LeafKind } from './footer.ts';
import type { HybridNumbers } from './hybrid.ts';
import { eachNull, type PageStretch, type PageValues, PIECE_ROWS, placesIn, readPlaces } from './page-values.ts';

const DAY = 86_400_000;

/** By which DuckDB writes infinities of dates and times; of the latter the nearest double. */
const ENDLESS_DAYS = 2 ** 31 - 1;
const ENDLESS_MICROS = 2 ** 63;

type NumberKind = Exclude<LeafKind, 'boolean' | 'text'>;

const WIDTHS: Readonly<Record<NumberKind, number>> = {
  ...{ int32: 4, float: 4, date: 4 },
  ...{ int64: 8, double: 8, millis: 8, micros: 8 },
};

/** Numbers, and times in milliseconds. */
export class NumberValues implements PageValues {
  readonly #kind: NumberKind;
  readonly #width: number;
  /** The values of a piece as they lie in the page, and as doubles. */
  readonly #raw = new ArrayBuffer(8 * PIECE_ROWS);
  readonly #values = new Float64Array(PIECE_ROWS);
  readonly #places = new Int32Array(PIECE_ROWS);
  #dictionary: Decoded = NOTHING;
  #byPlace: HybridNumbers | null = null;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(kind: NumberKind) {
    this.#kind = kind;
    this.#width = WIDTHS[kind];
  }

  startGroup(): void {
    this.#dictionary = NOTHING;
  }

  useDictionary({ bytes, count }: DictionaryPage): void {
    if (count * this.#width > bytes.length) throw broken('a page holds fewer values than it says');
    const raw = new ArrayBuffer(8 * count);
    new Uint8Array(raw).set(bytes.subarray(0, count * this.#width));
    this.#dictionary = decode(this.#kind, { raw, count }, new Float64Array(count));
  }

  load(page: DataPage): void {
    this.#byPlace = placesIn(page);
    this.#bytes = page.bytes;
    this.#at = page.at;
  }

  fill(sink: ColumnSink, stretch: PageStretch): void {
    if (!(sink instanceof ValueSink)) throw new TypeError('numbers belong into a column of values');
    const { levels, rows, present, at } = stretch;
    const out = sink.values.subarray(at, at + rows);
    const exact =
      this.#byPlace === null
        ? this.#fillPlain(out, levels, present)
        : this.#fillKnown(out, levels, { byPlace: this.#byPlace, present });
    if (levels !== null) {
      eachNull(levels, rows, (row) => {
        out[row] = 0;
        sink.setNull(at + row);
      });
    }
    if (exact !== null) fillExact(sink, stretch, exact);
    if (this.#kind === 'date' || this.#kind === 'micros') clearEndless(sink, at, rows);
  }

  forgetTexts(): void {
    // There are none.
  }

  /** Returns the integers beyond ±2^53, as `Decoded` has them. */
  #fillPlain(out: Float64Array, levels: Uint8Array | null, count: number): BigInt64Array | null {
    const bytes = count * this.#width;
    if (bytes > this.#bytes.length - this.#at) throw broken('a page holds fewer values than it says');
    new Uint8Array(this.#raw).set(this.#bytes.subarray(this.#at, this.#at + bytes));
    this.#at += bytes;
    const { values, exact } = decode(this.#kind, { raw: this.#raw, count }, this.#values);
    if (levels === null) out.set(values.subarray(0, count));
    else spread(values, levels, out);
    return exact;
  }

  /** The same. */
  #fillKnown(
    out: Float64Array,
    levels: Uint8Array | null,
    { byPlace, present }: { readonly byPlace: HybridNumbers; readonly present: number },
  ): BigInt64Array | null {
    const { values, exact } = this.#dictionary;
    const places = this.#places;
    readPlaces(byPlace, places, present, values.length);
    if (levels === null) for (let i = 0; i < present; i++) out[i] = values[places[i]!]!;
    else if (present > 0) {
      // What is read for rows without a value behind the last that has one.
      places[present] = 0;
      spreadKnown(values, places, levels, out);
    }
    return exact && BigInt64Array.from(places.subarray(0, present), (place) => exact[place]!);
  }
}

/**
 * Values to the rows that have one; the others get that of the next row, which is cheaper than to guess which they are. There is
 * room behind the last value.
 */
function spread(values: Float64Array, levels: Uint8Array, out: Float64Array): void {
  for (let i = 0, v = 0; i < out.length; i++) {
    out[i] = values[v]!;
    v += levels[i]!;
  }
}

/** The same of values by their places in a dictionary. */
function spreadKnown(known: Float64Array, places: Int32Array, levels: Uint8Array, out: Float64Array): void {
  for (let i = 0, v = 0; i < out.length; i++) {
    out[i] = known[places[v]!]!;
    v += levels[i]!;
  }
}

/** What stands for a time without end is none. */
function clearEndless(sink: ValueSink, at: number, rows: number): void {
  for (let slot = at; slot < at + rows; slot++) {
    if (!Number.isNaN(sink.values[slot])) continue;
    sink.values[slot] = 0;
    sink.setNull(slot);
  }
}

/** Integers beyond ±2^53. */
function fillExact(sink: ValueSink, { levels, rows, at }: PageStretch, exact: BigInt64Array): void {
  for (let i = 0, v = 0; i < rows; i++) {
    if (levels !== null && levels[i] !== 1) continue;
    if (!Number.isSafeInteger(sink.values[at + i])) sink.setExact(at + i, exact[v]!);
    v++;
  }
}

/** `exact` where an int64 lies beyond ±2^53. */
type Decoded = { readonly values: Float64Array; readonly exact: BigInt64Array | null };

const NOTHING: Decoded = { values: new Float64Array(0), exact: null };

/** The first `count` values of `raw` as doubles, in `values`. */
function decode(
  kind: NumberKind,
  { raw, count }: { readonly raw: ArrayBuffer; readonly count: number },
  values: Float64Array,
): Decoded {
  switch (kind) {
    case 'double':
      return { values: new Float64Array(raw), exact: null };
    case 'float':
      values.set(new Float32Array(raw, 0, count));
      return { values, exact: null };
    case 'int32':
      values.set(new Int32Array(raw, 0, count));
      return { values, exact: null };
    case 'date': {
      const days = new Int32Array(raw, 0, count);
      for (let i = 0; i < count; i++) values[i] = Math.abs(days[i]!) === ENDLESS_DAYS ? Number.NaN : days[i]! * DAY;
      return { values, exact: null };
    }
    default: {
      const integers = new BigInt64Array(raw, 0, count);
      const beyond = readIntegers(integers, values);
      if (kind === 'micros') {
        for (let i = 0; i < count; i++) {
          values[i] = Math.abs(values[i]!) === ENDLESS_MICROS ? Number.NaN : values[i]! / 1000;
        }
      } else if (kind === 'millis' && beyond) checkMillis(values, count);
      return { values, exact: kind === 'int64' && beyond ? integers : null };
    }
  }
}

/** As microseconds they must be int64. */
function checkMillis(values: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) if (Math.abs(values[i]!) * 1000 >= 2 ** 63) throw broken('a time is out of range');
}
