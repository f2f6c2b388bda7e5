import type { Judgement } from '../../stats/verdict/judgement.ts';

/**
 * How a column came to where it is, told by two comparisons of one window: with its reference, and with the window
 * before it.
 */
type ColumnChange = 'sudden' | 'slow' | 'lasting' | 'returned' | 'moved';

export type Change = {
  readonly columns: readonly { readonly name: string; readonly change: ColumnChange }[];
  /** One paragraph of plain text. */
  readonly why: string;
};

const MEANINGS: Readonly<Record<ColumnChange, (names: string) => string>> = {
  sudden: (names) => `${names} changed suddenly: the window differs from its reference and from the window before.`,
  slow: (names) =>
    `${names} changed slowly: the window differs from its reference, but not from the window before, which did not drift.`,
  lasting: (names) =>
    `${names} stayed changed: the window differs from its reference, and is like the window before, which drifted too.`,
  returned: (names) =>
    `${names} returned: the window is like its reference again, and differs from the window before, which drifted.`,
  moved: (names) => `${names} moved within the limits: the window differs from the window before alone.`,
};

/** `verdictBefore`: what was found of the window before, as it was compared with its own reference. */
export function describeChange(judged: Judgement, previous: Judgement, verdictBefore: string | null): Change {
  const byName = new Map(previous.columns.map((column) => [column.name, column.verdict]));
  const columns = judged.columns.flatMap(({ name, verdict }) => {
    const change = changeOf(verdict, byName.get(name) ?? 'not_comparable', verdictBefore === 'drift');
    return change === null ? [] : [{ name, change }];
  });
  const told = Object.entries(MEANINGS).flatMap(([change, meaning]) => {
    const names = columns.filter((column) => column.change === change).map(({ name }) => name);
    return names.length === 0 ? [] : [meaning(listed(names))];
  });
  const still = 'No column differs from the reference or from the window before.';
  return { columns, why: told.length === 0 ? still : told.join(' ') };
}

function changeOf(verdict: string, fromBefore: string, driftedBefore: boolean): ColumnChange | null {
  if (verdict === 'drift') {
    if (fromBefore === 'drift') return 'sudden';
    return driftedBefore ? 'lasting' : 'slow';
  }
  if (verdict !== 'no_drift' || fromBefore !== 'drift') return null;
  return driftedBefore ? 'returned' : 'moved';
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
