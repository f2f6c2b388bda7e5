import {
  amendLabels,
  findPastLabels,
  findTimedLabels,
  keepPassedLabels,
  keepReplacedLabels,
  type LabelRows,
  type TimedLabel,
  writeLabels,
} from '../../../store/log/label-index.ts';
import type { Db } from '../../../store/postgres/db.ts';
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
type Known = TimedLabel & { readonly event: LabelEvent | null };

/** What has to be written, in this order. */
type Changes = {
  /** Labels of the index that stay, by id, with another number or time. */
  readonly amended: Map<string, Known>;
  /** Replaced in the index. */
  readonly replaced: string[];
  /** Passed before they came there. */
  readonly passed: Settling[];
};

/**
 * Keeps the latest label of each id: a different one is a new revision, an equal one changes nothing. What is
 * replaced is kept beside it. Of two labels that say when they were given the later is the latest, in whatever order
 * they come: the other is a past revision at once. Where one does not say, the order in which they came decides.
 * @returns the events that changed nothing.
 */
export async function settleLabels(tx: Db, modelId: number, events: readonly LabelEvent[]): Promise<LabelEvent[]> {
  const idHashes = bySortedHash([...new Set(events.map((event) => event.idHash))]);
  const known = new Map<string, Known>();
  for (const slice of slices(idHashes, SLICE)) {
    for (const [idHash, label] of await findTimedLabels(tx, modelId, slice))
      known.set(idHash, { ...label, event: null });
  }
  const past = await pastOf(tx, modelId, { events, known });
  const changes: Changes = { amended: new Map(), replaced: [], passed: [] };
  const equal = events.filter((event) => !settleLabel(event, { known, past, changes }));
  const { replaced, passed } = changes;
  const amended = [...changes.amended];
  for (const slice of slices(amended, SLICE)) {
    await amendLabels(tx, modelId, {
      idHashes: slice.map(([idHash]) => idHash),
      revisions: slice.map(([, { revision }]) => revision),
      times: slice.map(([, { time }]) => time),
    });
  }
  for (const slice of slices(replaced, SLICE)) await keepReplacedLabels(tx, modelId, slice);
  for (const slice of slices(passed, SLICE)) await keepPassedLabels(tx, modelId, rowsOf(slice));
  for (const slice of slices(idHashes, SLICE)) await writeSlice(tx, modelId, slice, known);
  return equal;
}

/** @returns false where the event changed nothing. */
function settleLabel(
  event: LabelEvent,
  { known, past, changes }: { known: Map<string, Known>; past: Set<string>; changes: Changes },
): boolean {
  const { idHash, label, time } = event;
  const before = known.get(idHash);
  if (before === undefined) {
    known.set(idHash, { label, time, revision: 1, event });
    return true;
  }
  const stays = (change: Partial<Known>): void => {
    const now = { ...before, ...change };
    known.set(idHash, now);
    if (now.event === null) changes.amended.set(idHash, now);
  };
  if (before.label === label) {
    // Said again later: what was said between the two comes too late.
    if (isBefore(before.time, time)) stays({ time, event: before.event && { ...before.event, time } });
    return false;
  }
  if (isBefore(time, before.time)) {
    const key = keyOf(event);
    if (past.has(key)) return false;
    past.add(key);
    changes.passed.push({ revision: before.revision, event });
    stays({ revision: before.revision + 1 });
    return true;
  }
  past.add(keyOf({ idHash, label: before.label, time: before.time }));
  if (before.event === null) changes.replaced.push(idHash);
  else changes.passed.push({ revision: before.revision, event: before.event });
  known.set(idHash, { label, time, revision: before.revision + 1, event });
  return true;
}

const isBefore = (time: number | null, other: number | null): boolean =>
  time !== null && other !== null && time < other;

const keyOf = ({ idHash, label, time }: Pick<LabelEvent, 'idHash' | 'label' | 'time'>): string =>
  `${idHash} ${time} ${label}`;

/** The past labels of ids for which an older one comes: sent again, it is nothing new. */
async function pastOf(
  tx: Db,
  modelId: number,
  { events, known }: { readonly events: readonly LabelEvent[]; readonly known: ReadonlyMap<string, Known> },
): Promise<Set<string>> {
  const late = events.filter(({ idHash, time }) => isBefore(time, known.get(idHash)?.time ?? null));
  const past = new Set<string>();
  for (const slice of slices(bySortedHash([...new Set(late.map(({ idHash }) => idHash))]), SLICE)) {
    for (const label of await findPastLabels(tx, modelId, slice)) past.add(keyOf(label));
  }
  return past;
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
