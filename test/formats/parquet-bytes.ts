/**
 * Parquet files byte by byte, for what no writer writes: row groups of one row, all of which name one and the same
 * page, under a footer that says of them whatever is asked for.
 */
export type ParquetShape = {
  readonly rowGroups?: number;
  readonly columns?: number;
  /** Numbers of the format's enumerations. */
  readonly codec?: number;
  readonly encoding?: number;
  readonly convertedType?: number;
  /** Values that a page is said to have; it has one. */
  readonly claimed?: number;
};

const INT64 = 2;
const RLE = 3;

export function parquetBytes(shape: ParquetShape = {}): Buffer {
  const { rowGroups = 1, columns = 1, codec = 0, encoding = 0, convertedType, claimed = 1 } = shape;
  const names = Array.from({ length: columns }, (_, i) => `c${i}`);
  const values = Buffer.alloc(8);
  values.writeBigInt64LE(7n);
  const header = struct([
    [1, i32(0)],
    [2, i32(values.length)],
    [3, i32(values.length)],
    [
      5,
      structure([
        [1, i32(claimed)],
        [2, i32(encoding)],
        [3, i32(RLE)],
        [4, i32(RLE)],
      ]),
    ],
  ]);
  const page = Buffer.concat([header, values]);
  const sizes = page.length;
  const chunk = (name: string): Buffer =>
    struct([
      [2, i64(4)],
      [
        3,
        structure([
          [1, i32(INT64)],
          [2, list(5, [varint(zigzag(encoding))])],
          [3, list(8, [text(name)])],
          [4, i32(codec)],
          [5, i64(claimed)],
          [6, i64(sizes)],
          [7, i64(sizes)],
          [9, i64(4)],
        ]),
      ],
    ]);
  const chunks = list(12, names.map(chunk));
  const group = struct([
    [1, chunks],
    [2, i64(sizes * columns)],
    [3, i64(claimed)],
  ]);
  const leaf = (name: string): Buffer =>
    struct([
      [1, i32(INT64)],
      [3, i32(0)],
      [4, { type: 8, bytes: text(name) }],
      ...(convertedType === undefined ? [] : [[6, i32(convertedType)] as const]),
    ]);
  const root = struct([
    [4, { type: 8, bytes: text('schema') }],
    [5, i32(columns)],
  ]);
  const footer = struct([
    [1, i32(1)],
    [2, list(12, [root, ...names.map(leaf)])],
    [3, i64(rowGroups * claimed)],
    [
      4,
      list(
        12,
        Array.from({ length: rowGroups }, () => group),
      ),
    ],
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([Buffer.from('PAR1'), page, footer, length, Buffer.from('PAR1')]);
}

/** A value in Thrift's compact protocol, with the number of its type. */
type Value = { readonly type: number; readonly bytes: Buffer };
type Fields = readonly (readonly [id: number, value: Value])[];

/** Fields in the order of their ids, each told by its distance from the one before. */
function struct(fields: Fields): Buffer {
  let last = 0;
  const parts = fields.map(([id, { type, bytes }]) => {
    const head = Buffer.from([((id - last) << 4) | type]);
    last = id;
    return Buffer.concat([head, bytes]);
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

const structure = (fields: Fields): Value => ({ type: 12, bytes: struct(fields) });
const i32 = (value: number): Value => ({ type: 5, bytes: varint(zigzag(value)) });
const i64 = (value: number): Value => ({ type: 6, bytes: varint(zigzag(value)) });

function list(type: number, items: readonly Buffer[]): Value {
  const head =
    items.length < 15
      ? Buffer.from([(items.length << 4) | type])
      : Buffer.concat([Buffer.from([0xf0 | type]), varint(items.length)]);
  return { type: 9, bytes: Buffer.concat([head, ...items]) };
}

const text = (value: string): Buffer => Buffer.concat([varint(value.length), Buffer.from(value)]);
/** None of the numbers here is below zero. */
const zigzag = (value: number): number => value * 2;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}
