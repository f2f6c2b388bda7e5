import type { CategoryColumn, Column } from '../../stats/column.ts';

/** How many arrays are kept, one for each side, and of how many values. */
const SIDES = 2;
const MOST_KEPT = 2 ** 21;

/** Arrays of columns that nobody looks at: to have new ones cleared takes longer than to fill them. */
export class SpareValues {
  readonly #spare: Float64Array<ArrayBuffer>[] = [];

  /** An array of at least so many values, of which nobody knows what is in it. */
  readonly roomFor = (length: number): Float64Array<ArrayBuffer> => {
    const at = this.#spare.findIndex((room) => room.length >= length);
    return this.#spare.splice(at, at < 0 ? 0 : 1)[0] ?? new Float64Array(length);
  };

  /** Says that nobody looks any more at a column, or at any other whose values lie in the same array. */
  release(column: Column): void {
    if (column.kind !== 'category') this.#take(column.values.buffer);
  }

  /** The same of codes that were read to such an array. */
  releaseCodes({ codes }: CategoryColumn): void {
    this.#take(codes.buffer);
  }

  #take(buffer: ArrayBufferLike): void {
    if (!(buffer instanceof ArrayBuffer)) return;
    const room = new Float64Array(buffer, 0, Math.floor(buffer.byteLength / 8));
    if (room.length > MOST_KEPT) return;
    if (this.#spare.length === SIDES) this.#spare.shift();
    this.#spare.push(room);
  }
}

/** Those of this thread. */
export const spareValues = new SpareValues();
