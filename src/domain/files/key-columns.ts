import { inferColumn } from '../../quality/infer-schema.ts';
import type { ColumnProfile } from '../../stats/profile.ts';

/** Why a column that names rows in both tables is not compared. */
export const NAMES_ROWS = 'Every value is different in both, as in a column that names rows.';

type Sides = { readonly reference: ColumnProfile; readonly current: ColumnProfile };

/** Whether a column names rows in both tables, as far as its values show it; free text does not, however different. */
export const namesRows = (sides: Sides): boolean => areKeys(sides) && !isLanguage(sides.reference);

/** Whether hardly a value of it stands twice in either table. */
export const areKeys = ({ reference, current }: Sides): boolean => isKey(reference) && isKey(current);

const isKey = (column: ColumnProfile): boolean => inferColumn(column).hints.includes('key');

/** Whether its texts are free text rather than names of rows: as many spaces as rows, or half of that, and mostly letters. */
function isLanguage(column: ColumnProfile): boolean {
  const shapes = column.kind === 'category' ? column.shapes : null;
  if (shapes == null) return false;
  const { upper, lower, spaces } = shapes.characters;
  const all = Object.values(shapes.characters).reduce((sum, count) => sum + count, 0);
  return spaces >= shapes.rows / 2 && upper + lower >= all / 2;
}
