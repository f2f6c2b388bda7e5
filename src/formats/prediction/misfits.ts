/** Values that do not have the type that is expected of their column: counted, shown, and told by row where asked for. */
import type { Column, ColumnType } from '../../stats/column.ts';
import type { Misfit } from '../json/columns.ts';
import { shown } from '../unreadable.ts';
import type { MisfitValue, Violation } from './record-types.ts';

/** How many values a violation shows. */
export const MAX_EXAMPLES = 5;
const MAX_SHOWN = 100;

export class Misfits {
  /** The first of each row; empty unless they are to be told by row. */
  readonly byRow = new Map<number, MisfitValue>();
  private readonly violations: Violation[];
  private readonly strict: boolean;

  /** @param violations gets one for each column that has misfits */
  constructor(violations: Violation[], strict: boolean) {
    this.violations = violations;
    this.strict = strict;
  }

  /** Makes a column of the expected type by `make`, which tells what does not fit. */
  collect(column: string, expected: ColumnType, make: (misfit: Misfit) => Column): Column {
    const examples: string[] = [];
    let count = 0;
    const made = make((row, raw) => {
      count++;
      if (examples.length < MAX_EXAMPLES) examples.push(shown(raw, MAX_SHOWN));
      if (!this.strict || this.byRow.has(row)) return;
      this.byRow.set(row, { row, column, expected, value: shown(raw, MAX_SHOWN) });
    });
    if (count > 0) this.violations.push({ column, code: 'type', count, examples });
    return made;
  }
}
