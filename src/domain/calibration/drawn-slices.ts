import type { Column } from '../../stats/column.ts';
import { type DrawnSums, SliceDraws } from '../../stats/table/slice-draws.ts';
import { sampledRows } from '../../stats/table/table-sample.ts';
import { alignSides } from '../../stats/verdict/align-sides.ts';
import type { TableEffect } from '../../stats/verdict/table-calibration.ts';
import { SLICED } from '../../stats/verdict/table-findings.ts';
import type { JudgedColumn } from '../configuration/judged-columns.ts';
import { type Drawn, largerBy, togetherOf } from './draw-window.ts';

const MEASURE = 'slice_shift/mean-rank@2';
/** Ranks added up in all: some five seconds. */
const WORK = 2_000_000_000;
const FEWEST = 50;

export type Draws = {
  /** Of which windows are drawn. */
  readonly parts: readonly Int32Array[];
  /** How many windows are not others drawn again. */
  readonly independent: number;
  readonly count: number;
  readonly drawOf: (i: number) => Drawn;
};

/** What slices of drawn windows show, each against what it is held against. */
export class DrawnSlices {
  readonly #draws = new SliceDraws(SLICED);
  /** Rows of a side that are looked at. */
  readonly #seen: number;

  /** `columns`: how many the table has. */
  constructor(columns: number) {
    this.#seen = sampledRows(columns);
  }

  /** Takes in a column of the rows that are drawn from. */
  add({ name, asCategory }: Pick<JudgedColumn, 'name' | 'asCategory'>, pooled: Column): void {
    this.#draws.add(name, alignSides(pooled, pooled, asCategory).reference);
  }

  /** The effects of windows, of so many as are affordable. */
  effects({ parts, independent, count, drawOf }: Draws): TableEffect[][] {
    const draws = this.#draws;
    if (draws.pairs === 0) return [];
    const affordable = Math.floor(WORK / (rowsAdded(drawOf(0)) * draws.pairs));
    // To take a part away is cheaper than to add up all others.
    const whole = draws.sums(togetherOf(parts));
    const others = new Map<Int32Array, DrawnSums>();
    const allBut = (part: Int32Array): DrawnSums => {
      const known = others.get(part) ?? draws.without(whole, draws.sums(part));
      others.set(part, known);
      return known;
    };
    const drawn = Array.from({ length: Math.min(count, Math.max(FEWEST, affordable)) }, (_, i) => wholePart(drawOf(i)));
    const moved = drawn.map(({ part, rest, taken }) =>
      draws.moved(part === null ? draws.sums(rest) : allBut(part), draws.sums(taken)),
    );
    const times = drawn.map((one) => largerBy(one, this.#seen) ** 2);
    return draws
      .effects(moved, independent, times)
      .map((effects) => effects.map((effect) => ({ measure: MEASURE, ...effect })));
  }
}

/** What a window is held against is added up for it alone, unless it is all parts but its own. */
export const rowsAdded = ({ part, taken, rest }: Drawn): number =>
  Math.max(1, taken.length + (part === null ? rest.length : 0));

/** Rows that are drawn again and again would tell less of chance than they seem to: a part that has fewer is taken as it is. */
export const wholePart = (drawn: Drawn): Drawn =>
  drawn.part !== null && drawn.part.length < drawn.taken.length ? { ...drawn, taken: drawn.part } : drawn;
