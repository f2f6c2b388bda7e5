import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { ArrowView } from '../../formats/arrow/arrow.ts';
import { cellText } from '../../formats/columns/column-conversion.ts';
import type { Column } from '../../stats/column.ts';
import { findLabels, type IndexedLabel } from '../../store/log/label-index.ts';
import { type LoggedBatch, listLogged } from '../../store/log/prediction-log.ts';
import { idHash } from '../log/prepare/row-hash.ts';
import { viewBatches } from '../log/read-batch.ts';
import { labelText } from '../log/settle/label-text.ts';
import { isRepeat } from '../log/settle/repeats.ts';
import type { Position, Selection } from './selection.ts';

export type ScanPlan = {
  readonly modelId: number;
  readonly selection: Selection;
  readonly newest: boolean;
  /** The last row that was passed; null: begin with the first. */
  readonly after: Position | null;
  /** No batch that was accepted after this one. */
  readonly throughBatch?: number;
  /** Told of each batch whose bytes are lost or corrupt, which is passed over; without it they are an error. */
  readonly lost?: (batch: LoggedBatch) => void;
};

/** A batch that was read, and its rows that fit all but what is asked of their labels, in the order of reading. */
export type ScannedBatch = { readonly batch: LoggedBatch; readonly view: ArrowView; readonly rows: Int32Array };

/** A segment is kept as a tag of this name. */
const SEGMENT = 'tag.segment';

/** Batches asked of the database at once. */
const PAGE = 200;
/** Objects that are read side by side, where they are small. */
const AT_ONCE = 8;
const BYTES_AT_ONCE = 16 * 2 ** 20;

/**
 * Goes through the settled predictions of a model, batch by batch, and says which rows of each fit. A few batches
 * are in memory at a time.
 * @throws TidemarkError `object-corrupt` or `not-found` unless `plan.lost` is given; `invalid-body` for the condition.
 */
export async function* scanBatches(
  ctx: Pick<Context, 'db' | 'remote'>,
  plan: ScanPlan,
): AsyncGenerator<ScannedBatch, void, undefined> {
  const { from, to, batchId } = plan.selection;
  const { newest, throughBatch = null } = plan;
  let start = plan.after?.sequence ?? null;
  for (;;) {
    const wantedPage = { from, to, batchId, throughBatch, start, newest, limit: PAGE };
    const page = await listLogged(ctx.db, plan.modelId, wantedPage);
    // Of the batch where the last page ended nothing may be left.
    const wanted = page.filter((batch) => restOf(batch, plan) !== null);
    for (const group of groupsOf(wanted)) {
      const views = await viewBatches(ctx, group);
      for (const [i, batch] of group.entries()) {
        const view = views[i];
        if (view !== undefined && !(view instanceof TidemarkError)) {
          yield { batch, view, rows: rowsThatFit(view, batch, plan) };
        } else if (plan.lost === undefined) throw lostBatch(batch, view);
        else plan.lost(batch);
      }
    }
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
    start = last.sequence + (newest ? -1 : 1);
  }
}

/** The rows `[first, end)` of a batch that lie behind the position; null when there is none. */
function restOf(batch: LoggedBatch, { after, newest }: ScanPlan): { first: number; end: number } | null {
  if (after === null || after.sequence !== batch.sequence) return { first: 0, end: batch.rows };
  const rest = newest ? { first: 0, end: after.row } : { first: after.row + 1, end: batch.rows };
  return rest.first < rest.end ? rest : null;
}

function* groupsOf(batches: readonly LoggedBatch[]): Generator<LoggedBatch[]> {
  let group: LoggedBatch[] = [];
  let bytes = 0;
  const objects = new Set<string>();
  for (const batch of batches) {
    const object = batch.pack?.oid ?? batch.oid;
    const full = objects.size === AT_ONCE && !objects.has(object);
    if (full || (group.length > 0 && bytes + batch.bytes > BYTES_AT_ONCE)) {
      yield group;
      group = [];
      bytes = 0;
      objects.clear();
    }
    group.push(batch);
    bytes += batch.bytes;
    objects.add(object);
  }
  if (group.length > 0) yield group;
}

