import type { Column } from '../../stats/column.ts';
import { changedPairs, type PairSums, pairSums, pairsOf, withoutPairs } from '../../stats/table/pair-sums.ts';
import { rank } from '../../stats/table/rank-correlation.ts';
import { sampledRows } from '../../stats/table/table-sample.ts';
import { alignSides } from '../../stats/verdict/align-sides.ts';
import type { TableEffect } from '../../stats/verdict/table-calibration.ts';
import { RELATED } from '../../stats/verdict/table-findings.ts';
import type { JudgedColumn } from '../configuration/judged-columns.ts';
import { largerBy, togetherOf } from './draw-window.ts';
import { type Draws, rowsAdded, wholePart } from './drawn-slices.ts';

const MEASURE = 'rank_correlations/largest-change@2';
/** Rows times pairs in all: some two seconds. */
const WORK = 500_000_000;
const FEWEST = 50;

/** How columns of numbers go together in drawn windows, each against what it is held against. */
export class DrawnRelations {
  readonly #numbers: { readonly name: string; readonly ranks: Float64Array }[] = [];
  /** Rows of a side that are looked at. */
  readonly #seen: number;

  /** `columns`: how many the table has. */
  constructor(columns: number) {
    this.#seen = sampledRows(columns);
  }

  /** Takes in a column of the rows that are drawn from; ranks are those of all of them. */
  add({ name, asCategory }: Pick<JudgedColumn, 'name' | 'asCategory'>, pooled: Column): void {
    const column = alignSides(pooled, pooled, asCategory).reference;
    if (column.kind !== 'number' || this.#numbers.length >= RELATED) return;
    this.#numbers.push({ name, ranks: rank(column, 1).ranks });
  }

  /** The effects of windows, of so many as are affordable. */
  effects({ parts, count, drawOf }: Draws): TableEffect[][] {
    const names = this.#numbers.map(({ name }) => name);
    if (names.length < 2) return [];
    const ranks = this.#numbers.map((one) => one.ranks);
    const affordable = Math.floor(WORK / (rowsAdded(drawOf(0)) * pairsOf(names.length)));
    const whole = pairSums(ranks, togetherOf(parts));
    const others = new Map<Int32Array, PairSums>();
    const allBut = (part: Int32Array): PairSums => {
      const known = others.get(part) ?? withoutPairs(whole, pairSums(ranks, part));
      others.set(part, known);
      return known;
    };
    return Array.from({ length: Math.min(count, Math.max(FEWEST, affordable)) }, (_, i) => {
      const drawn = wholePart(drawOf(i));
      const before = drawn.part === null ? pairSums(ranks, drawn.rest) : allBut(drawn.part);
      const larger = largerBy(drawn, this.#seen);
      return changedPairs(before, pairSums(ranks, drawn.taken), names.length).map(({ column, ratio }) => ({
        measure: MEASURE,
        column: names[column] ?? '',
        ratio: ratio * larger,
      }));
    });
  }
}
