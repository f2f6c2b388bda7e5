/** A block that an upload is gathered in, in memory that other threads can read. */
export type Block = Uint8Array<SharedArrayBuffer>;

export const BLOCK_BYTES = 1024 * 1024;

/** Blocks that are kept for the next upload; more at once are made and forgotten. */
const KEPT = 32;

const WASM_PAGE = 64 * 1024;

/** As much of it as is used here: Node has it, its types leave it to those of browsers. */
declare namespace WebAssembly {
  export class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  }
}

/**
 * Blocks that begin on a page of memory, as a disk asks of what it fetches past the page cache, and that are
 * used again: on many machines memory that is touched for the first time costs more than what is done with it.
 * WebAssembly's memory is the one that Node aligns.
 */
class BlockPool {
  readonly #memory = new WebAssembly.Memory({
    initial: 0,
    maximum: (KEPT * BLOCK_BYTES) / WASM_PAGE,
    shared: true,
  });
  readonly #free: Block[] = [];
  readonly #kept = new WeakSet<Block>();
  #made = 0;

  take(): Block {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    // Without the alignment it is written through the page cache, which is all that it lacks.
    if (this.#made === KEPT) return new Uint8Array(new SharedArrayBuffer(BLOCK_BYTES));
    this.#memory.grow(BLOCK_BYTES / WASM_PAGE);
    // Each growth makes another buffer of the same memory.
    const block = new Uint8Array(this.#memory.buffer, this.#made++ * BLOCK_BYTES, BLOCK_BYTES);
    this.#kept.add(block);
    return block;
  }

  giveBack(block: Block): void {
    if (this.#kept.has(block)) this.#free.push(block);
  }
}

const pool = new BlockPool();

/** A block of `BLOCK_BYTES`, holding anything; it is the caller's until it is given back. */
export const takeBlock = (): Block => pool.take();

/** Ends the use of a block: nothing may read or write it any more. */
export const giveBackBlock = (block: Block): void => pool.giveBack(block);
