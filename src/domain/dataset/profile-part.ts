import type { ByteSpan } from '../../formats/byte-source.ts';
import { readRange, type TableOutcome, type TablePlan } from '../../formats/range-reader.ts';
import type { Field } from '../../stats/column.ts';
import { type ColumnState, collectorOptions, createColumnProfiler } from '../../stats/column-profiler.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import { createTableProfiler } from '../../stats/table-profiler.ts';

/** What a thread is asked to do for a profile. */
export type PartRequest = RangeRequest | MergeRequest;

type RangeRequest = {
  readonly kind: 'range';
  readonly plan: TablePlan;
  readonly span: ByteSpan;
  /** Positions of the columns to profile. */
  readonly wanted: readonly number[];
};

type MergeRequest = {
  readonly kind: 'merge';
  /** All fields of the table, by which the columns' buffers are sized. */
  readonly fields: readonly Field[];
  readonly columns: readonly MergedColumn[];
  /** Whether profiles are wanted, or states to merge further. */
  readonly last: boolean;
};

/** The states of one column in the order of the rows. */
export type MergedColumn = { readonly position: number; readonly states: readonly ColumnState[] };

export type RangePart = { readonly outcome: TableOutcome; readonly states: readonly ColumnState[] };
/** By place in the request's columns. */
export type MergedPart = { readonly profiles: readonly ColumnProfile[]; readonly states: readonly ColumnState[] };
export type Part = RangePart | MergedPart;

/** Does one part of the work of a profile. @throws TidemarkError `unreadable-data`. */
export async function profilePart(request: PartRequest): Promise<Part> {
  return request.kind === 'range' ? await profileRange(request) : mergeColumns(request);
}

async function profileRange({ plan, span, wanted }: RangeRequest): Promise<RangePart> {
  const reading = readRange(plan, span, wanted);
  const profiler = createTableProfiler(wanted.map((position) => plan.fields[position]!));
  for await (const batch of reading.batches()) profiler.add(batch);
  return { outcome: reading.outcome(), states: profiler.states() };
}

function mergeColumns({ fields, columns, last }: MergeRequest): MergedPart {
  const options = collectorOptions(fields);
  const profilers = columns.map(({ position, states }) => {
    const profiler = createColumnProfiler(fields[position]!, options);
    for (const state of states) profiler.absorb(state);
    return profiler;
  });
  if (!last) return { profiles: [], states: profilers.map((profiler) => profiler.state()) };
  const profiles = profilers.map((profiler, i) => profiler.finish(fields[columns[i]!.position]!.name));
  return { profiles, states: [] };
}

/** The memory under the states, which can change threads without being copied. */
export function buffersOf(states: readonly ColumnState[]): ArrayBuffer[] {
  return states.flatMap((state) =>
    state.kind === 'category' ? [] : state.collected.chunks.map((chunk) => chunk.buffer),
  );
}
