/** Values of a chunk at most; while there are fewer, each chunk has as many as all before it. */
const CHUNK = 32_768;
const FIRST_CHUNK = 2_048;

/** Full chunks whose values nobody needs any more: to allocate one takes as long as to fill it, and they are many. */
const spare: Float64Array<ArrayBuffer>[] = [];
const MOST_SPARE = 64;

/** Takes back chunks that were handed out by `take`; nobody may hold them any more. */
export function reuseChunks(chunks: readonly Float64Array<ArrayBuffer>[]): void {
  for (const chunk of chunks) {
    if (chunk.buffer.byteLength === 8 * CHUNK && spare.length < MOST_SPARE) spare.push(new Float64Array(chunk.buffer));
  }
}

/** A growing list of numbers in chunks: growing copies nothing, and a chunk of another list is taken over as it is. */
export class ChunkedValues {
  readonly #full: Float64Array<ArrayBuffer>[] = [];
  #open = new Float64Array(0);
  #used = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(values: Float64Array): void {
    for (let from = 0; from < values.length; ) {
      if (this.#used === this.#open.length) this.#grow();
      const to = Math.min(values.length, from + this.#open.length - this.#used);
      this.#open.set(values.subarray(from, to), this.#used);
      this.#used += to - from;
      this.#length += to - from;
      from = to;
    }
  }

  /** Adds a value `count` times. */
  addRun(value: number, count: number): void {
    for (let left = count; left > 0; ) {
      if (this.#used === this.#open.length) this.#grow();
      const some = Math.min(left, this.#open.length - this.#used);
      this.#open.fill(value, this.#used, this.#used + some);
      this.#used += some;
      this.#length += some;
      left -= some;
    }
  }

  /** Adds a chunk, which belongs to the list from now on. */
  adopt(chunk: Float64Array<ArrayBuffer>): void {
    this.#full.push(chunk);
    this.#length += chunk.length;
  }

  /** Hands over all values and forgets them. */
  take(): Float64Array<ArrayBuffer>[] {
    const chunks = this.#full.splice(0);
    if (this.#used > 0) chunks.push(this.#open.subarray(0, this.#used));
    this.#open = new Float64Array(0);
    this.#used = 0;
    this.#length = 0;
    return chunks;
  }

  #grow(): void {
    if (this.#used > 0) this.#full.push(this.#open);
    const size = Math.min(CHUNK, Math.max(FIRST_CHUNK, this.#length));
    this.#open = (size === CHUNK ? spare.pop() : undefined) ?? new Float64Array(size);
    this.#used = 0;
  }
}
