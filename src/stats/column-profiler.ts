import { type Column, dimensionOf, type Field, isVectorType, kindOf } from './column.ts';
import type { ColumnProfile } from './profile.ts';
import { CategoryProfiler, type CategoryState } from './summaries/category-profiler.ts';
import { CountedIntegers, type CountedIntegersState } from './summaries/counted-integers.ts';
import { CountedNumbers } from './summaries/counted-numbers.ts';
import { CountedTexts, type CountedTextsState } from './summaries/counted-texts.ts';
import type { CollectorOptions } from './summaries/number-collector.ts';
import { NumberProfiler, type NumberState } from './summaries/number-profiler.ts';
import { PLAIN_PROFILE_LOOPS, type ProfileLoops } from './summaries/profile-loops.ts';
import { TimeProfiler, type TimeState } from './summaries/time-profiler.ts';
import { VectorProfiler, type VectorState } from './summaries/vector-profiler.ts';

/** What a profiler has counted, as plain data that crosses to another thread. */
export type ColumnState =
  | NumberState
  | CategoryState
  | CountedTextsState
  | CountedIntegersState
  | TimeState
  | VectorState;

/** Profiles one column. After `state` or `finish` it is used up. */
export type ColumnProfiler = {
  add(column: Column): void;
  state(): ColumnState;
  /** Takes what another profiler of the same kind counted in the rows that come next. */
  absorb(state: ColumnState): void;
  finish(name: string): ColumnProfile;
};

export type ProfilerOptions = {
  /**
   * Bytes of values that may be kept to stay exact, over all columns. Beyond them memory stays bounded and
   * grids, quantiles and bins carry a rank error. Default 128 MiB.
   */
  readonly bufferBytes?: number;
  /** All fields of the table, where those profiled are some of them: what a column may keep depends on the others. */
  readonly table?: readonly Field[];
  /**
   * Of decimals only the rows are counted (see `CountedNumbers`), of texts and whole numbers whether they may name rows (see
   * `CountedTexts`, `CountedIntegers`).
   */
  readonly counted?: boolean;
};

/** What a profiler of one column may keep, and what it does. */
export type ColumnOptions = CollectorOptions & Pick<ProfilerOptions, 'counted'>;

/** What one column of a table with these fields may keep. */
export function collectorOptions(fields: readonly Field[], options: ProfilerOptions = {}): ColumnOptions {
  const numeric = Math.max(1, (options.table ?? fields).filter((field) => kindOf(field.type) !== 'category').length);
  const bytes = options.bufferBytes ?? 128 * 2 ** 20;
  const capacity = Math.min(1 << 20, Math.max(1 << 14, Math.floor(bytes / 8 / numeric)));
  return { capacity, edges: numeric <= 100 ? 4_096 : 2_048, ...(options.counted === true && { counted: true }) };
}

/**
 * A profiler for one column; numbers and times go through `loops`.
 * @throws TypeError at a column or state of another kind: a reader's fault.
 */
export function createColumnProfiler(
  field: Field,
  options: ColumnOptions,
  loops: ProfileLoops = PLAIN_PROFILE_LOOPS,
): ColumnProfiler {
  const wrong = (type: string): never => {
    throw new TypeError(`column "${field.name}" was announced as ${field.type} and came as ${type}`);
  };
  if (isVectorType(field.type)) {
    const profiler = new VectorProfiler(field.type, dimensionOf(field.type), options);
    return {
      // Of another length it is of another type.
      add: (column) =>
        column.kind === 'vector' && column.type === field.type ? profiler.add(column) : wrong(column.type),
      state: () => profiler.state(),
      absorb: (state) => (state.kind === 'vector' ? profiler.absorb(state) : wrong(state.kind)),
      finish: (name) => profiler.finish(name),
    };
  }
  if (field.type === 'text' && options.counted === true) {
    const profiler = new CountedTexts();
    return {
      add: (column) => (column.kind === 'category' ? profiler.add(column) : wrong(column.type)),
      state: () => profiler.state(),
      absorb: (state) => (state.kind === 'counted texts' ? profiler.absorb(state) : wrong(state.kind)),
      finish: (name) => profiler.finish(name),
    };
  }
  if (field.type === 'int64' && options.counted === true) {
    const profiler = new CountedIntegers(field.type, options, loops);
    return {
      add: (column) => (column.kind === 'number' ? profiler.add(column) : wrong(column.type)),
      state: () => profiler.state(),
      absorb: (state) => (state.kind === 'counted integers' ? profiler.absorb(state) : wrong(state.kind)),
      finish: (name) => profiler.finish(name),
    };
  }
  switch (field.type) {
    case 'int64':
    case 'float64': {
      const counted = field.type === 'float64' && options.counted === true;
      const profiler = counted
        ? new CountedNumbers(field.type, options)
        : new NumberProfiler(field.type, options, loops);
      return {
        add: (column) => (column.kind === 'number' ? profiler.add(column) : wrong(column.type)),
        state: () => profiler.state(),
        absorb: (state) => (state.kind === 'number' ? profiler.absorb(state) : wrong(state.kind)),
        finish: (name) => profiler.finish(name),
      };
    }
    case 'text':
    case 'boolean': {
      const profiler = new CategoryProfiler(field.type);
      return {
        add: (column) => (column.kind === 'category' ? profiler.add(column) : wrong(column.type)),
        state: () => profiler.state(),
        absorb: (state) => (state.kind === 'category' ? profiler.absorb(state) : wrong(state.kind)),
        finish: (name) => profiler.finish(name),
      };
    }
    case 'timestamp':
    case 'date': {
      const profiler = new TimeProfiler(field.type, options, loops);
      return {
        add: (column) => (column.kind === 'time' ? profiler.add(column) : wrong(column.type)),
        state: () => profiler.state(),
        absorb: (state) => (state.kind === 'time' ? profiler.absorb(state) : wrong(state.kind)),
        finish: (name) => profiler.finish(name),
      };
    }
  }
}
