import { isValid, type NumberColumn } from '../column.ts';
import type { NumberProfile } from '../profile.ts';
import { estimatedDistinct, exactDistinct } from './distinct.ts';
import type { FiniteNumbers } from './finite-numbers.ts';
import { combineMoments, describeMoments, type MomentSums, NO_MOMENTS } from './moments.ts';
import { type Collected, type CollectorOptions, type CollectorState, NumberCollector } from './number-collector.ts';
import { STORED_EDGES, storeGrid } from './point-gap-grid.ts';
import { PLAIN_PROFILE_LOOPS, type ProfileLoops } from './profile-loops.ts';
import { quantileBins } from './quantile-bins.ts';
import { describeQuantiles } from './quantiles.ts';
import { topNumbers } from './top-values.ts';

/** What grid, quantiles, bins, distinct and top values make of collected numbers; alike for numbers and times. */
export function describeCollected({ grid, registers, sketched, exact, unseen }: Collected) {
  const complete = grid.complete && !sketched;
  const listed = complete && grid.edges.length <= STORED_EDGES;
  const distinct =
    registers === null || complete
      ? exactDistinct(grid.edges.length, listed ? null : registers)
      : estimatedDistinct(registers, grid.n);
  return {
    quantiles: describeQuantiles(grid, exact),
    grid: storeGrid(grid),
    bins: quantileBins(grid),
    distinct,
    top: topNumbers(grid, { distinct: distinct.value, shared: sketched, unseen }),
  };
}

const EMPTY_COUNTS = {
  rows: 0,
  nulls: 0,
  nan: 0,
  positiveInfinity: 0,
  negativeInfinity: 0,
  zeros: 0,
  negatives: 0,
};

const COUNTED = ['rows', 'nulls', 'nan', 'positiveInfinity', 'negativeInfinity', 'zeros', 'negatives'] as const;

/** What a profiler of numbers has counted, as plain data. */
export type NumberState = {
  readonly kind: 'number';
  readonly type: NumberColumn['type'];
  readonly counts: Readonly<Record<(typeof COUNTED)[number], number>>;
  readonly moments: MomentSums;
  readonly min: number;
  readonly max: number;
  readonly exactMin: bigint | null;
  readonly exactMax: bigint | null;
  readonly collected: CollectorState;
};

/** Readers give ±2^53 itself, the last that a double tells apart, with or without exact values: it counts as one beyond. */
function isBeyondDouble({ type }: NumberColumn, { min, max }: FiniteNumbers): boolean {
  return type === 'int64' && Math.max(max, -min) > Number.MAX_SAFE_INTEGER;
}

/** Profiles one column of numbers, batch by batch. Cost a few passes over each batch while it is in cache. */
export class NumberProfiler {
  readonly #counts = { ...EMPTY_COUNTS };
  readonly #collector: NumberCollector;
  readonly #loops: ProfileLoops;
  #type: NumberColumn['type'];
  #moments: MomentSums = NO_MOMENTS;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #exactMin: bigint | null = null;
  #exactMax: bigint | null = null;

  constructor(type: NumberColumn['type'], options: CollectorOptions, loops: ProfileLoops = PLAIN_PROFILE_LOOPS) {
    this.#type = type;
    this.#loops = loops;
    this.#collector = new NumberCollector(options, loops.hash);
  }

  add(column: NumberColumn): void {
    if (column.type === 'float64') this.#type = 'float64';
    const finite = this.#loops.room(column.length);
    this.#counts.rows += column.length;
    const found = this.#take(column, finite);
    const { n, sum } = found;
    this.#moments = combineMoments(this.#moments, this.#loops.moments(finite, n, sum));
    if (column.exact !== null || isBeyondDouble(column, found)) this.#takeExact(column);
    this.#collector.add(finite, n, found);
  }

  /** What was counted, as plain data; the profiler must not be used any more. */
  state(): NumberState {
    return {
      kind: 'number',
      type: this.#type,
      counts: this.#counts,
      moments: this.#moments,
      min: this.#min,
      max: this.#max,
      exactMin: this.#exactMin,
      exactMax: this.#exactMax,
      collected: this.#collector.state(),
    };
  }

  /** Takes what another profiler counted in the rows that come next. */
  absorb(other: NumberState): void {
    if (other.type === 'float64') this.#type = 'float64';
    for (const name of COUNTED) this.#counts[name] += other.counts[name];
    this.#moments = combineMoments(this.#moments, other.moments);
    this.#min = Math.min(this.#min, other.min);
    this.#max = Math.max(this.#max, other.max);
    for (const bound of [other.exactMin, other.exactMax]) if (bound !== null) this.#widenExact(bound);
    this.#collector.absorb(other.collected);
  }

  finish(name: string): NumberProfile {
    const none = this.#moments.n === 0;
    return {
      kind: 'number',
      name,
      type: this.#type,
      types: [this.#type],
      absent: 0,
      ...this.#counts,
      finite: this.#moments.n,
      min: none ? null : this.#min,
      max: none ? null : this.#max,
      ...this.#exactRange(),
      moments: describeMoments(this.#moments),
      ...describeCollected(this.#collector.finish({ min: this.#min, max: this.#max })),
    };
  }

  /** Copies the finite values to the front of `out`, and counts all there are. */
  #take(column: NumberColumn, out: Float64Array): FiniteNumbers {
    const found = this.#loops.take(column, out);
    const counts = this.#counts;
    counts.nulls += found.nulls;
    counts.nan += found.nan;
    counts.positiveInfinity += found.positiveInfinity;
    counts.negativeInfinity += found.negativeInfinity;
    counts.zeros += found.zeros;
    counts.negatives += found.negatives;
    this.#min = Math.min(this.#min, found.min);
    this.#max = Math.max(this.#max, found.max);
    return found;
  }

  #takeExact({ length, values, valid, exact }: NumberColumn): void {
    for (let i = 0; i < length; i++) {
      if (!isValid(valid, i) || Math.abs(values[i]!) <= Number.MAX_SAFE_INTEGER) continue;
      const v = exact?.[i] ?? BigInt(values[i]!);
      this.#collector.addBeyondDouble(v);
      this.#widenExact(v);
    }
  }

  #widenExact(v: bigint): void {
    if (this.#exactMin === null || v < this.#exactMin) this.#exactMin = v;
    if (this.#exactMax === null || v > this.#exactMax) this.#exactMax = v;
  }

  /** Exact bounds, given only where a bound or its neighbour was beyond a double's whole numbers. */
  #exactRange(): Pick<NumberProfile, 'exactMin' | 'exactMax'> {
    if (this.#exactMin === null || this.#exactMax === null || this.#type !== 'int64') {
      return { exactMin: null, exactMax: null };
    }
    const low = this.#min >= -Number.MAX_SAFE_INTEGER && this.#min <= Number.MAX_SAFE_INTEGER;
    const high = this.#max >= -Number.MAX_SAFE_INTEGER && this.#max <= Number.MAX_SAFE_INTEGER;
    return {
      exactMin: String(low ? BigInt(this.#min) : this.#exactMin),
      exactMax: String(high ? BigInt(this.#max) : this.#exactMax),
    };
  }
}
