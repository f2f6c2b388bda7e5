import type { Column } from '../column.ts';
import type { Finding, JudgedBin, SideCounts } from './judgement.ts';
import type { Floor } from './made-findings.ts';
import type { MeasureName } from './measures.ts';

/** A column compared but not yet judged: q-values need all columns. */
export type Comparison = Floor & {
  readonly kind: Column['kind'];
  /** Why the column cannot be judged, else null. */
  readonly incomparable: string | null;
  /** Different texts of both sides, missing among them; 0 for another kind of column. */
  readonly cells: number;
  /** The column's p-value, and the test that decided it. */
  readonly p: number | null;
  readonly decidedBy: MeasureName | null;
  readonly counts: { readonly reference: SideCounts; readonly window: SideCounts };
  readonly bins: readonly JudgedBin[];
  readonly findings: readonly Finding[];
};
