/**
 * Columns of a table in a file of this process alone: written batch by batch as they are read, read back a column at
 * a time, by any thread. What it costs to parse a file is then paid once, and memory holds the columns at work only.
 */
import { closeSync, openSync, readSync, writevSync } from 'node:fs';
import {
  type CategoryColumn,
  type Column,
  type ColumnBatch,
  dimensionOf,
  type EncodedTexts,
  isVectorType,
} from '../../stats/column.ts';
import { encodeTexts } from '../arrow/texts.ts';
import { roomFailure } from '../room-failure.ts';
import { BOOLEAN_DICTIONARY } from './column-sink.ts';

/** Bytes of a file. */
type Place = { readonly at: number; readonly length: number };

type SpilledTexts = { readonly count: number; readonly offsets: Place; readonly bytes: Place };

type SpilledValues = {
  readonly type: Exclude<Column, CategoryColumn>['type'];
  readonly values: Place;
  readonly valid: Place | null;
  readonly exact: Place | null;
};

type SpilledCodes = {
  readonly type: CategoryColumn['type'];
  readonly codes: Place;
  /** Null for booleans, whose texts are known. */
  readonly texts: SpilledTexts | null;
};

/** Some consecutive rows of a column and where they lie; plain data. */
export type SpilledPart = {
  readonly file: string;
  readonly rows: number;
  readonly column: SpilledValues | SpilledCodes;
};

/** Buffers that one call writes at most (IOV_MAX). */
const AT_ONCE = 1_024;
/** Texts of a batch are compared with those before up to this many bytes: most dictionaries settle soon. */
const COMPARED_BYTES = 2 ** 16;

/** A file of columns being written; what `add` answers can be read once `close` was called. */
export class ColumnSpill {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #waiting: Uint8Array[] = [];
  readonly #texts: (WrittenTexts | null)[] = [];
  #end = 0;

  /** @throws where the file exists already, or cannot be made. */
  constructor(file: string) {
    this.#file = file;
    this.#descriptor = openSync(file, 'wx', 0o600);
  }

