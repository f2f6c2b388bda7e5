import { findPredictions, indexPredictions } from '../../../store/log/prediction-index.ts';
import type { Db } from '../../../store/postgres/db.ts';
import { type Arranged, idHashAt, type Place } from '../arrange/arrange-batches.ts';

/** Rows of a batch that repeat an earlier one, by kind. */
export type Repeats = { duplicates: number; conflicts: number; readonly rows: number[] };

export const noRepeats = (): Repeats => ({ duplicates: 0, conflicts: 0, rows: [] });

/**
 * Indexes the predictions of batches that come one after another: the first row of an id wins, within the
 * batches and against those settled before. Every other one is a duplicate where its values are the winner's,
 * else a conflict.
 * @param ids of the batches, in their order
 * @returns for each batch, the rows that repeat.
 */
export async function settlePredictions(
  tx: Db,
  modelId: number,
  { ids, arranged }: { readonly ids: readonly number[]; readonly arranged: Arranged },
): Promise<Repeats[]> {
  const repeats = ids.map(noRepeats);
  const contentAt = ({ batch, row }: Place): bigint => arranged.batches[batch]?.contents[row] ?? 0n;
  // Of ids that were settled before: what their winner holds.
  const settledContents = new Map<string, bigint>();
  for (const slice of arranged.slices) {
    const inserted = await indexPredictions(tx, modelId, slice.index);
    if (inserted === slice.index.count) continue;
    const idHashes = Array.from(slice.rows, (_, i) => idHashAt(slice, i));
    const winners = await findPredictions(tx, modelId, idHashes);
    for (const [i, idHash] of idHashes.entries()) {
      const place = { batch: slice.batches[i] ?? 0, row: slice.rows[i] ?? 0 };
      const winner = winners.get(idHash);
      if (winner === undefined) throw new Error('an id hash that was indexed is not found');
      if (winner.batchId === ids[place.batch] && winner.row === place.row) continue;
      settledContents.set(idHash, winner.content);
      tally(repeats, place, winner.content === contentAt(place));
    }
  }
  for (const { first, idHash, ...place } of arranged.later) {
    const winner = settledContents.get(idHash) ?? contentAt(first);
    tally(repeats, place, winner === contentAt(place));
  }
  return repeats;
}

function tally(repeats: readonly Repeats[], place: Place, equal: boolean): void {
  const found = repeats[place.batch];
  if (found === undefined) return;
  found.rows.push(place.row);
  if (equal) found.duplicates++;
  else found.conflicts++;
}
