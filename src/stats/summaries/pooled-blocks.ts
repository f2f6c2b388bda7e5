/** Different values of two sorted samples together, ascending, as many as stay in a core's own cache. */
export type PooledBlock = {
  /** How many; the arrays are longer, and written over once everybody has read them. */
  readonly length: number;
  readonly values: Float64Array;
  /** Rows of each side up to each value, that included. */
  readonly x: Uint32Array;
  readonly y: Uint32Array;
  /** x / n - y / m: the difference of the distribution functions there. */
  readonly difference: Float64Array;
};

/** Takes blocks in their order. */
export type PooledVisitor = {
  add(block: PooledBlock): void;
  /** Where a compiled walk may take them instead; absent: it has no twin. */
  readonly twin?: PooledTwin;
};

/** What a compiled walk needs of a visitor, whose sums it leaves as `add` would. */
export type PooledTwin = {
  readonly name: 'differences' | 'distribution' | 'location' | 'spread' | 'distance';
  readonly sums: Float64Array;
  /** Whether most values are looked up in a list rather than computed. */
  readonly listed?: boolean;
};

/** `walkPooled`, or what does the same. */
export type WalkPooled = (x: Float64Array, y: Float64Array, visitors: readonly PooledVisitor[]) => void;

const BLOCK = 1_024;

/**
 * Goes through two sorted samples without NaN together, once for all who want to see them so: each takes a block
 * while it is in cache. Cost O(n + m), and nothing is kept.
 */
export function walkPooled(x: Float64Array, y: Float64Array, visitors: readonly PooledVisitor[]): void {
  const walk = new PooledWalk(x, y, visitors);
  walk.both();
  walk.rest();
}

/** The block under construction has a last value that may have more rows, so it is handed out without that. */
class PooledWalk {
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  readonly #visitors: readonly PooledVisitor[];
  readonly #values = new Float64Array(BLOCK);
  readonly #upToX = new Uint32Array(BLOCK);
  readonly #upToY = new Uint32Array(BLOCK);
  readonly #difference = new Float64Array(BLOCK);
  #i = 0;
  #j = 0;
  /** The place of the last value; -1 before there is one. */
  #last = -1;

  constructor(x: Float64Array, y: Float64Array, visitors: readonly PooledVisitor[]) {
    this.#x = x;
    this.#y = y;
    this.#visitors = visitors;
  }

  /** As long as both sides have rows. */
  both(): void {
    while (this.#i < this.#x.length && this.#j < this.#y.length) {
      // So many steps leave neither a side nor the block.
      this.#step(Math.min(this.#x.length - this.#i, this.#y.length - this.#j, BLOCK - 1 - this.#last));
      if (this.#last === BLOCK - 1) this.#last = this.#handOut(this.#last);
    }
  }

  /** Apart from the loop around it, which would else be left and compiled anew after each block. */
  #step(steps: number): void {
    const x = this.#x;
    const y = this.#y;
    const values = this.#values;
    const upToX = this.#upToX;
    const upToY = this.#upToY;
    let i = this.#i | 0;
    let j = this.#j | 0;
    let last = this.#last | 0;
    let before = last < 0 ? Number.NaN : values[last]!;
    for (let step = 0; step < steps; step++) {
      const a = x[i]!;
      const b = y[j]!;
      const v = Math.min(a, b);
      // Added up without a branch, which would be guessed wrong every other time.
      i = (i + Number(a <= b)) | 0;
      j = (j + Number(b <= a)) | 0;
      last = (last + Number(v !== before)) | 0;
      values[last] = v;
      upToX[last] = i;
      upToY[last] = j;
      before = v;
    }
    this.#i = i;
    this.#j = j;
    this.#last = last;
  }

  /** What is left of one side when the other has ended, and the last block. */
  rest(): void {
    const side = this.#i < this.#x.length ? this.#x : this.#y;
    const upTo = side === this.#x ? this.#upToX : this.#upToY;
    const other = side === this.#x ? this.#upToY : this.#upToX;
    const others = side === this.#x ? this.#j : this.#i;
    let last = this.#last;
    let before = last < 0 ? Number.NaN : this.#values[last]!;
    for (let i = side === this.#x ? this.#i : this.#j; i < side.length; i++) {
      const v = side[i]!;
      if (v !== before) {
        if (last === BLOCK - 1) last = this.#handOut(last);
        last++;
      }
      this.#values[last] = v;
      upTo[last] = i + 1;
      other[last] = others;
      before = v;
    }
    if (last >= 0) this.#visit(last + 1);
  }

  /** Hands out all but the last value, which begins the next block; answers with its place there. */
  #handOut(last: number): number {
    this.#visit(last);
    this.#values[0] = this.#values[last]!;
    this.#upToX[0] = this.#upToX[last]!;
    this.#upToY[0] = this.#upToY[last]!;
    return 0;
  }

  #visit(length: number): void {
    const x = this.#upToX;
    const y = this.#upToY;
    const difference = this.#difference;
    const n = this.#x.length;
    const m = this.#y.length;
    // Shares are i / n, never i * (1 / n), which differs in the last bit.
    for (let k = 0; k < length; k++) difference[k] = x[k]! / n - y[k]! / m;
    for (const visitor of this.#visitors) visitor.add({ length, values: this.#values, x, y, difference });
  }
}
