import { concatenate } from '../../formats/columns/concatenate-columns.ts';
import { selectRows } from '../../formats/columns/select-rows.ts';
import type { CategoryColumn, Column } from '../../stats/column.ts';
import type { JudgeColumn, Judgement, JudgePolicy } from '../../stats/verdict/judgement.ts';
import { asCategories } from '../../stats/verdict/samples.ts';
import { WholeTable } from '../../stats/verdict/whole-table.ts';

export type SegmentComparison = {
  /** The value that its rows have; null for rows without one. */
  readonly value: string | null;
  readonly rows: { readonly reference: number; readonly current: number };
  readonly judgement: Judgement;
};

/** A segment whose columns come one by one. */
export type SegmentJudging = {
  readonly add: (column: JudgeColumn) => void;
  readonly finish: () => SegmentComparison;
};

/** Segments that are judged: those with the most rows. */
const MOST_SEGMENTS = 50;

type Sides = { readonly reference: Column; readonly current: Column };
type Rows = { readonly reference: Int32Array; readonly current: Int32Array };

/**
 * The segments that the values of a column make, those with the most rows first, at most fifty. Each is judged on its rows
 * alone by the bins of the whole reference, with an equal share of alpha: together they alarm no more often than one table
 * would.
 */
export function segmentsOf(
  sides: Sides,
  { policy, columns }: { readonly policy: JudgePolicy; readonly columns: number },
): SegmentJudging[] {
  const [reference, current] = [rowsByValue(sides.reference), rowsByValue(sides.current)];
  const sizeOf = (value: string | null): number =>
    (reference.get(value)?.length ?? 0) + (current.get(value)?.length ?? 0);
  const values = [...new Set([...reference.keys(), ...current.keys()])]
    .sort((a, b) => sizeOf(b) - sizeOf(a) || ((a ?? '') < (b ?? '') ? -1 : 1))
    .slice(0, MOST_SEGMENTS);
  const share: JudgePolicy = {
    ...policy,
    alpha: policy.alpha / Math.max(1, values.length),
    tableMeasures: [],
    slices: false,
  };
  return values.map((value) => {
    const rows: Rows = {
      reference: Int32Array.from(reference.get(value) ?? []),
      current: Int32Array.from(current.get(value) ?? []),
    };
    const table = new WholeTable(share, columns);
    return {
      add: (column) => table.add(within(column, rows)),
      finish: () => ({
        value,
        rows: { reference: rows.reference.length, current: rows.current.length },
        judgement: table.conclude(),
      }),
    };
  });
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

function textsOf(column: Column): CategoryColumn {
  if (column.kind === 'category') return column;
  if (column.kind !== 'vector') return asCategories({ ...column, kind: 'number', type: 'float64', exact: null });
  const texts = concatenate([{ rows: column.length, column }], 'text');
  // A column made as text is one.
  return texts as CategoryColumn;
}

/** Positions of the rows by the value they have, as text; times by their milliseconds. */
function rowsByValue(column: Column): Map<string | null, number[]> {
  const texts = textsOf(column);
  const rows = new Map<string | null, number[]>();
  for (let i = 0; i < texts.length; i++) {
    const value = texts.dictionary[texts.codes[i] ?? -1] ?? null;
    const known = rows.get(value);
    if (known === undefined) rows.set(value, [i]);
    else known.push(i);
  }
  return rows;
}
