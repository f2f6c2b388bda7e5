import { join } from 'node:path';
import { TidemarkError } from '../../errors.ts';
import type { TableReader } from '../../formats/table.ts';
import { openTableFile, type TableFile } from '../../formats/table-file.ts';
import type { Tell } from '../computation/carry-out.ts';
import { comparePartition, type RowChanges } from './compare-partition.ts';
import { openPartitions, type Partitions } from './partitions.ts';
import { cellTexts, type ShownValue, shownValue } from './row-text.ts';

export type DiffRowsInput = {
  /** Verified local copies of the tables of both versions. */
  readonly from: readonly TableFile[];
  readonly to: readonly TableFile[];
  /** A column's name, or several with commas between them; null compares whole rows. */
  readonly key: string | null;
  /** Rows of each kind that are shown. */
  readonly samples: number;
  /** A folder for what does not fit into memory; the caller removes it. */
  readonly spill: string;
  /** Plain bytes that the tables are thought to have. */
  readonly plainBytes: number;
  readonly memoryBytes: number;
};

export type ShownRow = Readonly<Record<string, ShownValue>>;

export type RowDiff = {
  /** The columns that name a row; null when whole rows were compared. */
  readonly key: readonly string[] | null;
  readonly rows: { readonly from: number; readonly to: number };
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
  readonly unchanged: number;
  /** Keys that stand more than once. */
  readonly repeatedKeys: { readonly from: number; readonly to: number };
  /** How many changed rows differ in each column, for those in which any does. */
  readonly columns: readonly { readonly name: string; readonly changed: number }[];
  readonly samples: {
    readonly added: readonly ShownRow[];
    readonly removed: readonly ShownRow[];
    readonly changed: readonly {
      readonly key: ShownRow;
      readonly columns: readonly { readonly name: string; readonly from: ShownValue; readonly to: ShownValue }[];
    }[];
  };
};

/** Bytes of text that one partition should have. */
const PARTITION_BYTES = 16 * 2 ** 20;
const MOST_PARTITIONS = 128;

/**
 * Compute task: which rows of two tables were added, removed and changed, by key. Both are spread over files by their
 * keys and compared a file at a time, so memory does not depend on their size. Only columns that both have are
 * compared; one that a file of a version lacks has no value there.
 * @throws TidemarkError `bad-request` for a key that is no column of both, `conflict` for versions without tables,
 * `unreadable-data`, `too-large`.
 */
export async function diffRows(input: DiffRowsInput, tell: Tell = () => {}): Promise<RowDiff> {
  const open = async (tables: readonly TableFile[]): Promise<TableReader[]> => {
    const readers: TableReader[] = [];
    for (const table of tables) readers.push(await openTableFile(table, { memoryBytes: input.memoryBytes }));
    return readers;
  };
  const [from, to] = [await open(input.from), await open(input.to)];
  try {
    const columns = columnsOf(from, to, input.key);
    const spread = { count: partitionCount(input.plainBytes), level: 0 };
    const rows = { from: 0, to: 0 };
    const paths = { from: [] as readonly string[], to: [] as readonly string[] };
    for (const [side, readers] of [
      ['from', from],
      ['to', to],
    ] as const) {
      const partitions = openPartitions(join(input.spill, side), spread);
      for (const reader of readers) {
        for await (const count of distribute(reader, columns, partitions)) {
          rows[side] += count;
          tell({ phase: 'reading', done: rows.from + rows.to, of: null, unit: 'rows' });
        }
      }
      paths[side] = partitions.close();
    }
    const tally = new Tally(columns, input.samples);
    for (const [i, path] of paths.from.entries()) {
      await comparePartition({ from: path, to: paths.to[i] ?? '', level: 0 }, tally);
    }
    return tally.outcome(rows);
  } finally {
    for (const reader of [...from, ...to]) await reader.close();
  }
}

const partitionCount = (plainBytes: number): number =>
  Math.min(MOST_PARTITIONS, Math.max(1, Math.ceil(plainBytes / PARTITION_BYTES)));

type Columns = { readonly key: readonly string[]; readonly values: readonly string[]; readonly keyed: boolean };

