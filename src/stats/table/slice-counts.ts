import type { SliceColumn } from './slice-columns.ts';

/** Rows of both sides by the bins of every target. */
export class SliceCounts {
  readonly #targets: readonly SliceColumn[];
  readonly #starts: readonly number[];
  /** Reference and window in turns, bin by bin, target by target. */
  readonly #cells: Int32Array;
  n = 0;
  m = 0;

  private constructor(targets: readonly SliceColumn[], starts: readonly number[], cells: Int32Array) {
    this.#targets = targets;
    this.#starts = starts;
    this.#cells = cells;
  }

  static empty(targets: readonly SliceColumn[]): SliceCounts {
    const starts: number[] = [];
    let cells = 0;
    for (const { bins } of targets) {
      starts.push(cells);
      cells += 2 * bins;
    }
    return new SliceCounts(targets, starts, new Int32Array(cells));
  }

  static sumOf(parts: readonly SliceCounts[]): SliceCounts {
    const [first] = parts;
    if (first === undefined) throw new RangeError('no counts to sum');
    return parts.slice(1).reduce((all, part) => all.#plus(part, 1), first);
  }

  add(row: number, side: 0 | 1): void {
    if (side === 0) this.n++;
    else this.m++;
    for (let t = 0; t < this.#targets.length; t++)
      this.#cells[this.#starts[t]! + 2 * this.#targets[t]!.codes[row]! + side]!++;
  }

  without(part: SliceCounts): SliceCounts {
    return this.#plus(part, -1);
  }

  #plus(part: SliceCounts, sign: 1 | -1): SliceCounts {
    const cells = this.#cells.map((count, i) => count + sign * part.#cells[i]!);
    const total = new SliceCounts(this.#targets, this.#starts, cells);
    total.n = this.n + sign * part.n;
    total.m = this.m + sign * part.m;
    return total;
  }

  /** How many bins of a target have rows. */
  filled(target: number): number {
    let filled = 0;
    for (const { r, w } of this.#bins(target)) if (r + w > 0) filled++;
    return filled;
  }

  /**
   * How much a row more of the reference, and one of the window, adds to Σ (p - q)² / h of a target, by its bin and but for a
   * constant, in parts of a side: with g = (p - q) / h and α the reference's part of all rows, 2 g - α g² and
   * -2 g - (1 - α) g².
   */
  pulls(target: number): readonly [Float64Array, Float64Array] {
    const { n, m } = this;
    const part = n / (n + m);
    const found = Array.from(this.#bins(target), ({ r, w }) => {
      const g = r + w === 0 ? 0 : ((r / n - w / m) * (n + m)) / (r + w);
      return [2 * g - part * g * g, -2 * g - (1 - part) * g * g] as const;
    });
    return [
      Float64Array.from(found, ([ofReference]) => ofReference),
      Float64Array.from(found, ([, ofWindow]) => ofWindow),
    ];
  }

  /** What the rows of a side pull of a target together, of so much a bin. */
  pulled(target: number, side: 0 | 1, pulls: Float64Array): number {
    const from = this.#starts[target]! + side;
    return pulls.reduce((sum, pull, bin) => sum + pull * this.#cells[from + 2 * bin]!, 0);
  }

  *#bins(target: number): Generator<{ readonly r: number; readonly w: number }> {
    const from = this.#starts[target]!;
    for (let i = from; i < from + 2 * this.#targets[target]!.bins; i += 2) {
      yield { r: this.#cells[i]!, w: this.#cells[i + 1]! };
    }
  }

  /**
   * Σ (p - q)² / h of a target, less its mean under no drift; 0 where a side is empty, and where X² does not exceed
   * its mean by that many of its standard deviations.
   */
  drift(target: number, deviations = 0): number {
    const { n, m } = this;
    if (n === 0 || m === 0) return 0;
    let statistic = 0;
    let filled = 0;
    const from = this.#starts[target]!;
    for (let i = from; i < from + 2 * this.#targets[target]!.bins; i += 2) {
      const r = this.#cells[i]!;
      const w = this.#cells[i + 1]!;
      if (r + w === 0) continue;
      filled++;
      statistic += (n * m * (r / n - w / m) ** 2) / (r + w);
    }
    const df = filled - 1;
    return statistic - df > deviations * Math.sqrt(2 * df) ? (statistic - df) * (1 / n + 1 / m) : 0;
  }
}
