import type { Db } from '../../store/db.ts';
import { findLabels, type IndexedLabel, writeLabels } from '../../store/label-index.ts';
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

type Known = IndexedLabel & { readonly event: LabelEvent | null };

/**
 * Keeps the latest label of each id: a different one is a new revision, an equal one changes nothing.
 * @returns the events that changed nothing.
 */
export async function settleLabels(tx: Db, modelId: number, events: readonly LabelEvent[]): Promise<LabelEvent[]> {
  const idHashes = bySortedHash([...new Set(events.map((event) => event.idHash))]);
  const known = new Map<string, Known>();
  for (const slice of slices(idHashes, SLICE)) {
    for (const [idHash, label] of await findLabels(tx, modelId, slice)) known.set(idHash, { ...label, event: null });
  }
  const equal: LabelEvent[] = [];
  for (const event of events) {
    const before = known.get(event.idHash);
    if (before?.label === event.label) equal.push(event);
    else known.set(event.idHash, { label: event.label, revision: (before?.revision ?? 0) + 1, event });
  }
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
  if (changed.length === 0) return;
  await writeLabels(tx, modelId, {
    idHashes: changed.map(({ event }) => event.idHash),
    labels: changed.map(({ event }) => event.label),
    revisions: changed.map(({ revision }) => revision),
    batchIds: changed.map(({ event }) => event.batchId),
    times: changed.map(({ event }) => event.time),
  });
}
