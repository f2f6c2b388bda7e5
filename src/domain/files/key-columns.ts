import { inferColumn } from '../../quality/infer-schema.ts';
import type { Column, NumberColumn } from '../../stats/column.ts';
import type { ColumnProfile } from '../../stats/profile.ts';
import { type KeptColumn, profileKept } from '../profile/kept-columns.ts';
import type { ColumnOutline } from './column-outline.ts';

/** Why a column that names rows in both tables is not compared. */
export const NAMES_ROWS = 'Every value is different in both, as in a column that names rows.';

type Sides = { readonly reference: ColumnProfile; readonly current: ColumnProfile };

/** Whether a column names rows in both tables, as far as its values show it; free text does not, however different. */
export const namesRows = (sides: Sides): boolean => areKeys(sides) && !isLanguage(sides.reference);

/** Whether hardly a value of it stands twice in either table. */
export const areKeys = ({ reference, current }: Sides): boolean => isKey(reference) && isKey(current);

/**
 * The share of rows up to which different values make no key, whatever their estimated number is off by: a tenth is
 * twelve times its standard error.
 */
const SURELY_REPEATED = 0.9;

/** In fewer rows than these nobody estimates how many texts are different, and the share is another. */
const MANY_ROWS = 2 ** 14;
const SURELY_REPEATED_FEW = 0.5;

/** A column of one table, and where its rows lie. */
export type KeptSide = {
  readonly column: ColumnProfile;
  readonly kept: KeptColumn;
  /** Whether its texts or whole numbers were counted only (see `CountedTexts`, `CountedIntegers`). */
  readonly counted: boolean;
};

/** `namesRows` where values may have been counted only: what that does not tell is found out from the rows. */
export function keptNameRows(reference: KeptSide, current: KeptSide): boolean {
  if (surelyRepeats(reference) || surelyRepeats(current)) return false;
  return namesRows({ reference: toldOf(reference), current: toldOf(current) });
}

function surelyRepeats({ column: { type, rows, nulls, distinct }, counted }: KeptSide): boolean {
  if (!counted || (type !== 'text' && type !== 'int64')) return false;
  return nulls > 0 || distinct.value < rows * (rows < MANY_ROWS ? SURELY_REPEATED_FEW : SURELY_REPEATED);
}

function toldOf({ column, kept, counted }: KeptSide): ColumnProfile {
  if (!counted || !wasCounted(column)) return column;
  return profileKept(kept, column);
}

/** Whether this may be less than the profile of its values. */
function wasCounted(column: ColumnProfile): boolean {
  if (column.kind === 'number') return column.type === 'int64' && column.min === null;
  return column.kind === 'category' && column.type === 'text' && (column.rows < MANY_ROWS || column.shapes === null);
}

/** False where the values of a column tell, without being counted one by one, that it names no rows. */
export function mayNameRows(
  { type, rows, nulls }: ColumnOutline,
  parts: readonly { readonly held: Column }[],
): boolean {
  if ((type !== 'int64' && type !== 'text') || nulls > 0) return false;
  return mostDifferent(parts.map(({ held }) => held)) > SURELY_REPEATED * rows;
}

/** No fewer than there are different values: of whole numbers as many as lie between the extremes, of texts those of all lists. */
function mostDifferent(parts: readonly Column[]): number {
  let [texts, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let before: unknown = null;
  for (const part of parts) {
    if (part.kind === 'category') {
      // A list that did not change is that of several parts.
      const list = part.encoded ?? part.dictionary;
      if (list !== before) texts += part.encoded?.count ?? part.dictionary.length;
      before = list;
    } else if (part.kind === 'number') {
      const extremes = extremesOf(part);
      [min, max] = [Math.min(min, extremes.min), Math.max(max, extremes.max)];
    }
  }
  return texts + Math.max(0, max - min + 1);
}

function extremesOf({ values, length }: NumberColumn): { min: number; max: number } {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < length; i++) {
    const v = values[i]!;
    if (v < min) min = v;
    if (v > max) max = v;
  }
  return { min, max };
}

const isKey = (column: ColumnProfile): boolean => inferColumn(column).hints.includes('key');

/** Whether its texts are free text rather than names of rows: as many spaces as rows, or half of that, and mostly letters. */
function isLanguage(column: ColumnProfile): boolean {
  const shapes = column.kind === 'category' ? column.shapes : null;
  if (shapes == null) return false;
  const { upper, lower, spaces } = shapes.characters;
  const all = Object.values(shapes.characters).reduce((sum, count) => sum + count, 0);
  return spaces >= shapes.rows / 2 && upper + lower >= all / 2;
}
