import type { Column } from '../column.ts';
import { shuffledRows } from '../sampling/shuffle.ts';
import { type Uniform, xoshiro128 } from '../sampling/xoshiro128.ts';
import { compareColumn } from './compare-column.ts';
import type { Finding, JudgeColumn, JudgePolicy } from './judgement.ts';
import { MEASURES, type MeasureName } from './measures.ts';

export type CalibratedLimits = {
  readonly limits: Readonly<Partial<Record<MeasureName, number>>>;
  /** Pairs of healthy tables that were drawn, and the rows of each side. */
  readonly resamples: number;
  readonly rows: { readonly reference: number; readonly window: number };
};

/** Rows of a drawn side; the effects of larger tables are smaller by the root of the rows. */
const MOST_ROWS = 1000;
/** Drawn pairs that may exceed the limits: fewer would make them a matter of chance. */
const EXCEEDING = 4;
const MOST_RESAMPLES = 1000;
/** Chance is an argument: the same reference gives the same limits for ever. */
const SEED = 5;

/** Takes rows of a column; whoever reads columns knows how. */
export type TakeRows = (column: Column, rows: Int32Array) => Column;

/**
 * Limits of effects at which a given share of healthy tables alarms, found out on pairs of samples of the reference: both
 * have no drift but what chance gives, and the dependence between columns that the reference has. Columns come one by one;
 * every pair has the same rows of all of them. A table alarms when any effect of any column reaches its limit; the
 * limits of all measures are equally rare. Samples have at most 1,000 rows, without replacement where the reference has
 * enough, and limits are brought to the tables' own sizes by sqrt(1/n + 1/m), which effects go with under no drift.
 */
export class LimitCalibration {
  readonly #policy: JudgePolicy;
  readonly #take: TakeRows;
  readonly #rate: number;
  readonly #sizes: { readonly n: number; readonly m: number };
  readonly #draws: readonly { readonly reference: Int32Array; readonly window: Int32Array }[];
  /** The largest size of each effect over all columns, by pair. */
  readonly #largest = new Map<MeasureName, Float64Array>();

  constructor(
    policy: JudgePolicy,
    given: { readonly rate: number; readonly n: number; readonly m: number; readonly take: TakeRows },
  ) {
    this.#policy = { ...policy, minimumRows: 0 };
    this.#take = given.take;
    this.#rate = given.rate;
    this.#sizes = { n: given.n, m: given.m };
    const random = xoshiro128(SEED);
    const count = Math.min(MOST_RESAMPLES, Math.ceil(EXCEEDING / given.rate));
    this.#draws = Array.from({ length: count }, () => drawPair(given, random));
  }

  /** Takes in a column of the reference; its window does not matter. */
  add(column: JudgeColumn): void {
    const { reference } = column;
    if (reference === null || column.role === 'segment') return;
    for (const [i, draw] of this.#draws.entries()) {
      const sides = { reference: this.#take(reference, draw.reference), window: this.#take(reference, draw.window) };
      for (const finding of compareColumn({ ...column, ...sides }, this.#policy).findings) this.#note(finding, i);
    }
  }

  limits(): CalibratedLimits {
    const [first] = this.#draws;
    const rows = { reference: first?.reference.length ?? 0, window: first?.window.length ?? 0 };
    const drawn = 1 / Math.max(1, rows.reference) + 1 / Math.max(1, rows.window);
    const scale = Math.sqrt((1 / Math.max(1, this.#sizes.n) + 1 / Math.max(1, this.#sizes.m)) / drawn);
    const limits: Partial<Record<MeasureName, number>> = {};
    for (const [measure, limit] of equallyRare(this.#largest, this.#rate * this.#draws.length)) {
      // Of a change that no sample shows, as of missing values where there are none, nothing is found out.
      if (limit > 0) limits[measure] = limit * scale;
    }
    return { limits, resamples: this.#draws.length, rows };
  }

  #note({ measure, value }: Finding, i: number): void {
    const { use } = MEASURES[measure];
    if (value === null || !(use === 'effect' || (use === 'index' && this.#policy.measures?.includes(measure)))) return;
    const largest = this.#largest.get(measure) ?? new Float64Array(this.#draws.length);
    this.#largest.set(measure, largest);
    largest[i] = Math.max(largest[i]!, Math.abs(value));
  }
}

function drawPair({ n, m }: { readonly n: number; readonly m: number }, random: Uniform) {
  const [r, w] = [Math.min(MOST_ROWS, n), Math.min(MOST_ROWS, m)];
  if (r + w <= n) {
    const rows = shuffledRows(n, random, r + w);
    return { reference: rows.slice(0, r).sort(), window: rows.slice(r).sort() };
  }
  const draw = (count: number): Int32Array => Int32Array.from({ length: count }, () => Math.floor(random() * n)).sort();
  return { reference: draw(r), window: draw(w) };
}

/** The lowest limits, at the same rank of each measure, that at most so many pairs exceed in any of them. */
function equallyRare(largest: ReadonlyMap<MeasureName, Float64Array>, most: number): Map<MeasureName, number> {
  const falling = [...largest].map(([measure, values]) => ({ measure, values, sorted: values.toSorted().reverse() }));
  let rank = 0;
  for (let next = 1; next <= most; next++) {
    const count = falling[0]?.values.length ?? 0;
    let exceeding = 0;
    for (let i = 0; i < count; i++) if (falling.some(({ values, sorted }) => values[i]! > sorted[next]!)) exceeding++;
    if (exceeding > most) break;
    rank = next;
  }
  // What is reached is beyond the limit, so it lies a hair above the largest healthy effect that must not alarm.
  return new Map(falling.map(({ measure, sorted }) => [measure, (sorted[rank] ?? 0) * (1 + 1e-9)]));
}
