import { TidemarkError } from '../../errors.ts';
import type { AskedTypes } from '../../formats/table.ts';
import type { Field } from '../../stats/column.ts';
import { type ColumnProfile, PROFILE_FORMAT, type TableProfile } from '../../stats/profile.ts';
import { type KeptColumn, type KeptColumns, namedColumns, type Reading } from './kept-columns.ts';
import type { ColumnsPart } from './profile-part.ts';
import { profileThreads } from './profile-threads.ts';

type Input = {
  readonly file: string;
  readonly name: string;
  readonly memoryBytes: number;
  readonly fields: readonly Field[];
  /** Shares of the columns that are read at once. */
  readonly threads: number;
  readonly types?: AskedTypes | undefined;
};

/**
 * Profiles a table by columns, some in each thread. The result depends on the file alone.
 * @throws TidemarkError `unreadable-data` or `too-large`.
 */
export async function profileByColumn(
  { file, name, memoryBytes, fields, threads, types }: Input,
  { keep, onRows, counted = false }: Reading,
): Promise<{ readonly table: TableProfile; readonly kept: KeptColumns }> {
  const run = profileThreads(threads, { columns: fields.length });
  const share = { kind: 'columns', file, name, fields, types, memoryBytes: Math.floor(memoryBytes / threads) } as const;
  // Each lane reads all rows, of its columns.
  const told = onRows && ((rows: number) => onRows(rows / threads));
  const lanes = Array.from({ length: threads }, (_, lane) => {
    // Neighbours to different threads: they are often alike.
    const wanted = fields.map((_field, position) => position).filter((position) => position % threads === lane);
    return { wanted, part: run({ ...share, wanted, keep: keep?.() ?? null, counted }, told) };
  });
  // After a failure nothing may run on: its answers would find nobody.
  await Promise.allSettled(lanes.map(({ part }) => part));
  const profiles: ColumnProfile[] = [];
  const kept: KeptColumn[] = [];
  const rows = new Set<number>();
  for (const { wanted, part } of lanes) {
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
