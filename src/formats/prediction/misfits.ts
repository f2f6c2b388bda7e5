/** Values that do not have the type that is expected of their column: counted, shown, and told by row where asked for. */
import type { Column, ColumnType } from '../../stats/column.ts';
import type { Misfit } from '../json/columns.ts';
import { shown } from '../unreadable.ts';
import type { MisfitValue, RowViolation } from './record-types.ts';
import { rowsOf } from './violated-rows.ts';

/** How many values a violation shows. */
export const MAX_EXAMPLES = 5;
const MAX_SHOWN = 100;

export class Misfits {
  /** The first of each row; empty unless they are to be told by row. */
  readonly byRow = new Map<number, MisfitValue>();
  private readonly violations: RowViolation[];
  private readonly strict: boolean;

  /** @param violations gets one for each column that has misfits */
  constructor(violations: RowViolation[], strict: boolean) {
    this.violations = violations;
    this.strict = strict;
  }

  /** Makes a column of the expected type by `make`, which tells what does not fit. */
  collect(column: string, expected: ColumnType, make: (misfit: Misfit) => Column): Column {
    const examples: string[] = [];
    const rows: number[] = [];
    const made = make((row, raw) => {
      rows.push(row);
      if (examples.length < MAX_EXAMPLES) examples.push(shown(raw, MAX_SHOWN));
      if (!this.strict || this.byRow.has(row)) return;
      this.byRow.set(row, { row, column, expected, value: shown(raw, MAX_SHOWN) });
    });
    if (rows.length > 0) {
      this.violations.push({ column, code: 'type', count: rows.length, examples, rows: rowsOf(rows, made.length) });
    }
    return made;
  }
}
