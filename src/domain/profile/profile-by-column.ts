import { TidemarkError } from '../../errors.ts';
import type { PagedColumn } from '../../formats/parquet/pages/page-table.ts';
import type { AskedTypes } from '../../formats/table.ts';
import type { Field } from '../../stats/column.ts';
import { type ColumnProfile, PROFILE_FORMAT, type TableProfile } from '../../stats/profile.ts';
import { type KeptColumn, type KeptColumns, namedColumns, type OnRows, type Reading } from './kept-columns.ts';
import type { ColumnsPart } from './profile-part.ts';
import { profileThreads } from './profile-threads.ts';

type Input = {
  readonly file: string;
  readonly name: string;
  readonly memoryBytes: number;
  readonly fields: readonly Field[];
  /** The same columns, where each can be read at no more cost than all together. */
  readonly paged: readonly PagedColumn[] | null;
  /** Shares of the columns that are read at once. */
  readonly threads: number;
  readonly types?: AskedTypes | undefined;
};

/**
 * Profiles a table by columns, some in each thread. The result depends on the file alone: however few columns are read
 * together, they come in the batches that all of them would come in.
 * @throws TidemarkError `unreadable-data` or `too-large`.
 */
export async function profileByColumn(
  { file, name, memoryBytes, fields, paged, threads, types }: Input,
  { keep, onRows, counted = false }: Reading,
): Promise<{ readonly table: TableProfile; readonly kept: KeptColumns }> {
  const run = profileThreads(threads, { columns: fields.length });
  const all = { kind: 'columns', file, name, fields, types, memoryBytes: Math.floor(memoryBytes / threads) } as const;
  const shares = paged === null ? dealtShares(fields.length, threads) : singleShares(paged);
  const told = onRows && rowsOfValues(fields.length, onRows);
  const parts = shares.map((share) => {
    // Each reads all rows, of its columns.
    const onShare = told && ((rows: number) => told(rows * share.wanted.length));
    return { ...share, part: run({ ...all, ...share, keep: keep?.() ?? null, counted }, onShare) };
  });
  // After a failure nothing may run on: its answers would find nobody.
  await Promise.allSettled(parts.map(({ part }) => part));
  const profiles: ColumnProfile[] = [];
  const kept: KeptColumn[] = [];
  const rows = new Set<number>();
  for (const { wanted, part } of parts) {
    // Columns are answered in kind.
    const found = (await part) as ColumnsPart;
    rows.add(found.rows);
    for (const [i, position] of wanted.entries()) {
      profiles[position] = found.profiles[i]!;
      kept[position] = found.kept[i]!;
    }
  }
  const [count = 0, ...others] = rows;
  if (others.length > 0)
    throw new TidemarkError('unreadable-data', 'The file changed while it was read; read it again.');
  return { table: { format: PROFILE_FORMAT, rows: count, columns: profiles }, kept: namedColumns(fields, kept) };
}

/** Told of values, tells of as many whole rows as these come to. */
function rowsOfValues(columns: number, onRows: OnRows): (values: number) => void {
  let [read, told] = [0, 0];
  return (values) => {
    read += values;
    const more = Math.floor(read / columns) - told;
    told += more;
    onRows(more);
  };
}

/** Columns, by position, that one thread reads together. */
type Share = { readonly wanted: readonly number[]; readonly paged: PagedColumn | null };

/** Each by itself, the largest first: whichever thread is free takes the next, and none is left with a large one at the end. */
function singleShares(columns: readonly PagedColumn[]): Share[] {
  const shares = columns.map((paged, position) => ({ wanted: [position], paged }));
  return shares.sort((x, y) => y.paged.bytes - x.paged.bytes);
}

/** As many as there are threads. Neighbours go to different ones, since they are often alike, and so do every other's, which are too. */
function dealtShares(columns: number, threads: number): Share[] {
  const laneOf = (position: number): number => {
    const place = position % (2 * threads);
    return place < threads ? place : 2 * threads - 1 - place;
  };
  const positions = Array.from({ length: columns }, (_, position) => position);
  return Array.from({ length: threads }, (_, lane) => ({
    wanted: positions.filter((position) => laneOf(position) === lane),
    paged: null,
  }));
}
