/**
 * The compiled loops of `kernels/numbers`, in memory of their own. Without the compiled file, as in a source tree that was
 * not built, there are none, and the TypeScript that they are twins of does everything.
 */
import { existsSync, readFileSync } from 'node:fs';
import { type NumberLoops, PLAIN_LOOPS } from '../stats/summaries/number-loops.ts';
import type { PooledTwin, PooledVisitor } from '../stats/summaries/pooled-blocks.ts';

/** What the build makes of the files in `kernels/numbers`. */
type Exports = {
  readonly sort: (at: number, room: number, count: number) => void;
  readonly walk: (...given: number[]) => void;
  readonly normalScores: (at: number, rows: number) => void;
  readonly sums: WebAssembly.Global;
} & Readonly<Record<'DIFFERENCES' | 'DISTRIBUTION' | 'LOCATION' | 'SPREAD' | 'DISTANCE', WebAssembly.Global>>;

const PAGE = 65_536;
/** Below it the kernels have their tables. */
const ROOM = 2 ** 19;
/** Of more bytes the others take care. */
const MOST_BYTES = 2 ** 29;
/** As many are kept between calls: to have them cleared takes as long as a pass over them. */
const MOST_KEPT = 2 ** 26;
/** Fewer values are not worth their copy. */
const LEAST = 4_096;

/** By their names, what is asked for and what comes with it. */
const GROUPS: Readonly<Record<PooledTwin['name'], number>> = {
  ...{ differences: 1, distribution: 1 },
  ...{ location: 2, spread: 2 },
  distance: 4,
};
/** Those that are walked for together. */
const TOGETHER = [['differences', 'distribution'], ['location', 'spread'], ['distance']] as const;

class CompiledLoops implements NumberLoops {
  readonly #module: WebAssembly.Module;
  #memory: WebAssembly.Memory | null = null;
  #exports: Exports | null = null;
  /** Ranks whose scores stand at the beginning of the room. */
  #scored = 0;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  readonly sort = (values: Float64Array): Float64Array => {
    const { length } = values;
    const scores = this.#scoresBytes(this.#scored);
    const open = length < LEAST ? null : this.#open(scores + 16 * length);
    if (open === null) return PLAIN_LOOPS.sort(values);
    const at = ROOM + scores;
    const own = new Float64Array(open.memory.buffer, at, length);
    own.set(values);
    open.exports.sort(at, at + 8 * length, length);
    values.set(own);
    this.#close();
    return values;
  };

  readonly walk = (x: Float64Array, y: Float64Array, visitors: readonly PooledVisitor[]): void => {
    const twins = twinsOf(visitors);
    if (twins === null || x.length === 0 || y.length === 0 || x.length + y.length < LEAST) {
      PLAIN_LOOPS.walk(x, y, visitors);
      return;
    }
    const rows = x.length + y.length;
    const listed = twins.get('location')?.listed === true;
    const ranks = listed ? rows : this.#scored;
    const scores = this.#scoresBytes(ranks);
    const open = this.#open(scores + 8 * rows);
    if (open === null) {
      PLAIN_LOOPS.walk(x, y, visitors);
      return;
    }
    const { exports, memory } = open;
    if (listed && this.#scored !== rows) {
      exports.normalScores(ROOM, rows);
      this.#scored = rows;
    }
    const [xAt, yAt] = [ROOM + scores, ROOM + scores + 8 * x.length];
    new Float64Array(memory.buffer, xAt, x.length).set(x);
    new Float64Array(memory.buffer, yAt, y.length).set(y);
    let asked = 0;
    for (const name of twins.keys()) asked |= GROUPS[name];
    exports.walk(xAt, x.length, yAt, y.length, ROOM, listed ? (rows + 1) >> 1 : 0, asked);
    for (const twin of twins.values()) takeSums(twin, open);
    this.#close();
  };

  #scoresBytes(ranks: number): number {
    return 8 * ((ranks + 1) >> 1);
  }

  /** With room for so many bytes; null where they are too many. */
  #open(bytes: number): Open | null {
    if (bytes > MOST_BYTES) return null;
    const pages = Math.ceil((ROOM + bytes) / PAGE);
    if (this.#memory === null || this.#exports === null) {
      this.#memory = new WebAssembly.Memory({ initial: pages, maximum: Math.ceil((ROOM + MOST_BYTES) / PAGE) });
      const imports = { env: { memory: this.#memory, log: Math.log } };
      this.#exports = new WebAssembly.Instance(this.#module, imports).exports as unknown as Exports;
    } else {
      const more = pages - this.#memory.buffer.byteLength / PAGE;
      if (more > 0) this.#memory.grow(more);
    }
    return { memory: this.#memory, exports: this.#exports };
  }

  #close(): void {
    if (this.#memory === null || this.#memory.buffer.byteLength <= MOST_KEPT) return;
    [this.#memory, this.#exports, this.#scored] = [null, null, 0];
  }
}

type Open = { readonly memory: WebAssembly.Memory; readonly exports: Exports };

/** The twins of all of them, by name; null where one has none, or lacks those that it is walked for with. */
function twinsOf(visitors: readonly PooledVisitor[]): ReadonlyMap<PooledTwin['name'], PooledTwin> | null {
  const twins = new Map<PooledTwin['name'], PooledTwin>();
  for (const { twin } of visitors) if (twin !== undefined) twins.set(twin.name, twin);
  const complete = TOGETHER.every((names) => {
    const some = names.filter((name) => twins.has(name));
    return some.length === 0 || some.length === names.length;
  });
  return complete && twins.size === visitors.length ? twins : null;
}

const PLACES = {
  differences: 'DIFFERENCES',
  distribution: 'DISTRIBUTION',
  location: 'LOCATION',
  spread: 'SPREAD',
  distance: 'DISTANCE',
} as const;

function takeSums({ name, sums }: PooledTwin, { memory, exports }: Open): void {
  const at = Number(exports.sums.value) + Number(exports[PLACES[name]].value);
  sums.set(new Float64Array(memory.buffer, at, sums.length));
}

let loops: NumberLoops | null = null;

/** The loops of this thread: compiled ones where they were built. */
export function numberLoops(): NumberLoops {
  loops ??= compiledLoops() ?? PLAIN_LOOPS;
  return loops;
}

/** The file lies beside this one where that is built, and in the build where it is run from its source. */
function compiledLoops(): NumberLoops | null {
  for (const place of ['kernels/numbers.wasm', '../../dist/src/compute/kernels/numbers.wasm']) {
    const file = new URL(place, import.meta.url);
    if (existsSync(file)) return new CompiledLoops(new WebAssembly.Module(readFileSync(file)));
  }
  return null;
}
