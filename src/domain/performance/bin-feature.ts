import type { Column } from '../../stats/column.ts';
import { type BinnedFeature, binFeature, type UsedRows } from '../../stats/table/binned-table.ts';
import { alignSides } from '../../stats/verdict/align-sides.ts';
import type { JudgedColumn } from '../configuration/judged-columns.ts';

/** Vectors are many columns, of which trees would have to learn one by one: they are left out. */
export const isBinned = ({ profile }: Pick<JudgedColumn, 'profile'>): boolean => profile.kind !== 'vector';

/** A feature as trees take it. Null for a column that one side lacks, or of times, or of two kinds: a tree has no use for it. */
export function binJudged(
  feature: Pick<JudgedColumn, 'name' | 'asCategory'>,
  { reference, window }: { readonly reference: Column | null; readonly window: Column | null },
  used: UsedRows,
): BinnedFeature | null {
  if (reference === null || window === null) return null;
  const sides = alignSides(reference, window, feature.asCategory);
  const { name } = feature;
  if (sides.reference.kind === 'number' && sides.window.kind === 'number') {
    return binFeature({ name, reference: sides.reference, window: sides.window }, used);
  }
  if (sides.reference.kind === 'category' && sides.window.kind === 'category') {
    return binFeature({ name, reference: sides.reference, window: sides.window }, used);
  }
  return null;
}
