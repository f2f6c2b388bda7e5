import type { Judgement } from '../../stats/verdict/judgement.ts';
import type { JudgedSegments } from '../segment/judge-segments.ts';
import { segmentText } from '../segment/judge-segments.ts';

/** What a report says of the segments of its window. Pure. */

/** A verdict on the rows of one segment. */
export type SegmentVerdict = {
  readonly by: string;
  /** Null: rows without a value. */
  readonly value: string | null;
  readonly rows: number;
  readonly referenceRows: number;
  readonly verdict: 'drift' | 'no_drift' | 'insufficient_data';
  readonly drifted: readonly string[];
  readonly why: string;
};

export const segmentVerdicts = (segments: readonly JudgedSegments[]): SegmentVerdict[] =>
  segments.flatMap(({ by, segments: judged }) =>
    judged.map(({ value, rows, judgement: { dataset, columns } }) => ({
      by,
      value,
      rows: rows.current,
      referenceRows: rows.reference,
      verdict: dataset.verdict,
      drifted: columns.filter(({ verdict }) => verdict === 'drift').map(({ name }) => name),
      why: dataset.why,
    })),
  );

/** In the form that is stored and answered. */
export function segmentsBody(segments: readonly JudgedSegments[]) {
  return segments.map(({ by, segments: judged, leftOut }) => ({
    by,
    values: judged.map(({ value, rows, judgement: { dataset, columns } }) => ({
      value,
      rows: { reference: rows.reference, window: rows.current },
      verdict: dataset.verdict,
      why: dataset.why,
      counts: { drifted: dataset.drifted, judged: dataset.judged, insufficient: dataset.insufficient },
      columns: columns.map(({ name, verdict, why, effect, p, q }) => ({ name, verdict, why, effect, p, q })),
    })),
    // Null where no row could be told apart.
    left_out: leftOut && {
      values: leftOut.values,
      examples: leftOut.examples,
      rows: { reference: leftOut.rows.reference, window: leftOut.rows.current },
    },
  }));
}

const NAMED = 3;

/** The judgement of a window whose segments were judged too: drift in one of them is drift of the window. */
export function withSegments(judgement: Judgement, segments: readonly JudgedSegments[]): Judgement {
  const drifted = segmentVerdicts(segments).filter(({ verdict }) => verdict === 'drift');
  if (drifted.length === 0) return judgement;
  const named = drifted
    .slice(0, NAMED)
    .map(({ by, value, drifted: columns }) => `${segmentText(by, value)} (${columns.slice(0, NAMED).join(', ')})`);
  const more = drifted.length > NAMED ? ` and ${drifted.length - NAMED} more` : '';
  const found = `Of the segments, ${drifted.length} drifted: ${named.join('; ')}${more}.`;
  const { dataset } = judgement;
  const reasons = [...(dataset.reasons ?? []), 'segments' as const];
  return { ...judgement, dataset: { ...dataset, verdict: 'drift', why: `${dataset.why} ${found}`, reasons } };
}
