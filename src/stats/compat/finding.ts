import type { Column } from '../column.ts';

/** One column of two tables, as another tool is given it. */
export type CompatColumn = { readonly name: string; readonly reference: Column; readonly current: Column };

/** What a tool says of a column. `drift` is null where the tool itself decides nothing. */
export type CompatFinding = {
  readonly column: string;
  /** The tool's own name of its method; null where it has none for such a column. */
  readonly method: string | null;
  /** Its score, a p-value where `threshold` is a level; finite or null. */
  readonly score: number | null;
  readonly threshold: number | null;
  readonly drift: boolean | null;
  readonly details: Readonly<Record<string, number | string | null>>;
  /** Why there is no score, or why it need not be the tool's own to the last digit. */
  readonly reason: string | null;
  /** The tool decides on such a column, but what it says cannot be had; absent where it leaves the column out. */
  readonly undecided?: true;
};

/** What a tool says of a table; null, with the reason, where the columns that are left open could tip it. */
export type TableDrift = { readonly drift: boolean | null; readonly reason: string | null };

/** A tool: how it compares a column by its defaults, and what it then says of the table. Pure. */
export type Tool = {
  /** The release whose definitions these are. */
  readonly version: string;
  readonly rule: string;
  readonly compareColumn: (column: CompatColumn) => CompatFinding;
  /** Null where the tool has no rule for tables. */
  readonly drifts: ((findings: readonly CompatFinding[]) => TableDrift) | null;
};

export type CompatReport = {
  readonly tool: string;
  readonly version: string;
  /** Whether the table drifts by the tool's own rule; null where it has none. */
  readonly drift: boolean | null;
  /** Why `drift` is null although the tool has a rule. */
  readonly reason: string | null;
  readonly rule: string;
  readonly columns: readonly CompatFinding[];
};

/** A column that the tool gives no number for, or one that cannot be had. */
export function withoutScore(column: string, reason: string, method: string | null = null): CompatFinding {
  return { column, method, score: null, threshold: null, drift: null, details: {}, reason };
}

/** A column that the tool decides on, by a number that cannot be had. */
export const undecided = (column: string, reason: string, method: string | null = null): CompatFinding => ({
  ...withoutScore(column, reason, method),
  undecided: true,
});
