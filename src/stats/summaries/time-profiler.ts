import { isValid, type TimeColumn } from '../column.ts';
import type { TimeProfile } from '../profile.ts';
import { type CollectorOptions, NumberCollector } from './number-collector.ts';
import { describeCollected } from './number-profiler.ts';

/** Profiles one column of points in time, batch by batch; an instant that is not finite counts as no value. */
export class TimeProfiler {
  readonly #collector: NumberCollector;
  readonly #type: TimeColumn['type'];
  #rows = 0;
  #nulls = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #instants = new Float64Array(0);

  constructor(type: TimeColumn['type'], options: CollectorOptions) {
    this.#type = type;
    this.#collector = new NumberCollector(options);
  }

  add(column: TimeColumn): void {
    if (this.#instants.length < column.length) this.#instants = new Float64Array(column.length);
    const out = this.#instants;
    let n = 0;
    for (let i = 0; i < column.length; i++) {
      const v = column.values[i]!;
      if (!isValid(column.valid, i) || v - v !== 0) continue;
      out[n++] = v + 0;
      if (v < this.#min) this.#min = v;
      if (v > this.#max) this.#max = v;
    }
    this.#rows += column.length;
    this.#nulls += column.length - n;
    this.#collector.add(out, n);
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
      ...describeCollected(this.#collector.finish()),
    };
  }
}
