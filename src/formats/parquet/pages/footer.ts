/** What a Parquet file's footer says of its columns and of where their pages lie. */
import { bytesAt, headOf } from '../../byte-source.ts';
import { numberIn, structIn, structsIn, ThriftReader, type ThriftStruct } from './thrift.ts';

/** A larger one is left to DuckDB: here all of it is held. */
const MOST_BYTES = 4 * 2 ** 20;

/** How the values of a column lie in its pages, and what they are. */
export type LeafKind = 'boolean' | 'int32' | 'int64' | 'float' | 'double' | 'date' | 'millis' | 'micros' | 'text';

/** A column; without a kind it is one that is not read here. */
export type Leaf = {
  readonly name: string;
  readonly optional: boolean;
  readonly kind: LeafKind | null;
  /** Of times: whether they are said to be UTC; null where nothing is said. */
  readonly utc: boolean | null;
};

/** The pages of one column in one row group. */
export type ColumnChunk = {
  readonly rows: number;
  /** Bytes of the file. */
  readonly start: number;
  readonly end: number;
  readonly codec: number;
  readonly encodings: readonly number[];
  /** Bytes of all its pages when they are inflated. */
  readonly inflated: number;
};

/** The groups hold the chunks by column. */
export type Footer = {
  readonly rows: number;
  readonly leaves: readonly Leaf[];
  readonly groups: readonly { readonly rows: number; readonly chunks: readonly ColumnChunk[] }[];
};

/** The footer of a file that begins and ends as Parquet does; null where columns are nested, or it is not to be had. */
export function readFooter(path: string): Footer | null {
  const { size } = headOf(path, 0);
  const length = bytesAt(path, size - 8, 4).readUInt32LE(0);
  if (length > MOST_BYTES) return null;
  const file = new ThriftReader(bytesAt(path, size - 8 - length, length)).struct();
  const [root, ...elements] = structsIn(file, 2);
  const rows = numberIn(file, 3);
  if (root === undefined || rows === undefined || numberIn(root, 5) !== elements.length) return null;
  const leaves = elements.map(leafOf);
  if (leaves.includes(null)) return null;
  const groups = structsIn(file, 4).map((group) => groupOf(group, size));
  if (groups.some((group) => group === null || group.chunks.length !== leaves.length)) return null;
  const known = groups.filter((group) => group !== null);
  if (known.reduce((sum, group) => sum + group.rows, 0) !== rows) return null;
  return { rows, leaves: leaves.filter((leaf) => leaf !== null), groups: known };
}

const REPEATED = 2;
const OPTIONAL = 1;

function leafOf(element: ThriftStruct): Leaf | null {
  const name = element.get(4);
  const repetition = numberIn(element, 3);
  const nested = numberIn(element, 5) ?? 0;
  if (!(name instanceof Uint8Array) || nested > 0 || repetition === REPEATED) return null;
  const utc = structIn(structIn(element, 10), 8)?.get(1);
  return {
    name: Buffer.from(name).toString('utf8'),
    optional: repetition === OPTIONAL,
    kind: kindOf(element),
    utc: typeof utc === 'boolean' ? utc : null,
  };
}

const BOOLEAN = 0;
const INT32 = 1;
const INT64 = 2;
const FLOAT = 4;
const DOUBLE = 5;
const BYTE_ARRAY = 6;

/** By the physical type and both ways to say what it stands for, which must not contradict each other. */
function kindOf(element: ThriftStruct): LeafKind | null {
  const converted = numberIn(element, 6);
  const logical = structIn(element, 10);
  const bare = converted === undefined && logical === undefined;
  switch (numberIn(element, 1)) {
    case BOOLEAN:
      return bare ? 'boolean' : null;
    case INT32:
      if (bare || isSigned(logical, converted, 32)) return 'int32';
      return says(logical, converted, { field: 6, old: 6 }) ? 'date' : null;
    case INT64:
      if (bare || isSigned(logical, converted, 64)) return 'int64';
      return timeKind(logical, converted);
    case FLOAT:
      return bare ? 'float' : null;
    case DOUBLE:
      return bare ? 'double' : null;
    case BYTE_ARRAY:
      return says(logical, converted, { field: 1, old: 0 }) ? 'text' : null;
    default:
      return null;
  }
}

type Logical = ThriftStruct | undefined;

function says(logical: Logical, converted: number | undefined, { field, old }: { field: number; old: number }) {
  if (logical !== undefined && !logical.has(field)) return false;
  return converted === undefined ? logical !== undefined : converted === old;
}

function isSigned(logical: Logical, converted: number | undefined, bits: number): boolean {
  const integer = structIn(logical, 10);
  if (logical !== undefined && (integer?.get(2) !== true || (numberIn(integer, 1) ?? 99) > bits)) return false;
  // INT_8 to INT_64.
  return converted === undefined || (converted >= 15 && converted <= (bits === 32 ? 17 : 18));
}

function timeKind(logical: Logical, converted: number | undefined): LeafKind | null {
  const unit = structIn(structIn(logical, 8), 2);
  if (logical !== undefined && unit === undefined) return null;
  if ((unit === undefined || unit.has(1)) && (converted === 9 || (converted === undefined && unit))) return 'millis';
  if ((unit === undefined || unit.has(2)) && (converted === 10 || (converted === undefined && unit))) return 'micros';
  return null;
}

function groupOf(group: ThriftStruct, size: number): Footer['groups'][number] | null {
  const rows = numberIn(group, 3);
  if (rows === undefined || rows < 0) return null;
  const chunks = structsIn(group, 1).map((chunk) => chunkOf(structIn(chunk, 3), rows, size));
  return chunks.includes(null) ? null : { rows, chunks: chunks.filter((chunk) => chunk !== null) };
}

function chunkOf(meta: ThriftStruct | undefined, rows: number, size: number): ColumnChunk | null {
  const data = numberIn(meta, 9);
  const codec = numberIn(meta, 4);
  const inflated = numberIn(meta, 6);
  const length = numberIn(meta, 7);
  const encodings = meta?.get(2);
  if (data === undefined || codec === undefined || inflated === undefined || length === undefined) return null;
  if (numberIn(meta, 5) !== rows || !Array.isArray(encodings)) return null;
  const dictionary = numberIn(meta, 11) ?? 0;
  const start = dictionary > 0 ? Math.min(dictionary, data) : data;
  if (start < 4 || length < 0 || start + length > size - 8) return null;
  return { rows, start, end: start + length, codec, encodings: encodings.map(Number), inflated };
}
