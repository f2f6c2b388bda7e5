import type { ColumnBatch, Field } from './column.ts';
import { type ColumnState, collectorOptions, createColumnProfiler, type ProfilerOptions } from './column-profiler.ts';
import { PROFILE_FORMAT, type TableProfile } from './profile.ts';
import { PLAIN_PROFILE_LOOPS, type ProfileLoops } from './summaries/profile-loops.ts';

/** Profiles a table in one pass. After `finish` or `states` it is used up. */
export type TableProfiler = {
  add(batch: ColumnBatch): void;
  finish(): TableProfile;
  /** What the columns hold as plain data, in the order of the fields, for another profiler to absorb. */
  states(): ColumnState[];
};

/**
 * A profiler for a table with these columns. A batch has one column per field, in the same order and kind.
 * Memory is bounded by the number of columns, not of rows. Numbers and times go through `loops`.
 * @throws TypeError when a batch does not fit the fields: a reader's fault, never the data's.
 */
export function createTableProfiler(
  fields: readonly Field[],
  options: ProfilerOptions = {},
  loops: ProfileLoops = PLAIN_PROFILE_LOOPS,
): TableProfiler {
  const limits = collectorOptions(fields, options);
  const profilers = fields.map((field) => createColumnProfiler(field, limits, loops));
  let rows = 0;
  return {
    add(batch) {
      if (batch.columns.length !== fields.length) {
        throw new TypeError(`a batch has ${batch.columns.length} columns, the table ${fields.length}`);
      }
      rows += batch.rows;
      for (let i = 0; i < profilers.length; i++) profilers[i]!.add(batch.columns[i]!);
    },
    finish() {
      const columns = profilers.map((profiler, i) => profiler.finish(fields[i]!.name));
      return { format: PROFILE_FORMAT, rows, columns };
    },
    states: () => profilers.map((profiler) => profiler.state()),
  };
}
