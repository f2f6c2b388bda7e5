/**
 * The paths that `RecordScanner` knows, laid out for its compiled twin: nodes, and pieces of bytes that lead from one
 * to the next or end a record. They are added one by one as they are learned, as long as there is room; what has
 * none, the twin does not know, and leaves to the scanner.
 */

/** Bytes for nodes and pieces. */
export const SHAPE_BYTES = 2 ** 19;

/** A node: its first edge, and the piece that ends a record here; 0 for none. */
const FIRST = 0;
const TAIL = 4;
const NODE_BYTES = 8;
/** A piece: the edge beside it, the node that it leads to, its slot, its length, which bytes of its last word count. */
const BESIDE = 0;
const NEXT = 4;
const SLOT = 8;
const LENGTH = 12;
const MASK = 16;
const BYTES = 24;

export class KernelShape {
  /** Where the node lies that all records begin at. */
  readonly root: number;
  /** The kernels' memory, by address, up to the end of the room. */
  readonly #bytes: Uint8Array;
  readonly #words: Int32Array;
  #next: number;

  /** In empty room at the given address, a multiple of 8. */
  constructor(memory: ArrayBuffer, at: number) {
    this.#bytes = new Uint8Array(memory, 0, at + SHAPE_BYTES);
    this.#words = new Int32Array(memory, 0, (at + SHAPE_BYTES) >> 2);
    this.root = at;
    this.#next = at + NODE_BYTES;
  }

  /** Forgets all paths. */
  clear(): void {
    this.#bytes.fill(0, this.root, this.#next);
    this.#next = this.root + NODE_BYTES;
  }

  /** Adds an edge behind those that a node has; returns where the node lies that it leads to. 0 is a node unknown here. */
  addEdge(node: number, lead: Uint8Array, slot: number): number {
    if (node === 0) return 0;
    const piece = this.#piece(lead, NODE_BYTES);
    if (piece === 0) return 0;
    const next = this.#next;
    this.#next += NODE_BYTES;
    this.#words[(piece + NEXT) >> 2] = next;
    this.#words[(piece + SLOT) >> 2] = slot;
    let link = node + FIRST;
    while (this.#words[link >> 2] !== 0) link = this.#words[link >> 2]! + BESIDE;
    this.#words[link >> 2] = piece;
    return next;
  }

  /** Says that a record may end behind a node with these bytes. */
  setTail(node: number, tail: Uint8Array): void {
    if (node !== 0) this.#words[(node + TAIL) >> 2] = this.#piece(tail, 0);
  }

  /** Returns where the piece lies, or 0 when it and so many bytes more have no room. */
  #piece(bytes: Uint8Array, more: number): number {
    const at = this.#next;
    const size = BYTES + ((bytes.length + 7) & ~7);
    if (at + size + more > this.#bytes.length) return 0;
    this.#next += size;
    this.#words[(at + LENGTH) >> 2] = bytes.length;
    this.#bytes.fill(0xff, at + MASK, at + MASK + ((bytes.length - 1) & 7) + 1);
    this.#bytes.set(bytes, at + BYTES);
    return at;
  }
}
