import type { Db } from '../../store/postgres/db.ts';
import { findPredictions, indexPredictions } from '../../store/prediction-index.ts';
import type { SettlingRows } from './settling-rows.ts';
import { bySortedHash, slices } from './sorted-hashes.ts';

export type SettlingBatch = SettlingRows & { readonly id: number };

/** Rows of a batch that repeat an earlier one, by kind. */
export type Repeats = { duplicates: number; conflicts: number; readonly rows: number[] };

export const noRepeats = (): Repeats => ({ duplicates: 0, conflicts: 0, rows: [] });

/** A row by the position of its batch among those being settled. */
type Place = { readonly batch: number; readonly row: number };

/** Rows of one index statement. */
const SLICE = 50_000;

/**
 * Indexes the predictions of batches that come one after another: the first row of an id wins, within the
 * batches and against those settled before. Every other one is a duplicate where its values are the winner's,
 * else a conflict.
 * @returns for each batch, the rows that repeat.
 */
export async function settlePredictions(
  tx: Db,
  modelId: number,
  batches: readonly SettlingBatch[],
): Promise<Repeats[]> {
  const repeats = batches.map(noRepeats);
  const first = new Map<string, Place>();
  const later: (Place & { readonly idHash: string })[] = [];
  batches.forEach(({ idHashes }, batch) => {
    idHashes.forEach((idHash, row) => {
      if (first.has(idHash)) later.push({ batch, row, idHash });
      else first.set(idHash, { batch, row });
    });
  });
  const contentAt = ({ batch, row }: Place): bigint => batches[batch]?.contents[row] ?? 0n;
  // Of ids that were settled before: what their winner holds.
  const settledContents = new Map<string, bigint>();
  for (const idHashes of slices(bySortedHash([...first.keys()]), SLICE)) {
    const places = idHashes.map((idHash) => placeOf(first, idHash));
    const inserted = await indexPredictions(tx, modelId, {
      idHashes,
      batchIds: places.map(({ batch }) => batches[batch]?.id ?? 0),
      rows: places.map(({ row }) => row),
      times: places.map(({ batch, row }) => batches[batch]?.times[row] ?? 0),
      contents: places.map(contentAt),
    });
    if (inserted === idHashes.length) continue;
    for (const [idHash, winner] of await findPredictions(tx, modelId, idHashes)) {
      const place = placeOf(first, idHash);
      if (winner.batchId === batches[place.batch]?.id && winner.row === place.row) continue;
      settledContents.set(idHash, winner.content);
      tally(repeats, place, winner.content === contentAt(place));
    }
  }
  for (const place of later) {
    const winner = settledContents.get(place.idHash) ?? contentAt(placeOf(first, place.idHash));
    tally(repeats, place, winner === contentAt(place));
  }
  return repeats;
}

function placeOf(first: ReadonlyMap<string, Place>, idHash: string): Place {
  const place = first.get(idHash);
  if (place === undefined) throw new Error('an id hash came back that was not sent');
  return place;
}

function tally(repeats: readonly Repeats[], place: Place, equal: boolean): void {
  const found = repeats[place.batch];
  if (found === undefined) return;
  found.rows.push(place.row);
  if (equal) found.duplicates++;
  else found.conflicts++;
}
