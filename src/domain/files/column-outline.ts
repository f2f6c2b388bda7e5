import { type Column, type ColumnType, type Field, kindOf } from '../../stats/column.ts';
import type { ColumnProfile, TableProfile } from '../../stats/profile.ts';
import type { ReferenceOutline, WholeReference } from '../../stats/verdict/judgement.ts';
import { nullsOf } from '../../stats/verdict/samples.ts';
import type { LocalProfile } from './profile-files.ts';

/** What has to be known of a column whose rows are at hand, to compare them. Plain data. */
type HeldOutline = Pick<ColumnProfile, 'name' | 'type' | 'rows' | 'nulls'> & WholeReference;

/** The profile of a column, or what a comparison of all its rows takes of that. */
export type ColumnOutline = ColumnProfile | HeldOutline;

/** A table that is compared, without its rows. */
export type ComparedTable = Pick<LocalProfile, 'name' | 'files' | 'warnings'> & {
  readonly profile: Pick<TableProfile, 'format' | 'rows'> & { readonly columns: readonly ColumnOutline[] };
};

/** Whether values of this type are compared without their profile. */
export const isOutlined = (type: ColumnType): boolean => type === 'text' || kindOf(type) === 'number';

/** The outline of a column of such a type. */
export function heldOutline(
  { name, type }: Field,
  parts: readonly { readonly rows: number; readonly held: Column }[],
): HeldOutline {
  return {
    kind: type === 'text' ? 'category' : 'number',
    ...{ name, type },
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    nulls: parts.reduce((sum, { held }) => sum + nullsOf(held), 0),
  };
}

/** What a comparison of all rows of the reference takes of its profile. */
export const wholeReference = (reference: ColumnOutline): ReferenceOutline =>
  reference.kind === 'number' || reference.kind === 'category' ? { kind: reference.kind } : reference;
