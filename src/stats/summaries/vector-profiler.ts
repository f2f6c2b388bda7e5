import { isValid, type VectorColumn, type VectorType } from '../column.ts';
import type { VectorProfile } from '../profile.ts';
import { estimatedDistinct } from './distinct.ts';
import { addWords, emptyRegisters, type HyperLogLog, mergeRegisters } from './hyperloglog.ts';
import type { CollectorOptions } from './number-collector.ts';
import { NumberProfiler, type NumberState } from './number-profiler.ts';
import { noTopVectors } from './top-values.ts';
import { describeComponents } from './vector-components.ts';
import { combineVectorMoments, noVectorMoments, type VectorMoments, vectorMomentsOf } from './vector-moments.ts';

const COUNTED = ['rows', 'nulls', 'nan', 'infinite', 'nanComponents', 'infiniteComponents', 'zeros'] as const;

type Counts = Record<(typeof COUNTED)[number], number>;

/** What a profiler of vectors has counted, as plain data. */
export type VectorState = {
  readonly kind: 'vector';
  readonly counts: Readonly<Counts>;
  readonly moments: VectorMoments;
  readonly norm: NumberState;
  readonly registers: HyperLogLog;
};

/** Profiles one column of vectors, batch by batch. Cost a few passes over each batch. */
export class VectorProfiler {
  readonly #type: VectorType;
  readonly #dimension: number;
  readonly #counts: Counts = {
    rows: 0,
    nulls: 0,
    nan: 0,
    infinite: 0,
    nanComponents: 0,
    infiniteComponents: 0,
    zeros: 0,
  };
  readonly #norm: NumberProfiler;
  readonly #registers = emptyRegisters();
  #moments: VectorMoments;
  #finite = new Float64Array(0);

  constructor(type: VectorType, dimension: number, options: CollectorOptions) {
    this.#type = type;
    this.#dimension = dimension;
    this.#norm = new NumberProfiler('float64', options);
    this.#moments = noVectorMoments(dimension);
  }

  add(column: VectorColumn): void {
    const dimension = this.#dimension;
    if (this.#finite.length < column.values.length) this.#finite = new Float64Array(column.values.length);
    this.#counts.rows += column.length;
    const n = this.#takeFinite(column);
    this.#moments = combineVectorMoments(this.#moments, vectorMomentsOf(this.#finite, n, dimension));
    const values = Float64Array.from({ length: n }, (_, i) => euclideanNorm(this.#finite, i * dimension, dimension));
    for (let i = 0; i < n; i++) if (values[i] === 0) this.#counts.zeros++;
    this.#norm.add({ kind: 'number', type: 'float64', length: n, values, valid: null, exact: null });
  }

  /** What was counted, as plain data; the profiler must not be used any more. */
  state(): VectorState {
    const [counts, moments, registers] = [this.#counts, this.#moments, this.#registers];
    return { kind: 'vector', counts, moments, norm: this.#norm.state(), registers };
  }

  /** Takes what another profiler counted in the rows that come next. */
  absorb(other: VectorState): void {
    for (const name of COUNTED) this.#counts[name] += other.counts[name];
    this.#moments = combineVectorMoments(this.#moments, other.moments);
    this.#norm.absorb(other.norm);
    mergeRegisters(this.#registers, other.registers);
  }

  finish(name: string): VectorProfile {
    const filled = this.#counts.rows - this.#counts.nulls;
    return {
      kind: 'vector',
      name,
      type: this.#type,
      types: [this.#type],
      absent: 0,
      ...this.#counts,
      dimension: this.#dimension,
      finite: this.#moments.n,
      norm: this.#norm.finish('norm'),
      components: describeComponents(this.#moments),
      distinct: estimatedDistinct(this.#registers, filled),
      top: noTopVectors(filled),
    };
  }

  /** Copies the vectors without NaN and infinities to the front of the scratch array; returns how many. */
  #takeFinite({ values, valid, length }: VectorColumn): number {
    const dimension = this.#dimension;
    let n = 0;
    for (let i = 0; i < length; i++) {
      if (!isValid(valid, i)) {
        this.#counts.nulls++;
        continue;
      }
      const vector = values.subarray(i * dimension, (i + 1) * dimension);
      hashVector(this.#registers, vector);
      if (this.#countOdd(vector)) this.#finite.set(vector, n++ * dimension);
    }
    return n;
  }

  /** True when all components are finite. */
  #countOdd(vector: Float64Array): boolean {
    let nan = 0;
    let infinite = 0;
    for (const value of vector) {
      if (value - value === 0) continue;
      if (Number.isNaN(value)) nan++;
      else infinite++;
    }
    this.#counts.nanComponents += nan;
    this.#counts.infiniteComponents += infinite;
    if (nan > 0) this.#counts.nan++;
    if (infinite > 0) this.#counts.infinite++;
    return nan + infinite === 0;
  }
}

/** Scaled by the largest component where squares alone would leave the range of a double. */
function euclideanNorm(values: Float64Array, from: number, dimension: number): number {
  let sum = 0;
  let largest = 0;
  for (let k = from; k < from + dimension; k++) {
    const value = values[k]!;
    sum += value * value;
    largest = Math.max(largest, Math.abs(value));
  }
  if (sum > 1e-280 && sum < Number.POSITIVE_INFINITY) return Math.sqrt(sum);
  if (largest === 0) return 0;
  let scaled = 0;
  for (let k = from; k < from + dimension; k++) scaled += (values[k]! / largest) ** 2;
  return largest * Math.sqrt(scaled);
}

const cell = new Float64Array(1);
const words = new Uint32Array(cell.buffer);

/** Counts a vector by the bits of its components: -0 is 0, and every NaN the same. */
function hashVector(registers: HyperLogLog, vector: Float64Array): void {
  let a = 0x811c9dc5;
  let b = 0x2545f491 ^ vector.length;
  for (const value of vector) {
    cell[0] = Number.isNaN(value) ? Number.NaN : value + 0;
    a = Math.imul(a ^ words[0]!, 0x85ebca6b);
    a ^= (a >>> 15) ^ words[1]!;
    b = Math.imul(b ^ words[1]! ^ (a >>> 7), 0xcc9e2d51);
    b = ((b << 13) | (b >>> 19)) ^ words[0]!;
  }
  addWords(registers, a, b, 0x7ec7);
}
