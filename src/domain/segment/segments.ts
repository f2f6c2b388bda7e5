import { numberLoops } from '../../compute/number-loops.ts';
import { selectRows } from '../../formats/columns/select-rows.ts';
import type { CategoryColumn, Column } from '../../stats/column.ts';
import type { JudgeColumn, Judgement, JudgePolicy } from '../../stats/verdict/judgement.ts';
import { WholeTable } from '../../stats/verdict/whole-table.ts';
import { type SegmentSides, segmentValues } from './segment-values.ts';

export type SegmentComparison = {
  /** The value that its rows have; null for rows without one. */
  readonly value: string | null;
  readonly rows: { readonly reference: number; readonly current: number };
  readonly judgement: Judgement;
};

/** Segments that are not judged: their number, some of their values, the most frequent first, and all of their rows. */
export type SegmentsLeftOut = {
  readonly values: number;
  readonly examples: readonly (string | null)[];
  readonly rows: { readonly reference: number; readonly current: number };
};

/** A segment whose columns come one by one. */
export type SegmentJudging = {
  readonly add: (column: JudgeColumn) => void;
  readonly finish: () => SegmentComparison;
};

export type Segments = { readonly judged: readonly SegmentJudging[]; readonly leftOut: SegmentsLeftOut };

/** Segments that are judged: those with the most rows. */
const MOST_SEGMENTS = 50;
const EXAMPLES = 5;

type Rows = { readonly reference: Int32Array; readonly current: Int32Array };
type Value = string | null;

/**
 * The segments that the values of a column make, those with the most rows first, at most `most` (fifty when absent). Each is judged on its rows
 * alone by the bins of the whole reference, whole rows included, with an equal share of alpha: together they alarm no more
 * often than one table would. The groups of rows that carry the drift are looked for in the whole table only.
 */
export function segmentsOf(
  sides: SegmentSides,
  given: { readonly policy: JudgePolicy; readonly columns: number; readonly most?: number },
): Segments {
  const { policy, columns, most = MOST_SEGMENTS } = given;
  const found = segmentValues(sides, most);
  const [reference, current] = [rowsByValue(found.reference), rowsByValue(found.current)];
  const countOf = (value: Value) => ({
    reference: reference.get(value)?.length ?? 0,
    current: current.get(value)?.length ?? 0,
  });
  const sizeOf = (value: Value): number => countOf(value).reference + countOf(value).current;
  const bySize = [...new Set([...reference.keys(), ...current.keys()])].sort(
    (a, b) => sizeOf(b) - sizeOf(a) || ((a ?? '') < (b ?? '') ? -1 : 1),
  );
  const values = inOrder(bySize.slice(0, most), found.order);
  const left = bySize.slice(most);
  const share: JudgePolicy = { ...policy, alpha: policy.alpha / Math.max(1, values.length), slices: false };
  const judged = values.map((value) => {
    const rows: Rows = {
      reference: Int32Array.from(reference.get(value) ?? []),
      current: Int32Array.from(current.get(value) ?? []),
    };
    // What is kept of whole rows is kept of every segment at once.
    const table = new WholeTable(share, columns * values.length, numberLoops());
    return {
      add: (column: JudgeColumn) => table.add(within(column, rows)),
      finish: () => ({ value, rows: countOf(value), judgement: table.conclude() }),
    };
  });
  const sum = (side: 'reference' | 'current'): number => left.reduce((all, value) => all + countOf(value)[side], 0);
  return {
    judged,
    leftOut: {
      values: left.length,
      examples: left.slice(0, EXAMPLES),
      rows: { reference: sum('reference'), current: sum('current') },
    },
  };
}

/** Rows without a value come last in an order of values. */
function inOrder(values: readonly Value[], order: readonly string[] | null): readonly Value[] {
  if (order === null) return values;
  const place = new Map(order.map((value, i): [Value, number] => [value, i]));
  return values.toSorted((a, b) => (place.get(a) ?? order.length) - (place.get(b) ?? order.length));
}

function within(column: JudgeColumn, rows: Rows): JudgeColumn {
  const take = (side: Column | null, positions: Int32Array): Column | null =>
    side === null ? null : (selectRows({ rows: side.length, columns: [side] }, positions).columns[0] ?? null);
  return {
    ...column,
    reference: take(column.reference, rows.reference),
    window: take(column.window, rows.current),
  };
}

/** Positions of the rows by the value they have. */
function rowsByValue(texts: CategoryColumn): Map<Value, number[]> {
  const rows = new Map<Value, number[]>();
  for (let i = 0; i < texts.length; i++) {
    const value = texts.dictionary[texts.codes[i] ?? -1] ?? null;
    const known = rows.get(value);
    if (known === undefined) rows.set(value, [i]);
    else known.push(i);
  }
  return rows;
}
