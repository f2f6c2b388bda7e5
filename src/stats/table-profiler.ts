import { type Column, type ColumnBatch, type Field, kindOf } from './column.ts';
import { type ColumnProfile, PROFILE_FORMAT, type TableProfile } from './profile.ts';
import { CategoryProfiler } from './summaries/category-profiler.ts';
import type { CollectorOptions } from './summaries/number-collector.ts';
import { NumberProfiler } from './summaries/number-profiler.ts';
import { TimeProfiler } from './summaries/time-profiler.ts';

/** Profiles a table in one pass. `finish` is called once, after the last batch. */
export type TableProfiler = { add(batch: ColumnBatch): void; finish(): TableProfile };

export type ProfilerOptions = {
  /**
   * Bytes of values that may be kept to stay exact, over all columns. Beyond them memory stays bounded and
   * grids, quantiles and bins carry a rank error. Default 128 MiB.
   */
  readonly bufferBytes?: number;
};

type ColumnProfiler = { add(column: Column): void; finish(name: string): ColumnProfile };

function columnProfiler(field: Field, options: CollectorOptions): ColumnProfiler {
  const wrong = (column: Column): never => {
    throw new TypeError(`column "${field.name}" was announced as ${field.type} and came as ${column.type}`);
  };
  switch (field.type) {
    case 'int64':
    case 'float64': {
      const profiler = new NumberProfiler(field.type, options);
      return {
        add: (column) => (column.kind === 'number' ? profiler.add(column) : wrong(column)),
        finish: (name) => profiler.finish(name),
      };
    }
    case 'text':
    case 'boolean': {
      const profiler = new CategoryProfiler(field.type);
      return {
        add: (column) => (column.kind === 'category' ? profiler.add(column) : wrong(column)),
        finish: (name) => profiler.finish(name),
      };
    }
    case 'timestamp':
    case 'date': {
      const profiler = new TimeProfiler(field.type, options);
      return {
        add: (column) => (column.kind === 'time' ? profiler.add(column) : wrong(column)),
        finish: (name) => profiler.finish(name),
      };
    }
  }
}

function collectorOptions(fields: readonly Field[], bufferBytes: number): CollectorOptions {
  const numeric = Math.max(1, fields.filter((field) => kindOf(field.type) !== 'category').length);
  const capacity = Math.min(1 << 20, Math.max(1 << 14, Math.floor(bufferBytes / 8 / numeric)));
  return { capacity, edges: numeric <= 100 ? 4_096 : 2_048 };
}

/**
 * A profiler for a table with these columns. A batch has one column per field, in the same order and kind.
 * Memory is bounded by the number of columns, not of rows.
 * @throws TypeError when a batch does not fit the fields: a reader's fault, never the data's.
 */
export function createTableProfiler(fields: readonly Field[], options: ProfilerOptions = {}): TableProfiler {
  const limits = collectorOptions(fields, options.bufferBytes ?? 128 * 2 ** 20);
  const profilers = fields.map((field) => columnProfiler(field, limits));
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
  };
}
