import type { CategoryColumn, Column } from '../column.ts';
import { codedBy, type Looked, mostOf, oftenIn, ranksIn, sortedOf } from './slice-shift.ts';
import { movedOf, type Sums, sumsOf, totalsOf, usualLargest, without } from './slice-sums.ts';

/** How far the slice of a column of numbers that moved most did so, in what the largest of its slices rarely exceeds. */
export type SliceEffect = { readonly column: string; readonly ratio: number };

/** By column of numbers and text column. */
export type DrawnSums = readonly (readonly Sums[])[];

type Slicing = { readonly values: number; readonly codes: Int32Array };

/**
 * The slices of rows that windows are drawn from, as `sliceShifts` finds them in two tables: ranks and slices are those of
 * all of these rows, so that a draw costs no more than to add up its own.
 */
export class SliceDraws {
  readonly #most: Looked;
  readonly #numbers: { readonly name: string; readonly ranks: Float64Array }[] = [];
  readonly #texts: Slicing[] = [];

  constructor(most: Looked) {
    this.#most = most;
  }

  /** Takes in a column, in the order of the table; what is beyond what is looked at is left out. */
  add(name: string, column: Column): void {
    if (column.kind === 'number') {
      if (this.#numbers.length >= this.#most.numbers) return;
      this.#numbers.push({ name, ranks: ranksIn(sortedOf(column), column) });
    } else if (column.kind === 'category' && this.#texts.length < this.#most.texts) {
      const slicing = slicingOf(column);
      if (slicing !== null) this.#texts.push(slicing);
    }
  }

  /** Columns in pairs: what a drawn row takes is so many additions. */
  get pairs(): number {
    return this.#numbers.length * this.#texts.length;
  }

  sums(rows: Int32Array): DrawnSums {
    return this.#numbers.map(({ ranks }) => {
      const totals = totalsOf(ranks, rows);
      return this.#texts.map(({ codes, values }) => sumsOf(ranks, codes, { values, totals, rows }));
    });
  }

  /** What is left of sums without those of some of their rows. */
  without(all: DrawnSums, some: DrawnSums): DrawnSums {
    return all.map((byText, i) => byText.map((sums, k) => without(sums, some[i]![k]!)));
  }

  /** What a drawn window shows of each column of numbers, by text column. */
  moved(before: DrawnSums, after: DrawnSums): DrawnWindow {
    return this.#numbers.map((_, i) =>
      this.#texts.map(({ values }, k) => foundIn(before[i]![k]!, after[i]![k]!, values)),
    );
  }

  /**
   * The effects of drawn windows, as they were if each side had the rows that it will be judged by; of a column without a slice
   * in both sides there is none. Where rows hang together, `t` is larger than chance makes it, and the more so the more rows
   * there are: by as much as its square is above 1 in the mean of all windows, at the end of the one-sigma interval of that.
   * @param parts how many of the windows are not others drawn again
   * @param times how many times smaller the squared error of a judged window is than that of each drawn one
   */
  effects(windows: readonly DrawnWindow[], parts: number, times: readonly number[]): SliceEffect[][] {
    const beyond = this.#numbers.map((_, i) =>
      this.#texts.map((__, k) =>
        beyondChance(
          windows.map((w) => w[i]![k]!),
          parts,
        ),
      ),
    );
    return windows.map((window, w) =>
      this.#numbers.flatMap(({ name }, i) => {
        const cells = window[i]!.reduce((sum, found) => sum + found.cells, 0);
        if (cells === 0) return [];
        const larger = (k: number): number => Math.sqrt((1 + beyond[i]![k]! * times[w]!) / (1 + beyond[i]![k]!));
        const worst = Math.max(...window[i]!.map(({ most }, k) => most * larger(k)));
        return [{ column: name, ratio: worst / usualLargest(cells) }];
      }),
    );
  }
}

/** Of one column of numbers and one of texts: how many slices there are, the largest of their `t`, and all of their squares. */
type Found = { readonly cells: number; readonly most: number; readonly squares: number };

/** By column of numbers and text column. */
export type DrawnWindow = readonly (readonly Found[])[];

function foundIn(before: Sums, after: Sums, values: number): Found {
  let [cells, most, squares] = [0, 0, 0];
  for (let code = 0; code < values; code++) {
    const found = movedOf(before, after, code);
    if (found === null) continue;
    cells++;
    most = Math.max(most, found.t);
    squares += found.t ** 2;
  }
  return { cells, most, squares };
}

/** The mean square of `t` is 1 by chance, with the error of a chi-square of so many degrees. */
function beyondChance(found: readonly Found[], parts: number): number {
  const cells = found.reduce((sum, one) => sum + one.cells, 0);
  if (cells === 0) return 0;
  const mean = found.reduce((sum, one) => sum + one.squares, 0) / cells;
  const degrees = Math.max(1, cells * Math.min(1, parts / found.length));
  return Math.max(0, mean * (1 + Math.sqrt(2 / degrees)) - 1);
}

function slicingOf(column: CategoryColumn): Slicing | null {
  const often = oftenIn(column);
  const values = mostOf([...often.keys()], (text) => (often.get(text) ?? 0) / column.length);
  if (values.length === 0) return null;
  return { values: values.length, codes: codedBy(column, new Map(values.map((text, code) => [text, code]))) };
}
