import type { Lint } from '../../../schemas/wire/lints.ts';
import type { JudgedColumn } from '../configuration/judged-columns.ts';

/** What the newest reports say of one column: rows of a window, and how many of them are what. */
export type WindowColumn = {
  readonly name: string;
  readonly rows: number;
  /** With a value. */
  readonly filled: number;
  /** Texts that the reference does not have. */
  readonly unseen: number;
  /** Numbers beyond the range of the reference. */
  readonly outside: number;
};

/** Fewer values than this leave a test little to see. */
const FEW_VALUES = 500;
/** Of fewer windows nothing is said. */
const ENOUGH_WINDOWS = 4;
/** What most rows of a window are, if anything. */
const MOST_ROWS = 0.9;
/** Numbers of so many values are codes, unless they are yes and no. */
const FEW_CODES = { from: 3, to: 5 };

type Problem = Pick<Lint, 'code' | 'what' | 'how_to_mend'>;

/**
 * What is wrong with features as the newest windows show it, and that the reference alone does not: too few values, values
 * that come and never come again, numbers that only ever grow. Pure.
 */
export function lintWindowColumns(judged: readonly JudgedColumn[], found: readonly WindowColumn[]): Lint[] {
  const byName = Map.groupBy(found, ({ name }) => name);
  return judged.flatMap((column): Lint[] => {
    if (column.role !== 'feature' || column.since === null) return [];
    const windows = byName.get(column.name) ?? [];
    const problem = (windows.length < ENOUGH_WINDOWS ? null : ofWindows(windows)) ?? ofCodes(column);
    return problem === null ? [] : [{ ...problem, column: column.name }];
  });
}

function ofWindows(windows: readonly WindowColumn[]): Problem | null {
  const half = windows.length / 2;
  const most = (part: (window: WindowColumn) => number): number =>
    windows.filter((window) => window.filled > 0 && part(window) >= MOST_ROWS * window.filled).length;
  const exclude = 'Leave it out with "columns": {"exclude": […]}';
  const unseen = most((window) => window.unseen);
  if (unseen >= half) {
    const what = `In ${unseen} of the last ${windows.length} windows nearly all of its values are ones that the reference does not have, as those of a name or a number that is given once.`;
    return { code: 'values-never-seen', what, how_to_mend: `${exclude}, or log a coarser grouping of it.` };
  }
  const outside = most((window) => window.outside);
  if (outside >= half) {
    const what = `In ${outside} of the last ${windows.length} windows nearly all of its values lie beyond those of the reference, as those of a counter or a date do.`;
    return { code: 'values-beyond', what, how_to_mend: `${exclude}, or log what has passed since, instead of when.` };
  }
  const few = windows.filter(({ rows, filled }) => rows >= FEW_VALUES && filled < FEW_VALUES).length;
  if (few < half) return null;
  const what = `${few} of the last ${windows.length} windows have fewer than ${FEW_VALUES} values here, in more rows: only large changes are seen.`;
  return {
    code: 'few-window-values',
    what,
    how_to_mend: `Choose longer windows. ${exclude} where it is meant to be empty.`,
  };
}

function ofCodes({ profile, asCategory }: JudgedColumn): Problem | null {
  const { value: distinct } = profile.distinct;
  if (profile.kind !== 'number' || asCategory || distinct < FEW_CODES.from || distinct > FEW_CODES.to) return null;
  const what = `Its numbers have ${distinct} values only, as codes of classes do, and are compared by how far they are apart.`;
  return { code: 'few-numbers', what, how_to_mend: 'Log the classes as texts, if they are any.' };
}
