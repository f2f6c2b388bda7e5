import type { Column } from '../../stats/column.ts';
import { estimateLoss } from '../../stats/performance/direct-loss-estimation.ts';
import { shuffledRows } from '../../stats/sampling/shuffle.ts';
import { xoshiro128 } from '../../stats/sampling/xoshiro128.ts';
import { binFeature } from '../../stats/table/binned-table.ts';
import type { ColumnPair } from '../../stats/table/table-pair.ts';
import type { JudgedColumn } from '../configuration/judged-columns.ts';
import { textsOf } from '../log/settle/settling-rows.ts';
import { numberIn } from '../outcome/outcomes.ts';
import type { SegmentsAsked } from '../outcome/segment-outcomes.ts';
import { type LabelledReference, readRows } from '../reference/reference-outcomes.ts';
import { columnGroups } from '../report/judge-task.ts';
import { type BatchFile, type Span, windowColumns } from '../report/window-columns.ts';
import { binJudged, isBinned } from './bin-feature.ts';
import { estimateSegments } from './estimate-segments.ts';
import { ESTIMATE_SEED, type Estimated, noEstimate } from './estimated.ts';

export type LossEstimateInput = {
  readonly reference: LabelledReference;
  /** What the model learns from. */
  readonly features: readonly JudgedColumn[];
  readonly batches: readonly BatchFile[];
  readonly span: Span;
  /** What tells segments apart, by the names of batches; null where none are asked for. */
  readonly segments: (SegmentsAsked & { readonly keys: readonly { by: string; logged: string }[] }) | null;
};

/** Rows that are learnt from, and rows of the window that are answered for, drawn at random. */
const MOST_REFERENCE_ROWS = 20_000;
const MOST_WINDOW_ROWS = 50_000;

/**
 * What a regression's losses are expected to be in a window: boosted trees learn on the reference how large they are.
 * Features are read a group at a time and kept as one byte a row, so memory grows with the drawn rows alone.
 * @throws TidemarkError `unreadable-data`.
 */
export async function estimateLosses(input: LossEstimateInput): Promise<Estimated> {
  const { reference, features, batches, span } = input;
  const every = Int32Array.from({ length: reference.rows }, (_, i) => i);
  const labels = numbersOf(await readRows(reference, reference.roles.label, every), reference.rows);
  const answers = numbersOf(await readRows(reference, reference.roles.prediction, every), reference.rows);
  const keys = input.segments?.keys ?? [];
  const telling = keys.map((key) => ({ logged: key.logged, type: 'text' }) as const);
  const window = await windowColumns(batches, [span], [{ logged: 'prediction', type: 'float64' }, ...telling]);
  const windowRows = window.rows.reduce((sum, rows) => sum + rows, 0);
  const predicted = numbersOf(window.columns[0] ?? null, windowRows);
  const known = (row: number): boolean => Number.isFinite(labels[row]) && Number.isFinite(answers[row]);
  const random = xoshiro128(ESTIMATE_SEED);
  const used = {
    reference: shuffledRows(reference.rows, random).filter(known).slice(0, MOST_REFERENCE_ROWS),
    window: shuffledRows(windowRows, random)
      .filter((row) => Number.isFinite(predicted[row]))
      .slice(0, MOST_WINDOW_ROWS),
  };
  if (used.reference.length === 0) return noEstimate('no row of the reference has both label and prediction');
  const binned = [binFeature(numberPair('prediction', answers, predicted), used)];
  for (const group of columnGroups(features.filter(isBinned), reference.rows + windowRows)) {
    const logged = group.map(({ logged: name, profile }) => ({ logged: name, type: profile.type }));
    const sides = await windowColumns(batches, [span], logged);
    for (const [i, feature] of group.entries()) {
      const column = await readRows(reference, feature.name, every);
      const found = binJudged(feature, { reference: column, window: sides.columns[i] ?? null }, used);
      if (found !== null) binned.push(found);
    }
  }
  const { metrics, check, within } = estimateLoss({
    features: binned,
    labels: Float64Array.from(used.reference, (row) => labels[row] ?? Number.NaN),
    predictions: Float64Array.from(used.reference, (row) => answers[row] ?? Number.NaN),
    windowRows: used.window.length,
  });
  const parameters = { features: binned.length, reference_rows: used.reference.length, seed: ESTIMATE_SEED };
  const found = { metrics, check, parameters, reason: null };
  if (input.segments === null || keys.length === 0) return found;
  const texts = keys.map(({ by }, i) => {
    const column = textsOf(window.columns[i + 1] ?? null, windowRows);
    return { by, texts: Array.from(used.window, (row) => column[row] ?? null) };
  });
  const estimate = (rows: readonly number[]) => ({ metrics: within(rows), reason: null });
  return { ...found, segments: estimateSegments(texts, { ...input.segments, estimate }) };
}

/** The numbers of a column, texts that are written like numbers among them; NaN where there is none. */
function numbersOf(column: Column | null, rows: number): Float64Array {
  return Float64Array.from(textsOf(column, rows), numberIn);
}

function numberPair(name: string, reference: Float64Array, window: Float64Array): ColumnPair {
  const column = (values: Float64Array) =>
    ({ kind: 'number', type: 'float64', length: values.length, values, valid: null, exact: null }) as const;
  return { name, reference: column(reference), window: column(window) };
}
