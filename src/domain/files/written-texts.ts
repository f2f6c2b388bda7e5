import { saySigns, type WrittenSigns, writtenSigns, writtenValues } from '../../quality/written-values.ts';
import type { Column } from '../../stats/column.ts';
import type { TextShapes } from '../../stats/profile.ts';

/** What texts look like to a person, and by which signs they read as that. Plain JSON. */
export type Written = { readonly looks_like: 'numbers' | 'dates'; readonly signs: readonly WrittenSigns[] };

/** What texts look like, where that is of the kind that the other side has; else null. */
export function writtenOf(shapes: TextShapes | null | undefined, other: Column['kind']): Written | null {
  const found = shapes ? writtenValues(shapes) : null;
  if (!shapes || found === null) return null;
  if (other === 'number' && found === 'written-numbers') return { looks_like: 'numbers', signs: writtenSigns(shapes) };
  return other === 'time' && found === 'written-dates' ? { looks_like: 'dates', signs: [] } : null;
}

/** For people. */
export function writtenText({ looks_like, signs }: Written): string {
  const like = `look like ${looks_like} to a person`;
  if (looks_like === 'dates') return `${like}: write them like 2025-12-31`;
  return `${like}: ${saySigns(signs) ?? 'write them like 1829.02'}`;
}

/** What reads such texts as numbers: `say decimal ","`; null where nothing does. */
export const sayWritten = (shapes: TextShapes): string | null => saySigns(writtenSigns(shapes));
