import type { SliceColumn, SliceCondition } from './slice-columns.ts';
import type { SliceCounts } from './slice-counts.ts';

export type Run = SliceColumn['runs'][number];

/** Rows that may be named as a slice. */
export type Candidate = {
  readonly conditions: readonly SliceCondition[];
  readonly inside: SliceCounts;
  /** The one on the first condition alone; undefined where there is no other. */
  readonly first?: Candidate | undefined;
  /** The rows in which the last of them was looked for, and where it holds. */
  readonly base: Uint8Array;
  readonly column: SliceColumn;
  readonly run: Run;
  readonly explained: number;
  /** How far what it explains is beyond what as many rows by chance would, in the standard error of that. */
  readonly t: number;
  /** explained · ln(explained / support): much explained by few rows; 0 for a slice that explains what its rows would. */
  readonly worth: number;
};

export const isNamed = (conditions: readonly SliceCondition[], name: string): boolean =>
  conditions.some(({ column }) => column === name);

/** The rows that fulfil the conditions. */
export function maskOf({ base, column, run }: Pick<Candidate, 'base' | 'column' | 'run'>): Uint8Array {
  const { codes } = column;
  return base.map((open, row) => (open === 1 && codes[row]! >= run.from && codes[row]! <= run.to ? 1 : 0));
}

/** Of conditions that differ in their bounds alone the best. */
export function onePerColumn(ranked: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return ranked.filter(({ column }) => {
    const isFirst = !seen.has(column.name);
    seen.add(column.name);
    return isFirst;
  });
}
