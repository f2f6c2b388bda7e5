import { csvReading, type SaidReading } from '../../formats/table-file.ts';
import { lockReadableVersions, rereadVersions, saveDatasetReading } from '../../store/dataset/dataset-reading.ts';
import type { DatasetRow } from '../../store/dataset/datasets.ts';
import { listVersionReasons, type Reason } from '../../store/dataset/version-reasons.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import type { Db } from '../../store/postgres/db.ts';
import type { Actor } from '../access/actor.ts';
import { note } from '../access/audit.ts';
import { canonicalJson, toJson } from '../canonical.ts';
import { checkDates } from '../object/check-dates.ts';

/** What became of the versions that there are. */
export type Reread = {
  /** Numbers of those that are read anew. */
  readonly reread: readonly number[];
  /** Those that stay as they were read, since something was made of that. */
  readonly kept: readonly { readonly number: number; readonly reason: Reason }[];
};

export const NOTHING_REREAD: Reread = { reread: [], kept: [] };

/**
 * Says how the tables of a dataset, which the caller holds, are read from now on, and has its versions read anew: but for
 * those that a model, a monitor or a run rests on, whose reports would no longer be what they were.
 * @throws TidemarkError `invalid-body` for what says no way to write dates.
 */
export async function changeReading(
  tx: Db,
  actor: Actor,
  given: { readonly dataset: Pick<DatasetRow, 'id' | 'name'>; readonly reading: SaidReading },
): Promise<Reread> {
  const { id, name } = given.dataset;
  checkDates(given.reading.dates, '/reading/dates');
  const reading = { ...csvReading(given.reading), partitions: given.reading.partitions ?? true };
  await saveDatasetReading(tx, id, reading);
  const found = await sortVersions(tx, id, reading);
  await rereadVersions(
    tx,
    found.reread.map((version) => version.id),
    reading,
  );
  const reread = found.reread.map(({ number }) => number);
  await note(tx, actor, { action: 'dataset.reading-set', subject: name, details: { reading, reread } });
  for (const { id: versionId } of found.reread) {
    await enqueue(tx, { name: 'profile-version', key: `version:${versionId}`, payload: { versionId } });
  }
  return { reread, kept: found.kept };
}

async function sortVersions(tx: Db, datasetId: number, reading: SaidReading) {
  const versions = await lockReadableVersions(tx, datasetId);
  const reasons = await listVersionReasons(tx, datasetId);
  const reread: { readonly id: number; readonly number: number }[] = [];
  const kept: Reread['kept'][number][] = [];
  for (const { id, number, reading: former } of versions) {
    // What a tag points at moves as easily as the tag.
    const reason = reasons.get(id)?.find(({ code }) => code !== 'tag' && code !== 'fixed-tag');
    if (canonicalJson(toJson(former)) === canonicalJson(toJson(reading))) continue;
    if (reason === undefined) reread.push({ id, number });
    else kept.push({ number, reason });
  }
  return { reread, kept };
}
