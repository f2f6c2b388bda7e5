import {
  bool,
  columnFromArray,
  dictionary,
  fixedSizeList,
  float64,
  int64,
  list,
  struct,
  tableFromColumns,
  tableToIPC,
  uint64,
  utf8,
} from '@uwdata/flechette';
import { describe, expect, it } from 'vitest';
import { opened } from '../fixtures.ts';

type Row = {
  readonly id: bigint | null;
  readonly of: {
    readonly text: string | null;
    readonly kind: string;
    readonly deep: { readonly yes: boolean } | null;
  } | null;
  readonly emb: readonly number[];
  readonly open: readonly number[];
  readonly wide: bigint;
} | null;

const TYPE = struct({
  id: int64(),
  of: struct({ text: utf8(), kind: dictionary(utf8()), deep: struct({ yes: bool() }) }),
  emb: fixedSizeList(float64(), 2),
  open: list(float64()),
  wide: uint64(),
});

const ROWS = Array.from({ length: 50 }, (_, i): Row => {
  if (i % 7 === 3) return null;
  const deep = i % 3 === 0 ? null : { yes: i % 2 === 0 };
  const of = i % 5 === 4 ? null : { text: i % 4 === 0 ? null : `t${i}`, kind: i % 2 === 0 ? 'a' : 'b', deep };
  return { id: i % 6 === 5 ? null : BigInt(i), of, emb: [i, -i], open: [1, i], wide: 2n ** 63n + BigInt(i) };
});

const bytesOf = (rows: readonly Row[], format: 'file' | 'stream' = 'file'): Uint8Array =>
  tableToIPC(tableFromColumns({ n: columnFromArray(rows.map((_, i) => i)), row: columnFromArray([...rows], TYPE) }), {
    format,
  })!;

describe('structs of Arrow', () => {
  it.each(['file', 'stream'] as const)(
    'are columns with dotted names, absent where the struct is: %s',
    async (format) => {
      const { types, values, reader } = await opened(bytesOf(ROWS, format), 't.arrow');
      expect(types).toMatchObject({ 'row.id': 'int64', 'row.of.text': 'text', 'row.of.kind': 'text' });
      expect(types).toMatchObject({ 'row.of.deep.yes': 'boolean', 'row.emb': 'vector[2]', 'row.open': 'vector[2]' });
      const read = (of: (row: NonNullable<Row>) => unknown) =>
        ROWS.map((row) => (row === null ? null : of(row)) ?? null);
      expect(values.get('row.id')).toEqual(read(({ id }) => (id === null ? null : Number(id))));
      expect(values.get('row.of.text')).toEqual(read(({ of }) => of?.text));
      expect(values.get('row.of.kind')).toEqual(read(({ of }) => of?.kind));
      expect(values.get('row.of.deep.yes')).toEqual(read(({ of }) => of?.deep?.yes));
      expect(values.get('row.emb')).toEqual(read(({ emb }) => emb));
      expect(values.get('row.open')).toEqual(read(({ open }) => open));
      // What only all rows tell is told of them too.
      expect(values.get('row.wide')).toEqual(read(({ wide }) => String(wide)));
      expect(reader.warnings).toMatchObject([{ code: 'mixed-types', column: 'row.wide' }]);
    },
  );

  it('are left out with what has no place in a column, by name', async () => {
    const type = struct({ lists: list(utf8()), x: float64() });
    const row = columnFromArray([{ lists: ['a'], x: 1 }, null], type);
    const { types, reader } = await opened(tableToIPC(tableFromColumns({ row }), { format: 'file' })!, 't.arrow');
    expect(types).toEqual({ 'row.x': 'float64' });
    expect(reader.warnings).toMatchObject([{ code: 'unsupported-column', column: 'row.lists' }]);
  });

  it('are refused where a dotted name is another column’s', async () => {
    const row = columnFromArray([{ x: 1 }], struct({ x: float64() }));
    const table = tableFromColumns({ row, 'row.x': columnFromArray([1]) });
    await expect(opened(tableToIPC(table, { format: 'file' })!, 't.arrow')).rejects.toMatchObject({
      message: expect.stringContaining('row.x'),
    });
  });
});
