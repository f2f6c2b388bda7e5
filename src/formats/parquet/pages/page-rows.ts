/** Parquet's own pages → rows, where a file has nothing but what is read here; any other is DuckDB's. */
import { closeSync, openSync } from 'node:fs';
import type { ColumnType, Field } from '../../../stats/column.ts';
import type { ColumnSink } from '../../columns/column-sink.ts';
import { type Batching, parquetBatches, type RowSource, type Rows } from '../batches.ts';
import type { Footer, Leaf, LeafKind } from './footer.ts';
import { READ_CODECS } from './inflate.ts';
import { kernelTexts } from './kernel-texts.ts';
import { PageColumn } from './page-column.ts';
import { PIECE_ROWS } from './page-values.ts';

/** What a kind is read as, by either reader. */
export const TYPES: Readonly<Record<LeafKind, ColumnType>> = {
  boolean: 'boolean',
  int32: 'int64',
  int64: 'int64',
  float: 'float64',
  double: 'float64',
  date: 'date',
  millis: 'timestamp',
  micros: 'timestamp',
  text: 'text',
};

/** PLAIN, PLAIN_DICTIONARY, RLE, BIT_PACKED (of levels that there are none of), RLE_DICTIONARY. */
const READ_ENCODINGS: ReadonlySet<number> = new Set([0, 2, 3, 4, 8]);

/** Pages are held whole, one of each column: of no more bytes than this, whatever the reader may take. */
const MOST_HELD = 2 ** 28;
const MOST_OF_COLUMN = 2 ** 26;

/** Columns of texts that have a kernel, of some megabytes each. */
const MOST_KERNELS = 8;

/** A column, and where it stands in the groups of the footer. */
type PlacedColumn = { readonly position: number; readonly leaf: Leaf; readonly kind: LeafKind };

/** How to read these columns from their pages; null where one of them is to be left to DuckDB. */
export function planPages(
  footer: Footer | null,
  columns: readonly Field[],
  { rows, memoryBytes = MOST_HELD }: { readonly rows: number; readonly memoryBytes?: number | undefined },
): readonly PlacedColumn[] | null {
  if (footer === null || footer.rows !== rows) return null;
  const placed: PlacedColumn[] = [];
  for (const { name, type } of columns) {
    const position = footer.leaves.findIndex((leaf) => leaf.name === name);
    const leaf = footer.leaves[position];
    if (leaf === undefined || leaf.kind === null || TYPES[leaf.kind] !== type) return null;
    placed.push({ position, leaf, kind: leaf.kind });
  }
  const most = Math.min(MOST_HELD, memoryBytes / 2);
  for (const { chunks } of footer.groups) {
    let held = 0;
    for (const { position } of placed) {
      const { codec, encodings, inflated } = chunks[position]!;
      if (!READ_CODECS.has(codec) || !encodings.every((encoding) => READ_ENCODINGS.has(encoding))) return null;
      if (inflated > MOST_OF_COLUMN) return null;
      held += inflated;
    }
    if (held > most) return null;
  }
  return placed;
}

type PageBatches = Batching & {
  readonly placed: readonly PlacedColumn[];
  /** Their fields. */
  readonly columns: readonly Field[];
};

/** The columns that were placed, in batches. */
export function pageBatches(path: string, footer: Footer, { placed, columns, ...batching }: PageBatches) {
  return parquetBatches(pageRows(path, footer, { placed, ...batching }), columns, batching);
}

/** Consecutive rows of one row group. */
type Stretch = { readonly group: Footer['groups'][number]; readonly first: boolean; readonly rows: number };

/**
 * The rows of the columns that were placed, as many at once as a batch takes: more than `most`, in whole pieces as DuckDB's
 * chunks are, so that a profile is the same to the last digit whoever reads. `passing`: texts may be written over once
 * the next batch is asked for. @throws TidemarkError `unreadable-data`.
 */
function pageRows(
  path: string,
  footer: Footer,
  { placed, passing, most }: Batching & { readonly placed: readonly PlacedColumn[] },
): RowSource {
  let columns: readonly PageColumn[] = [];
  let texts = passing ? MOST_KERNELS : 0;
  // A column goes on where its last batch ended.
  const read = (stretches: readonly Stretch[], i: number, sink: ColumnSink, from: number): void => {
    let at = from;
    for (const { group, first, rows } of stretches) {
      if (first) columns[i]!.startGroup(group.chunks[placed[i]!.position]!);
      for (let done = 0; done < rows; done += PIECE_ROWS) {
        columns[i]!.fill(sink, at + done, Math.min(PIECE_ROWS, rows - done));
      }
      at += rows;
    }
  };
  async function* rows(): AsyncGenerator<Rows> {
    const file = openSync(path, 'r');
    try {
      columns = placed.map(
        (column) => new PageColumn(file, column, column.kind === 'text' && texts-- > 0 ? kernelTexts() : null),
      );
      for (const stretches of stretchesOf(footer, most)) {
        const count = stretches.reduce((sum, stretch) => sum + stretch.rows, 0);
        yield { count, read: (i, sink, at) => read(stretches, i, sink, at) };
      }
    } finally {
      closeSync(file);
    }
  }
  const startBatch = (): void => {
    for (const column of columns) column.startBatch();
  };
  return { rows: rows(), forgetTexts: (i) => columns[i]?.forgetTexts(), startBatch };
}

/** The stretches of each batch: of a group whole pieces, but for its last one. */
function* stretchesOf({ groups }: Footer, most: number): Generator<readonly Stretch[]> {
  let stretches: Stretch[] = [];
  let rows = 0;
  for (const group of groups) {
    for (let done = 0; done < group.rows; ) {
      const pieces = Math.floor((most - rows) / PIECE_ROWS) + 1;
      const some = Math.min(pieces * PIECE_ROWS, group.rows - done);
      stretches.push({ group, first: done === 0, rows: some });
      done += some;
      rows += some;
      if (rows <= most) continue;
      yield stretches;
      stretches = [];
      rows = 0;
    }
  }
  if (rows > 0) yield stretches;
}
