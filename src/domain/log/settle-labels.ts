import {
  findLabels,
  type IndexedLabel,
  keepPassedLabels,
  keepReplacedLabels,
  type LabelRows,
  writeLabels,
} from '../../store/label-index.ts';
import type { Db } from '../../store/postgres/db.ts';
import { bySortedHash, slices } from './sorted-hashes.ts';

/** One label as it came. Events are given in the order in which they count. */
export type LabelEvent = {
  readonly idHash: string;
  readonly label: string;
  readonly batchId: number;
  readonly row: number;
  /** Milliseconds since 1970. */
  readonly time: number | null;
};

/** Rows of one index statement. */
const SLICE = 50_000;

/** A label among those being settled. */
type Settling = { readonly revision: number; readonly event: LabelEvent };
/** `event` is null where the label was settled before. */
type Known = IndexedLabel & { readonly event: LabelEvent | null };

/**
 * Keeps the latest label of each id: a different one is a new revision, an equal one changes nothing. What is
 * replaced is kept beside it.
 * @returns the events that changed nothing.
 */
export async function settleLabels(tx: Db, modelId: number, events: readonly LabelEvent[]): Promise<LabelEvent[]> {
  const idHashes = bySortedHash([...new Set(events.map((event) => event.idHash))]);
  const known = new Map<string, Known>();
  for (const slice of slices(idHashes, SLICE)) {
    for (const [idHash, label] of await findLabels(tx, modelId, slice)) known.set(idHash, { ...label, event: null });
  }
  const equal: LabelEvent[] = [];
  /** Replaced in the index, and replaced before they came there. */
  const replaced: string[] = [];
  const passed: Settling[] = [];
  for (const event of events) {
    const before = known.get(event.idHash);
    if (before?.label === event.label) {
      equal.push(event);
      continue;
    }
    if (before?.event === null) replaced.push(event.idHash);
    else if (before !== undefined) passed.push({ revision: before.revision, event: before.event });
    known.set(event.idHash, { label: event.label, revision: (before?.revision ?? 0) + 1, event });
  }
  for (const slice of slices(replaced, SLICE)) await keepReplacedLabels(tx, modelId, slice);
  for (const slice of slices(passed, SLICE)) await keepPassedLabels(tx, modelId, rowsOf(slice));
  for (const slice of slices(idHashes, SLICE)) await writeSlice(tx, modelId, slice, known);
  return equal;
}

async function writeSlice(
  tx: Db,
  modelId: number,
  idHashes: readonly string[],
  known: ReadonlyMap<string, Known>,
): Promise<void> {
  const changed = idHashes.flatMap((idHash) => {
    const label = known.get(idHash);
    return label === undefined || label.event === null ? [] : [{ revision: label.revision, event: label.event }];
  });
  if (changed.length > 0) await writeLabels(tx, modelId, rowsOf(changed));
}

const rowsOf = (settling: readonly Settling[]): LabelRows => ({
  idHashes: settling.map(({ event }) => event.idHash),
  labels: settling.map(({ event }) => event.label),
  revisions: settling.map(({ revision }) => revision),
  batchIds: settling.map(({ event }) => event.batchId),
  times: settling.map(({ event }) => event.time),
});
