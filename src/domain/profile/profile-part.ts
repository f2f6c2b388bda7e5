import { profileLoops } from '../../compute/profile-loops.ts';
import type { ByteSpan } from '../../formats/byte-source.ts';
import { batchRows } from '../../formats/columns/batch-plan.ts';
import { columnBatches, type PagedColumn } from '../../formats/parquet/pages/page-table.ts';
import { readRange, type TableOutcome, type TablePlan } from '../../formats/range-reader.ts';
import type { AskedTypes } from '../../formats/table.ts';
import { openTable } from '../../formats/table-reader.ts';
import type { ColumnBatch, Field } from '../../stats/column.ts';
import { type ColumnOptions, type ColumnState, createColumnProfiler } from '../../stats/column-profiler.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import { createTableProfiler } from '../../stats/table-profiler.ts';
import { addAll, type KeptColumn, type OnRows } from './kept-columns.ts';

/** What a thread is asked to do for a profile. */
export type PartRequest = RangeRequest | MergeRequest | ColumnsRequest;

type RangeRequest = {
  readonly kind: 'range';
  readonly plan: TablePlan;
  readonly span: ByteSpan;
  /** Positions of the columns to profile. */
  readonly wanted: readonly number[];
  /** A file to keep the columns in; null for none. */
  readonly keep: string | null;
  readonly counted: boolean;
};

/** Some columns of all rows, of a format that can be read so. */
type ColumnsRequest = {
  readonly kind: 'columns';
  readonly file: string;
  readonly name: string;
  readonly memoryBytes: number;
  /** All fields of the table, by which the columns' buffers are sized, and batches. */
  readonly fields: readonly Field[];
  readonly types: AskedTypes | undefined;
  readonly wanted: readonly number[];
  /** The one that is wanted, where the others need not even be looked at. */
  readonly paged: PagedColumn | null;
  readonly keep: string | null;
  readonly counted: boolean;
};

type MergeRequest = {
  readonly kind: 'merge';
  readonly options: ColumnOptions;
  readonly columns: readonly MergedColumn[];
  /** Whether profiles are wanted, or states to merge further. */
  readonly last: boolean;
};

/** The states of one column in the order of the rows. */
type MergedColumn = { readonly field: Field; readonly states: readonly ColumnState[] };

export type RangePart = {
  readonly outcome: TableOutcome;
  readonly states: readonly ColumnState[];
  /** Where the rows lie of each wanted column; without any where they were not to be kept. */
  readonly kept: readonly KeptColumn[];
};
/** By place in the request's columns. */
export type MergedPart = { readonly profiles: readonly ColumnProfile[]; readonly states: readonly ColumnState[] };
export type ColumnsPart = {
  readonly rows: number;
  readonly profiles: readonly ColumnProfile[];
  readonly kept: readonly KeptColumn[];
};
export type Part = RangePart | MergedPart | ColumnsPart;

/** Does one part of the work of a profile. @throws TidemarkError `unreadable-data`. */
export async function profilePart(request: PartRequest, onRows?: OnRows): Promise<Part> {
  if (request.kind === 'merge') return mergeColumns(request);
  return request.kind === 'range' ? await profileRange(request, onRows) : await profileColumns(request, onRows);
}

async function profileRange({ plan, span, wanted, keep, counted }: RangeRequest, onRows?: OnRows): Promise<RangePart> {
  const reading = readRange(plan, span, wanted);
  const own = wanted.map((position) => plan.fields[position]!);
  const profiler = createTableProfiler(own, { table: plan.fields, counted }, profileLoops());
  const kept = await addAll(reading.batches(), profiler, { keep, columns: wanted.length, onRows });
  return { outcome: reading.outcome(), states: profiler.states(), kept };
}

async function profileColumns(request: ColumnsRequest, onRows?: OnRows): Promise<ColumnsPart> {
  const { file, name, memoryBytes, fields, types, wanted, paged } = request;
  const own = wanted.map((position) => fields[position]!);
  // Sums are made batch by batch, and fewer columns would have more rows in one.
  const rows = batchRows(fields);
  if (paged !== null) return profileBatches(columnBatches(file, paged, rows), own, request, onRows);
  const table = await openTable(file, { name, memoryBytes, ...(types && { types }) });
  try {
    const names = own.map((field) => field.name);
    return await profileBatches(table.batches(names, { passing: true, rows }), own, request, onRows);
  } finally {
    await table.close();
  }
}

async function profileBatches(
  batches: AsyncIterable<ColumnBatch>,
  own: readonly Field[],
  { fields, keep, counted }: ColumnsRequest,
  onRows?: OnRows,
): Promise<ColumnsPart> {
  const profiler = createTableProfiler(own, { table: fields, counted }, profileLoops());
  const kept = await addAll(batches, profiler, { keep, columns: own.length, onRows });
  const { rows, columns } = profiler.finish();
  return { rows, profiles: columns, kept };
}

function mergeColumns({ options, columns, last }: MergeRequest): MergedPart {
  const profilers = columns.map(({ field, states }) => {
    const profiler = createColumnProfiler(field, options);
    for (const state of states) profiler.absorb(state);
    return profiler;
  });
  if (!last) return { profiles: [], states: profilers.map((profiler) => profiler.state()) };
  const profiles = profilers.map((profiler, i) => profiler.finish(columns[i]!.field.name));
  return { profiles, states: [] };
}

/** The memory under the states, which can change threads without being copied. */
export function buffersOf(states: readonly ColumnState[]): ArrayBuffer[] {
  return states.flatMap((state) => {
    if (state.kind === 'category' || state.kind === 'counted texts') return [];
    if (state.kind === 'counted integers') return state.whole === null ? [] : buffersOf([state.whole]);
    const { collected } = state.kind === 'vector' ? state.norm : state;
    return collected.chunks.map((chunk) => chunk.buffer);
  });
}
