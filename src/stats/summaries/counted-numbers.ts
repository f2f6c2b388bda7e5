import { absentRows, type NumberColumn } from '../column.ts';
import type { NumberProfile } from '../profile.ts';
import type { CollectorOptions } from './number-collector.ts';
import { NumberProfiler, type NumberState } from './number-profiler.ts';

/**
 * Counts the rows of a column of decimals, and those without a value, where nothing else is asked of its profile: that is
 * otherwise the one of a column without any value.
 */
export class CountedNumbers {
  readonly #nothing: NumberProfiler;
  #rows = 0;
  #nulls = 0;

  constructor(type: NumberColumn['type'], options: CollectorOptions) {
    this.#nothing = new NumberProfiler(type, options);
  }

  add({ valid, length }: NumberColumn): void {
    this.#rows += length;
    this.#nulls += absentRows(valid, length);
  }

  /** What was counted, as plain data; the object must not be used any more. */
  state(): NumberState {
    const state = this.#nothing.state();
    return { ...state, counts: { ...state.counts, rows: this.#rows, nulls: this.#nulls } };
  }

  /** Takes what another one counted in the rows that come next. */
  absorb({ counts }: NumberState): void {
    this.#rows += counts.rows;
    this.#nulls += counts.nulls;
  }

  finish(name: string): NumberProfile {
    return { ...this.#nothing.finish(name), rows: this.#rows, nulls: this.#nulls };
  }
}
