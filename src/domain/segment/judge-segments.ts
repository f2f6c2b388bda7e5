import type { CategoryColumn, Column } from '../../stats/column.ts';
import type { JudgeColumn, JudgePolicy } from '../../stats/verdict/judgement.ts';
import { type SegmentComparison, type SegmentsLeftOut, segmentsOf } from './segments.ts';

/** What tells segments apart, and its values on both sides; null where a side has none. */
export type KeySides = { readonly by: string; readonly reference: Column | null; readonly window: Column | null };

export type JudgedSegments = {
  readonly by: string;
  readonly segments: readonly SegmentComparison[];
  /** Null: no row could be told apart. */
  readonly leftOut: SegmentsLeftOut | null;
};

/** The segments of a window by several keys, whose columns come one by one. */
export class SegmentedTable {
  readonly #keys: readonly { readonly by: string; readonly segments: ReturnType<typeof segmentsOf> | null }[];

  /** `columns`: how many there are, to plan by. */
  constructor(keys: readonly KeySides[], given: { policy: JudgePolicy; columns: number; most: number }) {
    this.#keys = keys.map(({ by, reference, window }) => ({
      by,
      segments: reference === null || window === null ? null : segmentsOf({ reference, current: window }, given),
    }));
  }

  /** Compares a column in every segment. Of vectors only some rows are held, which are no other column's. */
  add(column: JudgeColumn): void {
    if (column.profile.kind === 'vector') return;
    for (const { segments } of this.#keys) for (const segment of segments?.judged ?? []) segment.add(column);
  }

  conclude(): JudgedSegments[] {
    return this.#keys.map(({ by, segments }) => ({
      by,
      segments: (segments?.judged ?? []).map(({ finish }) => finish()),
      leftOut: segments?.leftOut ?? null,
    }));
  }
}

/** A column without a value in so many rows: what stands for one that a side does not have. */
export const withoutValues = (length: number): CategoryColumn => ({
  kind: 'category',
  type: 'text',
  length,
  codes: new Int32Array(length).fill(-1),
  dictionary: [],
});

/** A segment in words: `region=north`, `region is missing`. */
export const segmentText = (by: string, value: string | null): string =>
  value === null ? `${by} is missing` : `${by}=${value}`;
