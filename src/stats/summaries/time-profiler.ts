import { isValid, type TimeColumn } from '../column.ts';
import type { TimeProfile } from '../profile.ts';
import { type CollectorOptions, type CollectorState, NumberCollector } from './number-collector.ts';
import { describeCollected } from './number-profiler.ts';
import { PLAIN_PROFILE_LOOPS, type ProfileLoops } from './profile-loops.ts';
import { type CyclesState, TimeCycleCounts } from './time-cycles.ts';

/** What a profiler of times has counted, as plain data. */
export type TimeState = {
  readonly kind: 'time';
  readonly rows: number;
  readonly nulls: number;
  readonly min: number;
  readonly max: number;
  readonly collected: CollectorState;
  readonly cycles: CyclesState;
};

/** Profiles one column of points in time, batch by batch; an instant that is not finite counts as no value. */
export class TimeProfiler {
  readonly #collector: NumberCollector;
  readonly #type: TimeColumn['type'];
  readonly #loops: ProfileLoops;
  readonly #cycles = new TimeCycleCounts();
  #rows = 0;
  #nulls = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  constructor(type: TimeColumn['type'], options: CollectorOptions, loops: ProfileLoops = PLAIN_PROFILE_LOOPS) {
    this.#type = type;
    this.#loops = loops;
    this.#collector = new NumberCollector(options, loops.hash);
  }

  add(column: TimeColumn): void {
    const out = this.#loops.room(column.length);
    let n = 0;
    const { values, valid, length } = column;
    let [min, max] = [this.#min, this.#max];
    for (let i = 0; i < length; i++) {
      const v = values[i]!;
      if ((valid !== null && !isValid(valid, i)) || v - v !== 0) continue;
      out[n++] = v + 0;
      if (v < min) min = v;
      if (v > max) max = v;
    }
    [this.#min, this.#max] = [min, max];
    this.#rows += column.length;
    this.#nulls += column.length - n;
    this.#cycles.add(out, n);
    this.#collector.add(out, n);
  }

  /** What was counted, as plain data; the profiler must not be used any more. */
  state(): TimeState {
    return {
      kind: 'time',
      rows: this.#rows,
      nulls: this.#nulls,
      min: this.#min,
      max: this.#max,
      collected: this.#collector.state(),
      cycles: this.#cycles.state(),
    };
  }

  /** Takes what another profiler counted in the rows that come next. */
  absorb(other: TimeState): void {
    this.#rows += other.rows;
    this.#nulls += other.nulls;
    this.#min = Math.min(this.#min, other.min);
    this.#max = Math.max(this.#max, other.max);
    this.#collector.absorb(other.collected);
    this.#cycles.absorb(other.cycles);
  }

  finish(name: string): TimeProfile {
    const none = this.#rows === this.#nulls;
    return {
      kind: 'time',
      name,
      type: this.#type,
      types: [this.#type],
      rows: this.#rows,
      nulls: this.#nulls,
      absent: 0,
      min: none ? null : this.#min + 0,
      max: none ? null : this.#max + 0,
      ...describeCollected(this.#collector.finish({ min: this.#min, max: this.#max })),
      cycles: none ? null : this.#cycles.describe(this.#type),
    };
  }
}
