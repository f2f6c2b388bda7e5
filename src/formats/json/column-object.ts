/**
 * `{"a": […], "b": […]}`, and `{"a": {"0": …}, "b": {"0": …}}` as pandas writes it, as the records that they are: each
 * column is read at its own place in the file, side by side, and nothing of it is held but a window.
 */
import { closeSync, openSync } from 'node:fs';
import type { ByteSource } from '../byte-source.ts';
import type { TableLimits } from '../table.ts';
import { bomLength } from '../text/text-encoding.ts';
import { tooLarge, unreadable } from '../unreadable.ts';
import { SIGNS, ValueCursor } from './value-cursor.ts';

const { COMMA, COLON, QUOTE, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT } = SIGNS;

/** Bytes of records that are handed on at once. */
const PIECE = 2 ** 19;
/** Bytes of all windows together, and of one. */
const WINDOWS = 2 ** 25;
const [SMALLEST, LARGEST] = [2 ** 10, 2 ** 16];

/** Whether the text is an object, which as a whole can only be one of columns. */
export async function isObject(source: ByteSource): Promise<boolean> {
  let begun = false;
  for await (const piece of source.pieces()) {
    const text = piece.subarray(begun ? 0 : bomLength(piece));
    begun = true;
    const first = text.find((b) => b !== 32 && b !== 9 && b !== 10 && b !== 13);
    if (first !== undefined) return first === OPEN_OBJECT;
  }
  return false;
}

/** The name of a column in its quotes, whether its values have keys, and where the first of them stands. */
type Place = { readonly name: Buffer; readonly keyed: boolean; readonly at: number };

/**
 * The records of a plain file, a line each. @throws TidemarkError `unreadable-data` where columns do not fit together,
 * `too-large` for too many of them.
 */
export function recordsOfColumns(path: string, size: number, limits: TableLimits): ByteSource {
  return { compression: 'none', size, pieces: () => records(path, limits) };
}

async function* records(path: string, limits: TableLimits): AsyncGenerator<Uint8Array> {
  const file = openSync(path, 'r');
  try {
    const places = placesOf(file, limits);
    const window = Math.max(SMALLEST, Math.min(LARGEST, Math.floor(WINDOWS / Math.max(1, places.length))));
    const columns = places.map(({ name, keyed, at }) => {
      return { name, keyed, cursor: new ValueCursor({ file, at, window, longest: limits.lineBytes }), ended: false };
    });
    let parts: Buffer[] = [];
    let length = 0;
    for (let row = 0; ; row++) {
      const record = recordOf(columns, row);
      if (record === null) break;
      parts.push(record);
      length += record.length;
      if (length < PIECE) continue;
      yield Buffer.concat(parts);
      [parts, length] = [[], 0];
    }
    if (length > 0) yield Buffer.concat(parts);
  } finally {
    closeSync(file);
  }
}

/** Where each column begins; the whole object is walked once. */
function placesOf(file: number, limits: TableLimits): Place[] {
  const start = new ValueCursor({ file, at: 0, window: 16, longest: 16 });
  const at = start.peek() === 0xef ? 3 : 0;
  const cursor = new ValueCursor({ file, at, window: PIECE, longest: limits.lineBytes });
  const places: Place[] = [];
  cursor.take(OPEN_OBJECT);
  while (!cursor.takeIf(CLOSE_OBJECT)) {
    if (places.length > 0) cursor.take(COMMA);
    if (places.length === limits.columns) throw tooLarge(`There are more than ${limits.columns} columns.`);
    const name = nameOf(cursor);
    const keyed = cursor.peek() === OPEN_OBJECT;
    if (!keyed && cursor.peek() !== OPEN_LIST) throw cursor.broken(NO_COLUMNS);
    cursor.take(keyed ? OPEN_OBJECT : OPEN_LIST);
    places.push({ name, keyed, at: cursor.at });
    skipValues(cursor, keyed);
  }
  if (cursor.peek() >= 0)
    throw cursor.broken('something follows it; records of a line each are NDJSON, so name it .ndjson');
  return places;
}

const NO_COLUMNS =
  'each of its members must be the list of the values of a column; a table is a list of records, or that';

function nameOf(cursor: ValueCursor): Buffer {
  if (cursor.peek() !== QUOTE) throw cursor.broken('a name is missing');
  const name = Buffer.from(cursor.value());
  cursor.take(COLON);
  return name;
}

function skipValues(cursor: ValueCursor, keyed: boolean): void {
  const close = keyed ? CLOSE_OBJECT : CLOSE_LIST;
  for (let first = true; !cursor.takeIf(close); first = false) {
    if (!first) cursor.take(COMMA);
    if (keyed) nameOf(cursor);
    cursor.value();
  }
}

type Column = { readonly name: Buffer; readonly keyed: boolean; readonly cursor: ValueCursor };

const [BEGIN, AND, IS, END] = ['{', ',', ':', '}\n'].map((text) => Buffer.from(text)) as [
  Buffer,
  Buffer,
  Buffer,
  Buffer,
];

/** The record of one row; null behind the last. */
function recordOf(columns: readonly Column[], row: number): Buffer | null {
  const parts: Buffer[] = [];
  let [ended, key]: [number, Buffer | null] = [0, null];
  for (const { name, keyed, cursor } of columns) {
    if (cursor.peek() === (keyed ? CLOSE_OBJECT : CLOSE_LIST)) {
      ended++;
      continue;
    }
    if (row > 0) cursor.take(COMMA);
    if (keyed) {
      const own = nameOf(cursor);
      key ??= own;
      if (!own.equals(key))
        throw differ(`row ${row + 1} is called ${String(own)} in the column ${String(name)} and ${String(key)} before`);
    }
    parts.push(parts.length === 0 ? BEGIN : AND, name, IS, Buffer.from(cursor.value()));
  }
  if (ended === columns.length) return null;
  if (ended > 0) throw differ(`${ended} of ${columns.length} columns have ${row} values, the others more`);
  return Buffer.concat([...parts, END]);
}

const differ = (how: string): Error => unreadable(`The columns do not have the same rows: ${how.slice(0, 300)}.`);
