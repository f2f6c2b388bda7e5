import type { Column } from '../../stats/column.ts';

/** Arrays of this thread that nobody looks at: to have new ones cleared takes longer than to fill them. */
const spare: Float64Array<ArrayBuffer>[] = [];
/** How many are kept, one for each side, and of how many values. */
const SIDES = 2;
const MOST_KEPT = 2 ** 21;

/** An array of at least so many values, of which nobody knows what is in it. */
export function roomFor(length: number): Float64Array<ArrayBuffer> {
  const at = spare.findIndex((room) => room.length >= length);
  return spare.splice(at, at < 0 ? 0 : 1)[0] ?? new Float64Array(length);
}

/** Says that nobody looks any more at a column, or at any other whose values lie in the same array. */
export function releaseValues(column: Column): void {
  if (column.kind === 'category' || !(column.values.buffer instanceof ArrayBuffer)) return;
  const room = new Float64Array(column.values.buffer);
  if (room.length > MOST_KEPT) return;
  if (spare.length === SIDES) spare.shift();
  spare.push(room);
}
