import type { Tell } from '../computation/carry-out.ts';
import type { Json } from '../monitor/canonical.ts';
import { type CompareOptions, compareFiles } from './compare-files.ts';
import { comparisonBody } from './comparison-body.ts';
import type { LocalTable } from './local-table.ts';

export type CompareTablesInput = {
  /** Verified local copies. */
  readonly reference: LocalTable;
  readonly current: LocalTable;
  readonly options: Omit<CompareOptions, 'onFile' | 'onJudging'>;
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
  let read = 0;
  const of = reference.files.length + current.files.length;
  const found = await compareFiles(
    { reference, current },
    {
      ...options,
      onFile: () => tell({ phase: 'reading', done: read++, of, unit: 'files' }),
      onJudging: (columns) => tell({ phase: 'judging', done: 0, of: columns, unit: 'columns' }),
    },
  );
  return comparisonBody(found);
}