/** The error of a batch whose bytes are not there as they were stored. */
export function lostBatch({ batchId, oid }: LoggedBatch, cause: unknown): TidemarkError {
  return new TidemarkError('object-corrupt', `The stored bytes of batch ${batchId} (${oid}) are wrong or lost.`, {
    cause,
  });
}

function rowsThatFit(view: ArrowView, batch: LoggedBatch, plan: ScanPlan): Int32Array {
  const { selection, newest } = plan;
  const { first, end } = restOf(batch, plan) ?? { first: 0, end: 0 };
  const tests = [
    timeTest(view, selection),
    textTest(columnOf(view, 'model_version'), selection.modelVersion),
    textTest(columnOf(view, SEGMENT), selection.segment),
  ].filter((test) => test !== null);
  const found = new Int32Array(Math.max(0, Math.min(end, view.rows) - first));
  let count = 0;
  for (let row = first; row < first + found.length; row++) {
    if (!isRepeat(batch.repeats, row) && tests.every((test) => test(row))) found[count++] = row;
  }
  let rows = found.subarray(0, count);
  if (selection.where !== null && count > 0) {
    const fits = selection.where.test(view);
    rows = rows.filter((row) => fits[row] === 1);
  }
  return newest ? rows.reverse() : rows;
}

/** The column of that name, decoded now; null when the batch has none. */
function columnOf(view: ArrowView, name: string): Column | null {
  const position = view.fields.findIndex((field) => field.name === name);
  return position < 0 ? null : view.column(position);
}

type RowTest = (row: number) => boolean;

function timeTest(view: ArrowView, { from, to }: Selection): RowTest | null {
  if (from === null && to === null) return null;
  const column = columnOf(view, 'timestamp');
  if (column === null || column.kind === 'category') return () => false;
  const start = from?.getTime() ?? Number.NEGATIVE_INFINITY;
  const end = to?.getTime() ?? Number.POSITIVE_INFINITY;
  return (row) => {
    const time = column.values[row] ?? Number.NaN;
    return time >= start && time < end;
  };
}

function textTest(column: Column | null, wanted: string | null): RowTest | null {
  if (wanted === null) return null;
  if (column === null) return () => false;
  return (row) => cellText(column, row) === wanted;
}

/** Rows that fit in every way, each with its latest label. */
export type LabelledRows = { readonly rows: Int32Array; readonly labels: readonly (IndexedLabel | null)[] };

/** Rows whose labels are looked up together. */
const LOOKED_UP = 5000;

/**
 * Takes of the rows of a batch those whose labels fit too, slice by slice.
 * @param most rows that are wanted: no more are looked up than can be needed
 */
export async function* withLabels(
  ctx: Pick<Context, 'db'>,
  given: { readonly modelId: number; readonly selection: Selection; readonly scanned: ScannedBatch },
  most = Number.POSITIVE_INFINITY,
): AsyncGenerator<LabelledRows, void, undefined> {
  const { modelId, selection, scanned } = given;
  const ids = columnOf(scanned.view, 'prediction_id');
  const picky = selection.labels !== null || selection.label !== null;
  const size = picky ? LOOKED_UP : Math.min(LOOKED_UP, most);
  for (let at = 0; at < scanned.rows.length; at += size) {
    const rows = scanned.rows.subarray(at, at + size);
    const hashes = Array.from(rows, (row) => idHash(ids === null ? '' : (cellText(ids, row) ?? '')));
    const known = await findLabels(ctx.db, modelId, hashes);
    const labels = hashes.map((hash) => known.get(hash) ?? null);
    const kept = picky ? Array.from(rows.keys()).filter((i) => labelFits(labels[i] ?? null, selection)) : null;
    if (kept === null) yield { rows, labels };
    else yield { rows: Int32Array.from(kept, (i) => rows[i] ?? 0), labels: kept.map((i) => labels[i] ?? null) };
  }
}

function labelFits(label: IndexedLabel | null, { labels, label: wanted }: Selection): boolean {
  if (wanted !== null && (label === null || labelText(label.label) !== wanted)) return false;
  switch (labels) {
    case 'labelled':
      return label !== null;
    case 'unlabelled':
      return label === null;
    case 'corrected':
      return label !== null && label.revision > 1;
    case null:
      return true;
  }
}
