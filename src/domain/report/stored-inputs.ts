import type { WindowBatch } from '../reference/batch-files.ts';
import { PINNED, type ReferenceRows, type References } from '../reference/resolve-reference.ts';

/** The inputs of a report as its row keeps them: what `judge-window` writes, a replay reads. Nothing else writes them. */

type StoredBatch = { readonly batch: number; readonly oid: string; readonly repeats: string | null };
type StoredRows = Omit<ReferenceRows, 'batches'> & { readonly inputs: readonly StoredBatch[] };
type StoredReferences = {
  readonly rows: StoredRows | null;
  readonly previous: (StoredRows & { readonly verdict: string | null }) | null;
};

export const writeInputs = (batches: readonly WindowBatch[]): StoredBatch[] =>
  batches.map(({ batchId, oid, repeats }) => ({
    batch: batchId,
    oid,
    repeats: repeats === null ? null : Buffer.from(repeats).toString('base64'),
  }));

export function readInputs(stored: unknown): WindowBatch[] {
  return (stored as readonly StoredBatch[]).map(({ batch, oid, repeats }) => ({
    batchId: batch,
    oid,
    repeats: repeats === null ? null : new Uint8Array(Buffer.from(repeats, 'base64')),
  }));
}

/** Null where the pinned version was all that was compared with. */
export function writeReferences({ rows, previous }: References): StoredReferences | null {
  if (rows === null && previous === null) return null;
  const written = ({ batches, ...rest }: ReferenceRows): StoredRows => ({ ...rest, inputs: writeInputs(batches) });
  return {
    rows: rows && written(rows),
    previous: previous && { ...written(previous), verdict: previous.verdict },
  };
}

export function readReferences(stored: unknown): References {
  if (stored === null) return PINNED;
  const { rows, previous } = stored as StoredReferences;
  const read = ({ inputs, ...rest }: StoredRows): ReferenceRows => ({ ...rest, batches: readInputs(inputs) });
  return { rows: rows && read(rows), previous: previous && { ...read(previous), verdict: previous.verdict } };
}
