import { type StoredImportance, storedImportance } from '../../../schemas/wire/importance.ts';
import { isTidemarkError } from '../../errors.ts';
import { findVersionProfile } from '../../store/dataset/profiles.ts';
import { findImportance, insertImportance } from '../../store/monitor/importance.ts';
import type { ModelRow } from '../../store/monitor/models.ts';
import type { NamedRevision } from '../../store/monitor/monitors.ts';
import type { Db } from '../../store/postgres/db.ts';
import { toJson } from '../canonical.ts';
import { configOf } from '../configuration/config.ts';
import { judgedColumns } from '../configuration/judged-columns.ts';
import type { Task } from '../model/find-task.ts';
import { withReferenceFiles } from '../reference/reference-files.ts';
import { type Computing, referenceProfile } from '../report/compute-report.ts';
import { runTask } from '../tasks.ts';
import { labelledReference } from './measure-reference.ts';

/**
 * Learns how much each feature matters, once for a revision, since neither the reference nor the revision ever changes.
 * Nothing is learnt where somebody has declared it.
 * @throws TidemarkError `not-ready` while the reference is being profiled.
 */
export async function learnImportance(
  ctx: Computing,
  { model, revision, task }: { readonly model: ModelRow; readonly revision: NamedRevision; readonly task: Task },
): Promise<void> {
  const config = configOf(revision);
  if (config.importance !== undefined || (await findImportance(ctx.db, revision.id)) !== null) return;
  const given = { projectId: model.projectId, versionId: revision.referenceVersionId, fresh: false };
  try {
    const known = referenceProfile(await findVersionProfile(ctx.db, revision.referenceVersionId));
    const features = judgedColumns(known.profile, config).filter(({ role }) => role === 'feature');
    const learnt = await withReferenceFiles(ctx, given, (files) => {
      const reference = labelledReference(ctx, { revision, known, files });
      return runTask(ctx, 'learn-importance', { reference, features, task });
    });
    await insertImportance(ctx.db, revision.id, toJson(learnt));
  } catch (error) {
    // What cannot be read is told with the windows; the next one tries again.
    if (!isTidemarkError(error, 'object-corrupt') && !isTidemarkError(error, 'unreadable-data')) throw error;
  }
}

export type Importance = Pick<StoredImportance, 'shares' | 'reason'> & {
  readonly from: 'declared' | NonNullable<StoredImportance['target']> | null;
};

/** How much each feature matters under a revision: as it was declared, else as it was learnt. */
export async function readImportance(db: Db, revision: NamedRevision): Promise<Importance> {
  const declared = configOf(revision).importance;
  if (declared !== undefined) return { from: 'declared', shares: sharesOf(declared), reason: null };
  const stored = await findImportance(db, revision.id);
  if (stored === null) return { from: null, shares: {}, reason: 'it has not been learnt yet' };
  const { target, shares, reason } = storedImportance.parse(stored);
  return { from: reason === null ? target : null, shares, reason };
}

function sharesOf(weights: Readonly<Record<string, number>>): Record<string, number> {
  const all = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
  return Object.fromEntries(Object.entries(weights).map(([name, weight]) => [name, all > 0 ? weight / all : 0]));
}
