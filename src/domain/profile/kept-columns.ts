import { ColumnSpill, readSpilled, type SpilledPart } from '../../formats/columns/column-spill.ts';
import { type ColumnPart, concatenate, concatenateTogether } from '../../formats/columns/concatenate-columns.ts';
import { repeated } from '../../formats/columns/repeated-column.ts';
import type { PartitionKey } from '../../formats/partition-keys.ts';
import {
  type CategoryColumn,
  type Column,
  type ColumnBatch,
  type ColumnType,
  type Field,
  isVectorType,
} from '../../stats/column.ts';
import { collectorOptions, createColumnProfiler } from '../../stats/column-profiler.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import { VectorSample } from '../../stats/sampling/vector-sample.ts';
import type { TableProfiler } from '../../stats/table-profiler.ts';
import { type SpareValues, spareValues } from './spare-values.ts';

/** Some rows of a column where they are kept in no file: in memory, or nowhere since theirs lacks the column. */
type UnfiledPart = {
  readonly rows: number;
  readonly file: null;
  readonly held?: Column;
  /** The value of all of them, where the names of folders have it. */
  readonly key?: PartitionKey;
};

/** Where the rows of a column lie, in their order. Plain data where none is held. */
export type KeptColumn = readonly (SpilledPart | UnfiledPart)[];

/** The columns of a table by name. */
export type KeptColumns = ReadonlyMap<string, KeptColumn>;

type Adding = {
  /** A file; null where nobody wants them again. */
  readonly keep: string | null;
  readonly columns: number;
  readonly onRows?: OnRows | undefined;
};

/** Told how many more rows were read. */
export type OnRows = (rows: number) => void;

/** How a file is read. */
export type Reading = {
  /** Names files for its columns; absent, none are kept. */
  readonly keep?: (() => string) | undefined;
  /** Of columns of decimals and of texts little more than the rows is counted: whoever keeps them finds out the rest. */
  readonly counted?: boolean | undefined;
  readonly onRows?: OnRows | undefined;
  /** Told, once or several times, that its last part has been begun, where threads read parts of it: they will soon have time. */
  readonly onLastPart?: (() => void) | undefined;
};

/** Feeds all batches to a profiler and keeps them in a file as they pass. */
export async function addAll(
  batches: AsyncIterable<ColumnBatch>,
  profiler: TableProfiler,
  { keep, columns, onRows }: Adding,
): Promise<KeptColumn[]> {
  const kept = Array.from({ length: columns }, (): SpilledPart[] => []);
  const spill = keep === null ? null : new ColumnSpill(keep);
  try {
    for await (const batch of batches) {
      profiler.add(batch);
      onRows?.(batch.rows);
      for (const [i, part] of (spill?.add(batch) ?? []).entries()) kept[i]?.push(part);
    }
  } finally {
    spill?.close();
  }
  return kept;
}

/**
 * The same for a comparison, until it is released: of vectors as many random ones as that looks at, so that they need not
 * all be held.
 */
export function readCompared(kept: KeptColumn, type: ColumnType): Column {
  if (!isVectorType(type)) return concatenate(partsOf(kept, spareValues.roomFor), type, { owned: true });
  const sample = new VectorSample(type);
  for (const part of kept) {
    const [column] = part.file === null ? [unfiled(part)] : readSpilled([part]);
    sample.add(part.rows, column ?? null);
  }
  return sample.finish();
}

/** The profile of a column that has all rows, as it is when it is made while they are read. */
export function profileKept(kept: KeptColumn, field: Field): ColumnProfile {
  const profiler = createColumnProfiler(field, collectorOptions([field]));
  for (const part of kept) for (const { column } of partsOf([part])) if (column !== null) profiler.add(column);
  return profiler.finish(field.name);
}

/** A column over all its rows, as this type. */
export function readKept(kept: KeptColumn, type: ColumnType): Column {
  return concatenate(partsOf(kept), type, { owned: true });
}

/** Columns of texts over all their rows, with one list of texts for all of them; for a comparison, until they are released. */
export function readTogether(columns: readonly KeptColumn[]): CategoryColumn[] {
  const parts = columns.map((kept) => partsOf(kept, spareValues.roomFor));
  return concatenateTogether(parts, { owned: columns.every(isFiled) });
}

/** Says that nobody looks any more at what `readCompared` read; what is held is somebody else's. */
export function releaseCompared(kept: KeptColumn, column: Column): void {
  if (column.kind === 'vector' || !isFiled(kept)) return;
  if (column.kind === 'category') spareValues.releaseCodes(column);
  else spareValues.release(column);
}

const isFiled = (kept: KeptColumn): boolean => kept.every(({ file }) => file !== null);

function partsOf(kept: KeptColumn, room?: SpareValues['roomFor']): ColumnPart[] {
  const read = readSpilled(
    kept.filter((part) => part.file !== null),
    room,
  ).values();
  return kept.map((part) => {
    const column = part.file === null ? unfiled(part) : read.next().value;
    return { rows: part.rows, column: column ?? null };
  });
}

const unfiled = ({ held, key, rows }: UnfiledPart): Column | undefined =>
  key === undefined ? held : repeated(key, rows);

/** Columns by the names of their fields. */
export function namedColumns(fields: readonly Field[], kept: readonly KeptColumn[]): KeptColumns {
  return new Map(fields.map(({ name }, i) => [name, kept[i] ?? []]));
}
