/** The compiled loops of `kernels/numbers/profile.ts`, in memory of their own. */
import type { NumberColumn } from '../stats/column.ts';
import type { FiniteNumbers } from '../stats/summaries/finite-numbers.ts';
import type { HyperLogLog } from '../stats/summaries/hyperloglog.ts';
import { type MomentSums, momentsFrom } from '../stats/summaries/moments.ts';
import { PLAIN_PROFILE_LOOPS, type ProfileLoops } from '../stats/summaries/profile-loops.ts';
import { numberModule } from './number-module.ts';

type Kernels = {
  readonly takeFinite: (at: number, count: number, valid: number, out: number) => number;
  readonly powers: (at: number, count: number, mean: number) => void;
  readonly hashNumbers: (registers: number, at: number, count: number) => void;
  readonly found: WebAssembly.Global;
};

/** Fewer values are not worth their copy; of more than a batch has, others take care. */
const LEAST = 512;
const MOST = 2 ** 17;

const PAGE = 65_536;
/** Below it the kernels have their tables; behind it are the registers, then what is taken, the values, and their mask. */
const REGISTERS = 2 ** 19;
const TAKEN = REGISTERS + 2 ** 14;
/** Bytes a row, with the bit of its mask. */
const bytesOf = (rows: number): number => 16 * rows + Math.ceil(rows / 8);

class CompiledProfileLoops implements ProfileLoops {
  readonly #memory = new WebAssembly.Memory({ initial: (TAKEN + PAGE - 2 ** 14) / PAGE });
  readonly #kernels: Kernels;
  readonly #foundAt: number;
  #rows = 0;
  #taken = new Float64Array(0);
  #values = new Float64Array(0);
  #mask = new Uint8Array(0);
  #registers = new Uint8Array(0);
  #found = new Float64Array(0);

  constructor(module: WebAssembly.Module) {
    const imports = { env: { memory: this.#memory, log: Math.log } };
    // The build makes the file from the sources that the type names.
    this.#kernels = new WebAssembly.Instance(module, imports).exports as unknown as Kernels;
    this.#foundAt = Number(this.#kernels.found.value);
  }

  readonly room = (length: number): Float64Array => {
    if (length < LEAST || length > MOST) return PLAIN_PROFILE_LOOPS.room(length);
    if (length > this.#rows) this.#grow(length);
    return this.#taken;
  };

  readonly take = (column: NumberColumn, out: Float64Array): FiniteNumbers => {
    const { values, valid, length } = column;
    if (out !== this.#taken || length > this.#rows) return PLAIN_PROFILE_LOOPS.take(column, out);
    this.#values.set(length === values.length ? values : values.subarray(0, length));
    if (valid !== null) this.#mask.set(valid.subarray(0, Math.ceil(length / 8)));
    const mask = valid === null ? 0 : this.#mask.byteOffset;
    const n = this.#kernels.takeFinite(this.#values.byteOffset, length, mask, out.byteOffset);
    const found = this.#found;
    return {
      n,
      nan: found[0]!,
      nulls: found[1]!,
      positiveInfinity: found[2]!,
      negativeInfinity: found[3]!,
      zeros: found[4]!,
      negatives: found[5]!,
      min: found[6]!,
      max: found[7]!,
      sum: found[8]!,
    };
  };

  readonly moments = (values: Float64Array, n: number, sum: number): MomentSums => {
    if (values !== this.#taken || n === 0) return PLAIN_PROFILE_LOOPS.moments(values, n, sum);
    const mean = sum / n;
    this.#kernels.powers(values.byteOffset, n, mean);
    const found = this.#found;
    return momentsFrom(mean, n, { s1: found[0]!, m2: found[1]!, m3: found[2]!, m4: found[3]! });
  };

  readonly hash = (registers: HyperLogLog, values: Float64Array, limit = Number.POSITIVE_INFINITY): void => {
    const { length, buffer, byteOffset } = values;
    if (length < LEAST || limit !== Number.POSITIVE_INFINITY || buffer !== this.#taken.buffer) {
      PLAIN_PROFILE_LOOPS.hash(registers, values, limit);
      return;
    }
    this.#registers.set(registers);
    this.#kernels.hashNumbers(this.#registers.byteOffset, byteOffset, length);
    registers.set(this.#registers);
  };

  #grow(rows: number): void {
    // A multiple of eight, so that what follows is aligned.
    this.#rows = Math.ceil(rows / 8) * 8;
    const { buffer: before } = this.#memory;
    this.#memory.grow(Math.ceil(Math.max(0, TAKEN + bytesOf(this.#rows) - before.byteLength) / PAGE));
    const { buffer } = this.#memory;
    const values = TAKEN + 8 * this.#rows;
    this.#taken = new Float64Array(buffer, TAKEN, this.#rows);
    this.#values = new Float64Array(buffer, values, this.#rows);
    this.#mask = new Uint8Array(buffer, values + 8 * this.#rows, this.#rows / 8);
    this.#registers = new Uint8Array(buffer, REGISTERS, TAKEN - REGISTERS);
    this.#found = new Float64Array(buffer, this.#foundAt, 9);
  }
}

let loops: ProfileLoops | null = null;

/** The loops of this thread: compiled ones where they were built. */
export function profileLoops(): ProfileLoops {
  loops ??= compiledLoops() ?? PLAIN_PROFILE_LOOPS;
  return loops;
}

function compiledLoops(): ProfileLoops | null {
  const module = numberModule();
  return module && new CompiledProfileLoops(module);
}
