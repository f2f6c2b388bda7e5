import type { Json } from '../canonical.ts';
import type { Tell } from '../computation/carry-out.ts';
import { type CompareOptions, compareFiles } from './compare-files.ts';
import { comparisonBody } from './comparison-body.ts';
import type { LocalTable } from './local-table.ts';

export type CompareTablesInput = {
  /** Verified local copies. */
  readonly reference: LocalTable;
  readonly current: LocalTable;
  readonly options: Omit<CompareOptions, 'onFile' | 'onRows' | 'onJudging'>;
};

/**
 * Compute task: judges one table against another.
 * @returns the comparison as plain JSON.
 * @throws TidemarkError as `compareFiles`.
 */
export async function compareTables(
  { reference, current, options }: CompareTablesInput,
  tell: Tell,
): Promise<{ readonly [key: string]: Json }> {
  let [begun, rows] = [0, 0];
  const of = reference.files.length + current.files.length;
  // A single large file moves by its rows.
  const reading = () => tell({ phase: 'reading', done: begun - 1, of, unit: 'files', rows: Math.round(rows) });
  const found = await compareFiles(
    { reference, current },
    {
      ...options,
      onFile: () => {
        begun++;
        reading();
      },
      onRows: (more) => {
        rows += more;
        reading();
      },
      onJudging: (columns) => tell({ phase: 'judging', done: 0, of: columns, unit: 'columns' }),
    },
  );
  return comparisonBody(found);
}
