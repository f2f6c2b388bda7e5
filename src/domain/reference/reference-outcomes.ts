import { selectRows } from '../../formats/columns/select-rows.ts';
import type { Column } from '../../stats/column.ts';
import { shuffledRows } from '../../stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../stats/sampling/xoshiro128.ts';
import { labelTexts } from '../log/settle/settling-rows.ts';
import type { Roles } from '../model/roles.ts';
import { addOutcomes, noOutcomes, type Outcomes } from '../outcome/outcomes.ts';
import { type ReferenceFiles, referenceColumns, type WantedColumn } from './reference-columns.ts';

/** A reference that may hold labels beside predictions. */
export type LabelledReference = ReferenceFiles & {
  readonly rows: number;
  readonly roles: Roles;
  readonly columns: readonly WantedColumn[];
  /** Bytes of memory that a native reader may take. */
  readonly memoryBytes: number;
};

/** Rows that are read at most, drawn at random: the error of a share is then at most 0.001. */
const MOST_ROWS = 250_000;
const SEED = 1;

/**
 * The labelled rows of a reference. Columns are read one by one and taken down to the drawn rows, so memory does not
 * grow with the reference's width.
 * @throws TidemarkError `unreadable-data`.
 */
export async function referenceOutcomes(reference: LabelledReference): Promise<Outcomes> {
  const { roles } = reference;
  const rows = shuffledRows(reference.rows, xoshiro128(SEED), MOST_ROWS).toSorted();
  const read = async (name: string | undefined) => readRows(reference, name, rows);
  const classScores = new Map<string, Column>();
  for (const [name, column] of Object.entries(roles.scores ?? {})) {
    const found = await read(column);
    if (found !== null) classScores.set(name, found);
  }
  const labels = labelTexts(await read(roles.label), rows.length);
  const labelled = Int32Array.from(rows.keys()).filter((row) => labels[row] !== null);
  const outcomes = noOutcomes();
  addOutcomes(
    outcomes,
    {
      prediction: await read(roles.prediction),
      score: await read(roles.score),
      classScores,
      query: await read(roles.query),
    },
    { rows: labelled, labels: Array.from(labelled, (row) => labels[row] ?? ''), of: rows.length },
  );
  return outcomes;
}

/** A column of a reference at these rows; null where it has no such column. */
export async function readRows(
  reference: LabelledReference,
  name: string | undefined,
  rows: Int32Array,
): Promise<Column | null> {
  const wanted = reference.columns.find((column) => column.name === name);
  if (wanted === undefined) return null;
  // Kept for the next window only where it is small.
  const options = { keep: rows.length === reference.rows, memoryBytes: reference.memoryBytes };
  const [column] = await referenceColumns(reference, [wanted], options);
  return column === undefined ? null : takeRows(column, rows);
}

export function takeRows(column: Column, rows: Int32Array): Column | null {
  return selectRows({ rows: column.length, columns: [column] }, rows).columns[0] ?? null;
}