function columnsOf(from: readonly TableReader[], to: readonly TableReader[], key: string | null): Columns {
  const names = (readers: readonly TableReader[]) =>
    new Set(readers.flatMap(({ fields }) => fields.map(({ name }) => name)));
  if (from.length === 0 || to.length === 0) {
    throw new TidemarkError('conflict', 'One of the versions holds no table whose rows could be compared.');
  }
  const before = names(from);
  const common = [...names(to)].filter((name) => before.has(name));
  if (key === null) return { key: common, values: [], keyed: false };
  const wanted = common.includes(key) ? [key] : key.split(',');
  const missing = wanted.find((name) => !common.includes(name));
  if (missing !== undefined) {
    const known = common.slice(0, 20).join(', ').slice(0, 500);
    throw new TidemarkError(
      'bad-request',
      `The key "${missing.slice(0, 100)}" is no column of both versions (both have: ${known}).`,
    );
  }
  return { key: [...new Set(wanted)], values: common.filter((name) => !wanted.includes(name)), keyed: true };
}

/** Reads a table row by row into the partitions; gives how many rows were read each time. */
async function* distribute(reader: TableReader, columns: Columns, partitions: Partitions): AsyncGenerator<number> {
  const known = new Set(reader.fields.map(({ name }) => name));
  const wanted = [...columns.key, ...columns.values].filter((name) => known.has(name));
  const absent = (): string => '-';
  for await (const batch of reader.batches(wanted)) {
    const cells = new Map(
      wanted.map((name, i) => {
        const column = batch.columns[i];
        return [name, column === undefined ? absent : cellTexts(column)];
      }),
    );
    const text = (names: readonly string[]) => {
      const list = names.map((name) => cells.get(name) ?? absent);
      return (row: number): string => {
        let line = '';
        for (const [i, cell] of list.entries()) line += i === 0 ? cell(row) : `\t${cell(row)}`;
        return line;
      };
    };
    const [key, values] = [text(columns.key), text(columns.values)];
    for (let row = 0; row < batch.rows; row++) partitions.add(key(row), values(row));
    yield batch.rows;
  }
}

/** Counts everything and keeps the first of each kind to be shown. */
class Tally implements RowChanges {
  readonly #columns: Columns;
  readonly #limit: number;
  readonly #counts = { added: 0, removed: 0, changed: 0, unchanged: 0 };
  readonly #repeated = { from: 0, to: 0 };
  readonly #byColumn: Float64Array;
  readonly #added: ShownRow[] = [];
  readonly #removed: ShownRow[] = [];
  readonly #changed: RowDiff['samples']['changed'][number][] = [];

  constructor(columns: Columns, limit: number) {
    this.#columns = columns;
    this.#limit = limit;
    this.#byColumn = new Float64Array(columns.values.length);
  }

  added(key: string, values: string): void {
    this.#counts.added++;
    if (this.#added.length < this.#limit) this.#added.push(this.#row(key, values));
  }

  removed(key: string, values: string): void {
    this.#counts.removed++;
    if (this.#removed.length < this.#limit) this.#removed.push(this.#row(key, values));
  }

  changed(key: string, from: string, to: string): void {
    this.#counts.changed++;
    const [before, after] = [from.split('\t'), to.split('\t')];
    const different = [...before.keys()].filter((i) => before[i] !== after[i]);
    for (const i of different) this.#byColumn[i] = (this.#byColumn[i] ?? 0) + 1;
    if (this.#changed.length >= this.#limit) return;
    const columns = different.map((i) => ({
      name: this.#columns.values[i] ?? '',
      from: shownValue(before[i] ?? '-'),
      to: shownValue(after[i] ?? '-'),
    }));
    this.#changed.push({ key: shownRow(this.#columns.key, key), columns });
  }

  unchanged(): void {
    this.#counts.unchanged++;
  }

  repeated(side: 'from' | 'to'): void {
    this.#repeated[side]++;
  }

  outcome(rows: RowDiff['rows']): RowDiff {
    const { key, values, keyed } = this.#columns;
    return {
      key: keyed ? key : null,
      rows,
      ...this.#counts,
      repeatedKeys: this.#repeated,
      columns: values.flatMap((name, i) => {
        const changed = this.#byColumn[i] ?? 0;
        return changed === 0 ? [] : [{ name, changed }];
      }),
      samples: { added: this.#added, removed: this.#removed, changed: this.#changed },
    };
  }

  #row(key: string, values: string): ShownRow {
    return { ...shownRow(this.#columns.key, key), ...shownRow(this.#columns.values, values) };
  }
}

function shownRow(names: readonly string[], line: string): ShownRow {
  const cells = line.split('\t');
  return Object.fromEntries(names.map((name, i) => [name, shownValue(cells[i] ?? '-')]));
}
