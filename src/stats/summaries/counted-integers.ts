import { absentRows, type NumberColumn } from '../column.ts';
import type { NumberProfile } from '../profile.ts';
import type { CollectorOptions } from './number-collector.ts';
import { NumberProfiler, type NumberState } from './number-profiler.ts';
import { PLAIN_PROFILE_LOOPS, type ProfileLoops } from './profile-loops.ts';

/** What was counted, as plain data. */
export type CountedIntegersState = {
  readonly kind: 'counted integers';
  readonly type: NumberColumn['type'];
  readonly rows: number;
  readonly nulls: number;
  readonly different: number;
  /** Null where not all values were looked at. */
  readonly whole: NumberState | null;
};

/** Of fewer different values, by their rows, nobody says that they name rows: no estimate is off by so much. */
const MANY = 0.9;

/**
 * Counts the rows of a column of whole numbers, and those without a value, where nothing else is asked of its profile but
 * whether the numbers name rows. As long as they may, it is the profile of all of them; else it tells how many different
 * ones there are at most, and is otherwise the one of a column without any value.
 */
export class CountedIntegers {
  readonly #options: CollectorOptions;
  #type: NumberColumn['type'];
  #rows = 0;
  #nulls = 0;
  /** No fewer than there are: of each batch as many as lie between its extremes. */
  #different = 0;
  #whole: NumberProfiler | null;

  constructor(type: NumberColumn['type'], options: CollectorOptions, loops: ProfileLoops = PLAIN_PROFILE_LOOPS) {
    this.#options = options;
    this.#type = type;
    this.#whole = new NumberProfiler(type, options, loops);
  }

  add(column: NumberColumn): void {
    if (column.type === 'float64') this.#type = 'float64';
    this.#rows += column.length;
    this.#nulls += absentRows(column.valid, column.length);
    this.#different += mostDifferent(column);
    this.#giveUp();
    this.#whole?.add(column);
  }

  /** The object must not be used any more. */
  state(): CountedIntegersState {
    const whole = this.#whole?.state() ?? null;
    const counts = { rows: this.#rows, nulls: this.#nulls, different: this.#different };
    return { kind: 'counted integers', type: this.#type, ...counts, whole };
  }

  /** Takes what another one counted in the rows that come next. */
  absorb({ type, rows, nulls, different, whole }: CountedIntegersState): void {
    if (type === 'float64') this.#type = 'float64';
    this.#rows += rows;
    this.#nulls += nulls;
    this.#different += different;
    if (whole === null) this.#whole = null;
    else this.#whole?.absorb(whole);
  }

  /** The whole profile, or one that has no values and of `distinct` no fewer than there are. */
  finish(name: string): NumberProfile {
    if (this.#whole !== null) return this.#whole.finish(name);
    const nothing = new NumberProfiler(this.#type, this.#options).finish(name);
    const distinct = { ...nothing.distinct, value: this.#different };
    return { ...nothing, rows: this.#rows, nulls: this.#nulls, distinct };
  }

  #giveUp(): void {
    if (this.#nulls > 0 || this.#different < MANY * this.#rows) this.#whole = null;
  }
}

/** No fewer than there are different values among those that a row has. */
function mostDifferent({ type, values, exact, length }: NumberColumn): number {
  // Neither fractions nor what doubles round is told apart by how far it lies from each other.
  if (type !== 'int64' || exact !== null) return length;
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  // Slots without a value count too: that makes the range no smaller.
  for (let i = 0; i < length; i++) {
    const v = values[i]!;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  return Math.max(0, Math.min(length, max - min + 1));
}
