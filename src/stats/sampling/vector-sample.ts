import { type Column, dimensionOf, isValid, type VectorColumn, type VectorType } from '../column.ts';
import { xoshiro128 } from './xoshiro128.ts';

/** Values that are kept at most: as many as measures of whole rows need at once. */
export const MOST_VALUES = 4_000_000;
const MOST_ROWS = 10_000;
const LEAST_ROWS = 500;
/** Chance is an argument: the same rows in the same order leave the same ones for ever. */
const SEED = 6;

export type SampledVectors = VectorColumn & Required<Pick<VectorColumn, 'whole'>>;

/**
 * A random choice of the finite vectors of a column that comes part by part, every choice equally likely (Vitter 1985,
 * algorithm R), and the counts of the others. It depends on the rows and their order, not on how they are parted; up to
 * as many as are kept they stay in their order. Memory is bounded by 4 million values.
 */
export class VectorSample {
  readonly #type: VectorType;
  readonly #dimension: number;
  readonly #most: number;
  readonly #random = xoshiro128(SEED);
  #values = new Float64Array(0);
  #finite = 0;
  #rows = 0;
  #nulls = 0;

  constructor(type: VectorType) {
    this.#type = type;
    this.#dimension = dimensionOf(type);
    this.#most = Math.max(LEAST_ROWS, Math.min(MOST_ROWS, Math.floor(MOST_VALUES / this.#dimension)));
  }

  /** Takes the next rows; a part without the column, or with one of another type, has no values in it. */
  add(rows: number, column: Column | null): void {
    this.#rows += rows;
    if (column?.kind !== 'vector' || column.type !== this.#type) {
      this.#nulls += rows;
      return;
    }
    for (let row = 0; row < rows; row++) {
      if (!isValid(column.valid, row)) {
        this.#nulls++;
        continue;
      }
      const vector = column.values.subarray(row * this.#dimension, (row + 1) * this.#dimension);
      if (allFinite(vector)) this.#take(vector);
    }
  }

  finish(): SampledVectors {
    const length = Math.min(this.#finite, this.#most);
    const nan = this.#rows - this.#nulls - this.#finite;
    return {
      kind: 'vector',
      type: this.#type,
      length,
      dimension: this.#dimension,
      values: this.#values.slice(0, length * this.#dimension),
      valid: null,
      whole: { rows: this.#rows, nulls: this.#nulls, nan },
    };
  }

  #take(vector: Float64Array): void {
    const seen = this.#finite++;
    const place = seen < this.#most ? seen : Math.floor(this.#random() * (seen + 1));
    if (place >= this.#most) return;
    const end = (place + 1) * this.#dimension;
    if (end > this.#values.length) this.#grow(end);
    this.#values.set(vector, place * this.#dimension);
  }

  #grow(least: number): void {
    const larger = new Float64Array(Math.min(this.#most * this.#dimension, Math.max(least, 2 * this.#values.length)));
    larger.set(this.#values);
    this.#values = larger;
  }
}

function allFinite(vector: Float64Array): boolean {
  for (const value of vector) if (value - value !== 0) return false;
  return true;
}

/** The same of a column that is held whole; one that is a sample already stays as it is. */
export function sampleVectors(column: VectorColumn): SampledVectors {
  const { whole } = column;
  if (whole !== undefined) return { ...column, whole };
  const sample = new VectorSample(column.type);
  sample.add(column.length, column);
  return sample.finish();
}