  /**
   * Writes a batch; it may be changed afterwards. The parts are in the order of its columns.
   * @throws TidemarkError `storage-full`.
   */
  add({ rows, columns }: ColumnBatch): SpilledPart[] {
    const parts = columns.map((column, i) => ({ file: this.#file, rows, column: this.#column(column, i) }));
    this.#write();
    return parts;
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #column(column: Column, i: number): SpilledPart['column'] {
    if (column.kind === 'category') {
      const texts = column.type === 'boolean' ? null : this.#dictionary(column, i);
      return { type: column.type, codes: this.#place(column.codes), texts };
    }
    const exact = column.kind === 'number' ? column.exact : null;
    return {
      type: column.type,
      values: this.#place(column.values),
      valid: column.valid === null ? null : this.#place(column.valid),
      exact: exact === null ? null : this.#place(exact),
    };
  }

  #dictionary(column: CategoryColumn, i: number): SpilledTexts {
    // Asking for the dictionary makes strings of all of it.
    const { count, offsets, bytes } = column.encoded ?? encodedOf(column.dictionary);
    const used = bytes.subarray(0, offsets[count]);
    const before = this.#texts[i] ?? null;
    if (before !== null && before.place.count === count && Buffer.compare(before.bytes, used) === 0)
      return before.place;
    const place = { count, offsets: this.#place(offsets.subarray(0, count + 1)), bytes: this.#place(used) };
    this.#texts[i] = used.length > COMPARED_BYTES ? null : { place, bytes: Uint8Array.from(used) };
    return place;
  }

  #place(array: ArrayBufferView): Place {
    const place = { at: this.#end, length: array.byteLength };
    if (place.length > 0) this.#waiting.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
    this.#end += place.length;
    return place;
  }

  #write(): void {
    const waiting = this.#waiting.splice(0);
    for (let next = 0; next < waiting.length; ) {
      let written = this.#writeSome(waiting.slice(next, next + AT_ONCE));
      while (next < waiting.length && written >= waiting[next]!.length) written -= waiting[next++]!.length;
      if (written > 0) waiting[next] = waiting[next]!.subarray(written);
    }
  }

  #writeSome(buffers: readonly Uint8Array[]): number {
    try {
      return writevSync(this.#descriptor, buffers);
    } catch (error) {
      throw roomFailure(error, NO_ROOM);
    }
  }
}

const NO_ROOM = 'The disk has no room for the columns of the tables, which wait in a temporary file to be compared.';

type WrittenTexts = { readonly place: SpilledTexts; readonly bytes: Uint8Array };

function encodedOf(texts: readonly string[]): Omit<EncodedTexts, 'textOf'> {
  const { offsets, values } = encodeTexts(texts);
  return { count: texts.length, offsets, bytes: values };
}

/**
 * Parts of a column from their files. The values of all of them lie in one array, one part behind the other, and so do their
 * codes: in room that was there before, where `roomFor` gives such.
 */
export function readSpilled(
  parts: readonly SpilledPart[],
  roomFor = (length: number) => new Float64Array(length),
): Column[] {
  const open = new Map<string, number>();
  const bytes = parts.reduce((sum, { column }) => sum + ('codes' in column ? 0 : column.values.length), 0);
  const values = bytes === 0 ? new Float64Array(0) : roomFor(bytes / 8);
  const codes = roomForCodes(parts, roomFor);
  let at = 0;
  let code = 0;
  try {
    return parts.map(({ file, rows, column }) => {
      const descriptor = open.get(file) ?? openSync(file, 'r');
      open.set(file, descriptor);
      if ('codes' in column) {
        const own = codes.subarray(code, code + column.codes.length / 4);
        code += own.length;
        return readCodes(descriptor, { rows, column, codes: own });
      }
      const own = values.subarray(at, at + column.values.length / 8);
      at += own.length;
      return readValues(descriptor, { rows, column, values: own });
    });
  } finally {
    for (const descriptor of open.values()) closeSync(descriptor);
  }
}

function roomForCodes(parts: readonly SpilledPart[], roomFor: (length: number) => Float64Array): Int32Array {
  const bytes = parts.reduce((sum, { column }) => sum + ('codes' in column ? column.codes.length : 0), 0);
  if (bytes === 0) return new Int32Array(0);
  const { buffer, byteOffset } = roomFor(Math.ceil(bytes / 8));
  return new Int32Array(buffer, byteOffset, bytes / 4);
}

type ReadingValues = {
  readonly rows: number;
  readonly column: SpilledValues;
  /** Where they are read to. */
  readonly values: Float64Array;
};

function readValues(descriptor: number, { rows, column, values }: ReadingValues): Exclude<Column, CategoryColumn> {
  const { type, ...places } = column;
  readInto(descriptor, places.values.at, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  const valid = places.valid === null ? null : new Uint8Array(read(descriptor, places.valid));
  if (type === 'timestamp' || type === 'date') return { kind: 'time', type, length: rows, values, valid };
  if (isVectorType(type)) return { kind: 'vector', type, length: rows, dimension: dimensionOf(type), values, valid };
  const exact = places.exact === null ? null : new BigInt64Array(read(descriptor, places.exact));
  return { kind: 'number', type, length: rows, values, valid, exact };
}

type ReadingCodes = {
  readonly rows: number;
  readonly column: SpilledCodes;
  /** Where they are read to. */
  readonly codes: Int32Array;
};

function readCodes(descriptor: number, { rows, column, codes }: ReadingCodes): CategoryColumn {
  const { type, codes: place, texts } = column;
  readInto(descriptor, place.at, new Uint8Array(codes.buffer, codes.byteOffset, codes.byteLength));
  const base = { kind: 'category', type, length: rows, codes } as const;
  if (texts === null) return { ...base, dictionary: BOOLEAN_DICTIONARY };
  const offsets = new Int32Array(read(descriptor, texts.offsets));
  const bytes = Buffer.from(read(descriptor, texts.bytes));
  const textOf = (code: number): string => bytes.toString('utf8', offsets[code], offsets[code + 1]);
  const encoded: EncodedTexts = { count: texts.count, bytes, offsets, textOf };
  return {
    ...base,
    encoded,
    get dictionary() {
      return Array.from({ length: encoded.count }, (_, code) => textOf(code));
    },
  };
}

/** @throws Error when the file is shorter than it was written. */
function read(descriptor: number, { at, length }: Place): ArrayBuffer {
  const buffer = new ArrayBuffer(length);
  readInto(descriptor, at, new Uint8Array(buffer));
  return buffer;
}

/** @throws Error as above. */
function readInto(descriptor: number, at: number, into: Uint8Array): void {
  for (let done = 0; done < into.length; ) {
    const count = readSync(descriptor, into, done, into.length - done, at + done);
    if (count === 0) throw new Error('a file of columns is shorter than it was written');
    done += count;
  }
}
