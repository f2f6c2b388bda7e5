import type { NumberColumn } from '../stats/column.ts';

/** What the build makes of the files in `kernels/numbers`. */
export type NumberKernels = {
  readonly take: (at: number, count: number, valid: number) => number;
  readonly present: WebAssembly.Global;
  readonly sort: (at: number, room: number, count: number) => void;
  readonly walk: (...given: number[]) => void;
  readonly normalScores: (at: number, rows: number) => void;
  readonly sums: WebAssembly.Global;
} & Readonly<Record<'DIFFERENCES' | 'DISTRIBUTION' | 'LOCATION' | 'SPREAD' | 'DISTANCE', WebAssembly.Global>>;

const PAGE = 65_536;
/** Below it the kernels have their tables. */
const FIRST = 2 ** 19;
/** Bytes a row of the larger side, besides its scores: both sides, and as much again to sort by or to copy to. */
const BYTES_A_ROW = 32;
/** Of more bytes others take care. */
const MOST_BYTES = 2 ** 28;
/**
 * More are given up once half of them would do, not as soon as nobody needs them: what is given up is there until it is
 * collected, and every column of a table would have memory of its own.
 */
const MOST_KEPT = 2 ** 27;

/**
 * The memory of the kernels: scores of ranks, then what was taken of columns, then what is free. It only grows while nothing
 * is taken, since arrays in it would be gone.
 */
export class NumberRoom {
  readonly #module: WebAssembly.Module;
  #memory = new WebAssembly.Memory({ initial: FIRST / PAGE });
  #kernels: NumberKernels;
  #scoreBytes = 0;
  #scored = 0;
  #taken = 0;
  /** The most rows of a side that room was asked for, and those before the last release: the next have as many, often. */
  #asked = 0;
  #wanted = 0;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
    this.#kernels = this.#instance();
  }

  get kernels(): NumberKernels {
    return this.#kernels;
  }

  /** Where the next free bytes are, with room for so many, for a side of so many rows; null where there is none. */
  free(bytes: number, rows: number): number | null {
    if (this.#taken === 0) this.#reserve(Math.max(rows, this.#wanted));
    this.#asked = Math.max(this.#asked, rows);
    const at = FIRST + this.#scoreBytes + this.#taken;
    return at + bytes <= this.#memory.buffer.byteLength ? at : null;
  }

  /** Keeps the first so many of them from being given again. */
  keep(bytes: number): void {
    this.#taken += bytes;
  }

  /** Gives back all that was kept. */
  release(): void {
    this.#taken = 0;
    [this.#wanted, this.#asked] = [this.#asked, 0];
  }

  /** Where the scores of the lower half of so many ranks are; null where there is no room for them. */
  scores(ranks: number): number | null {
    const rows = (ranks + 1) >> 1;
    this.#asked = Math.max(this.#asked, rows);
    if (8 * rows > this.#scoreBytes) return null;
    if (this.#scored !== ranks) this.#kernels.normalScores(FIRST, ranks);
    this.#scored = ranks;
    return FIRST;
  }

  /** These numbers, where they are or in a copy at a place that is free. */
  place(numbers: Float64Array, free: number): number {
    if (numbers.buffer === this.#memory.buffer) return numbers.byteOffset;
    this.doubles(free, numbers.length).set(numbers);
    return free;
  }

  doubles(at: number, length: number): Float64Array {
    return new Float64Array(this.#memory.buffer, at, length);
  }

  bytes(at: number, mask: NonNullable<NumberColumn['valid']>): void {
    new Uint8Array(this.#memory.buffer, at, mask.length).set(mask);
  }

  #reserve(rows: number): void {
    const { byteLength } = this.#memory.buffer;
    if (byteLength > MOST_KEPT && (8 + BYTES_A_ROW) * rows < byteLength / 2) this.#giveUp();
    const scores = Math.max(this.#scoreBytes, 8 * rows + 8);
    const bytes = scores + BYTES_A_ROW * rows;
    if (bytes > MOST_BYTES) return;
    if (scores > this.#scoreBytes) [this.#scoreBytes, this.#scored] = [scores, 0];
    const more = Math.ceil((FIRST + bytes - this.#memory.buffer.byteLength) / PAGE);
    if (more > 0) this.#memory.grow(more);
  }

  #giveUp(): void {
    [this.#scoreBytes, this.#scored] = [0, 0];
    this.#memory = new WebAssembly.Memory({ initial: FIRST / PAGE });
    this.#kernels = this.#instance();
  }

  #instance(): NumberKernels {
    const imports = { env: { memory: this.#memory, log: Math.log } };
    // The build makes the file from the sources that the type names.
    return new WebAssembly.Instance(this.#module, imports).exports as unknown as NumberKernels;
  }
}
