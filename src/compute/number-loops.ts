/**
 * The compiled loops of `kernels/numbers`, in memory of their own. Without the compiled file, as in a source tree that was
 * not built, there are none, and the TypeScript that they are twins of does everything.
 */
import type { NumberColumn } from '../stats/column.ts';
import { type NumberLoops, PLAIN_LOOPS } from '../stats/summaries/number-loops.ts';
import type { PooledTwin, PooledVisitor } from '../stats/summaries/pooled-blocks.ts';
import type { TakenNumbers } from '../stats/summaries/taken-numbers.ts';
import { numberModule } from './number-module.ts';
import { NumberRoom } from './number-room.ts';

/** Fewer values are not worth their copy. */
const LEAST = 4_096;

/** What the kernel is asked for. Those that have the same bit are walked for together. */
const ASKED: Readonly<Record<PooledTwin['name'], number>> = {
  differences: 1,
  distribution: 1,
  location: 2,
  spread: 2,
  distance: 4,
};

const PLACES = {
  differences: 'DIFFERENCES',
  distribution: 'DISTRIBUTION',
  location: 'LOCATION',
  spread: 'SPREAD',
  distance: 'DISTANCE',
} as const;

class CompiledLoops implements NumberLoops {
  readonly lasting = false;
  readonly #room: NumberRoom;

  constructor(room: NumberRoom) {
    this.#room = room;
  }

  readonly take = (column: NumberColumn): TakenNumbers => {
    const { values, valid, length } = column;
    const room = this.#room;
    const bytes = 8 * length;
    // The mask lies behind the values as long as it is looked at.
    const at = length < LEAST ? null : room.free(2 * bytes, length);
    if (at === null) return PLAIN_LOOPS.take(column);
    const numbers = room.doubles(at, length);
    numbers.set(values.subarray(0, length));
    if (valid !== null) room.bytes(at + bytes, valid);
    const { take, present } = room.kernels;
    const n = take(at, length, valid === null ? 0 : at + bytes);
    room.keep(bytes);
    return { numbers: numbers.subarray(0, n), nulls: length - Number(present.value) };
  };

  readonly sort = (values: Float64Array): Float64Array => {
    const { length } = values;
    const free = length < LEAST ? null : this.#room.free(16 * length, length);
    if (free === null) return PLAIN_LOOPS.sort(values);
    const at = this.#room.place(values, free + 8 * length);
    this.#room.kernels.sort(at, free, length);
    // A copy has its place behind what is free.
    if (at > free) values.set(this.#room.doubles(at, length));
    return values;
  };

  readonly walk = (x: Float64Array, y: Float64Array, visitors: readonly PooledVisitor[]): void => {
    const twins = twinsOf(visitors);
    const rows = x.length + y.length;
    if (twins === null || x.length === 0 || y.length === 0 || rows < LEAST || !this.#walk(x, y, twins)) {
      PLAIN_LOOPS.walk(x, y, visitors);
    }
  };

  readonly release = (): void => this.#room.release();

  /** False where there is no room for it. */
  #walk(x: Float64Array, y: Float64Array, twins: Twins): boolean {
    const room = this.#room;
    const rows = x.length + y.length;
    const free = room.free(8 * rows, Math.max(x.length, y.length));
    const listed = twins.get('location')?.listed === true;
    const scores = listed ? room.scores(rows) : 0;
    if (free === null || scores === null) return false;
    const [xAt, yAt] = [room.place(x, free), room.place(y, free + 8 * x.length)];
    let asked = 0;
    for (const name of twins.keys()) asked |= ASKED[name];
    const { kernels } = room;
    kernels.walk(xAt, x.length, yAt, y.length, scores, listed ? (rows + 1) >> 1 : 0, asked);
    for (const { name, sums } of twins.values()) {
      const at = Number(kernels.sums.value) + Number(kernels[PLACES[name]].value);
      sums.set(room.doubles(at, sums.length));
    }
    return true;
  }
}

type Twins = ReadonlyMap<PooledTwin['name'], PooledTwin>;

/** The twins of all of them, by name; null where one has none, or lacks those that it is walked for with. */
function twinsOf(visitors: readonly PooledVisitor[]): Twins | null {
  const twins = new Map<PooledTwin['name'], PooledTwin>();
  for (const { twin } of visitors) if (twin !== undefined) twins.set(twin.name, twin);
  const together = (a: PooledTwin['name'], b: PooledTwin['name']): boolean => twins.has(a) === twins.has(b);
  const complete = together('differences', 'distribution') && together('location', 'spread');
  return complete && twins.size === visitors.length ? twins : null;
}

let loops: NumberLoops | null = null;

/** The loops of this thread: compiled ones where they were built. */
export function numberLoops(): NumberLoops {
  loops ??= compiledLoops() ?? PLAIN_LOOPS;
  return loops;
}

/** The same, but what they took of a column stays: for one that is compared with many others, and is taken and sorted once. */
export function lastingNumberLoops(): NumberLoops {
  const { sort, walk } = numberLoops();
  return { ...PLAIN_LOOPS, sort, walk };
}

function compiledLoops(): NumberLoops | null {
  const module = numberModule();
  return module && new CompiledLoops(new NumberRoom(module));
}
