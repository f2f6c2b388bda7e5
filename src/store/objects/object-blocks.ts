/** A block that an upload is gathered in, in memory that other threads can read. */
export type Block = Uint8Array<SharedArrayBuffer>;

export const BLOCK_BYTES = 1024 * 1024;
/** So many in one piece are what a group of small objects is gathered in. */
const SLAB_BLOCKS = 4;
export const SLAB_BYTES = SLAB_BLOCKS * BLOCK_BYTES;

/** Slabs that are kept for the next uploads; more at once are made and forgotten. */
const KEPT = 8;

const WASM_PAGE = 64 * 1024;

/** As much of it as is used here: Node has it, its types leave it to those of browsers. */
declare namespace WebAssembly {
  export class Memory {
    constructor(descriptor: { initial: number; maximum: number; shared: true });
    readonly buffer: SharedArrayBuffer;
    grow(pages: number): number;
  }
}

/** Memory for some blocks, or for what needs it in one piece. */
type Slab = {
  readonly whole: Block;
  readonly blocks: readonly Block[];
  /** Which of its blocks nobody has, while it is in parts. */
  readonly free: Block[];
};

/**
 * Memory that begins on a page, as a disk asks of what it fetches past the page cache, and that is used again: on many
 * machines memory that is touched for the first time costs more than what is done with it. What groups were gathered
 * in takes the blocks of a large upload next, so that a service that has had both holds no more than either needs.
 * WebAssembly's memory is the one that Node aligns.
 */
class BlockPool {
  readonly #memory = new WebAssembly.Memory({
    initial: 0,
    maximum: (KEPT * SLAB_BYTES) / WASM_PAGE,
    shared: true,
  });
  readonly #free: Slab[] = [];
  /** Those of which some blocks are out and some are not. */
  readonly #parted = new Set<Slab>();
  readonly #slabs = new WeakMap<Block, Slab>();
  #made = 0;

  takeSlab(): Block {
    // Without the alignment it is written through the page cache, which is all that it lacks.
    return (this.#free.pop() ?? this.#make())?.whole ?? new Uint8Array(new SharedArrayBuffer(SLAB_BYTES));
  }

  giveBackSlab(whole: Block): void {
    const slab = this.#slabs.get(whole);
    if (slab !== undefined) this.#free.push(slab);
  }

  takeBlock(): Block {
    const [parted] = this.#parted;
    const slab = parted ?? this.#part();
    const block = slab?.free.pop();
    if (slab === null || block === undefined) return new Uint8Array(new SharedArrayBuffer(BLOCK_BYTES));
    if (slab.free.length === 0) this.#parted.delete(slab);
    return block;
  }

  giveBackBlock(block: Block): void {
    const slab = this.#slabs.get(block);
    if (slab === undefined) return;
    slab.free.push(block);
    this.#parted.add(slab);
    if (slab.free.length < slab.blocks.length) return;
    this.#parted.delete(slab);
    slab.free.length = 0;
    this.#free.push(slab);
  }

  /** A slab whose blocks are to be had; null where there is no more memory. */
  #part(): Slab | null {
    const slab = this.#free.pop() ?? this.#make();
    if (slab === null) return null;
    slab.free.push(...slab.blocks);
    this.#parted.add(slab);
    return slab;
  }

  #make(): Slab | null {
    if (this.#made === KEPT) return null;
    this.#memory.grow(SLAB_BYTES / WASM_PAGE);
    // Each growth makes another buffer of the same memory.
    const whole = new Uint8Array(this.#memory.buffer, this.#made++ * SLAB_BYTES, SLAB_BYTES);
    const blocks = Array.from({ length: SLAB_BLOCKS }, (_, i) =>
      whole.subarray(i * BLOCK_BYTES, (i + 1) * BLOCK_BYTES),
    );
    const slab = { whole, blocks, free: [] };
    for (const piece of [whole, ...slab.blocks]) this.#slabs.set(piece, slab);
    return slab;
  }
}

const pool = new BlockPool();

/** A block of `BLOCK_BYTES`, holding anything; it is the caller's until it is given back. */
export const takeBlock = (): Block => pool.takeBlock();

/** Ends the use of a block: nothing may read or write it any more. */
export const giveBackBlock = (block: Block): void => pool.giveBackBlock(block);

/** The same of `SLAB_BYTES` in one piece. */
export const takeSlab = (): Block => pool.takeSlab();

/** Ends the use of a slab: nothing may read or write it any more. */
export const giveBackSlab = (slab: Block): void => pool.giveBackSlab(slab);
