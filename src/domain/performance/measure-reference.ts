import type { Context } from '../../context.ts';
import { isTidemarkError } from '../../errors.ts';
import { findVersionProfile } from '../../store/dataset/profiles.ts';
import type { ModelRow } from '../../store/monitor/models.ts';
import type { NamedRevision } from '../../store/monitor/monitors.ts';
import { findReferencePerformance, saveReferencePerformance } from '../../store/monitor/performance.ts';
import { toJson } from '../canonical.ts';
import { configOf } from '../configuration/config.ts';
import { questionOf } from '../configuration/performance-config.ts';
import { completeRoles } from '../model/roles.ts';
import { readableFiles } from '../object/materialize.ts';
import type { Measured } from '../outcome/measure-outcomes.ts';
import type { ReferenceFiles } from '../reference/reference-columns.ts';
import { withReferenceFiles } from '../reference/reference-files.ts';
import type { LabelledReference } from '../reference/reference-outcomes.ts';
import { type ReferenceProfile, referenceProfile } from '../report/compute-report.ts';
import { runTask } from '../tasks.ts';

type Measuring = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute'>;
type Subject = { readonly model: ModelRow; readonly revision: NamedRevision };

/**
 * How well the predictions that a revision's reference holds agree with its own labels: measured once, since neither
 * the reference nor the revision ever changes. Null while or where it cannot be read.
 */
export async function measureReference(ctx: Measuring, subject: Subject): Promise<Measured | null> {
  const known = await findReferencePerformance(ctx.db, subject.revision.id);
  // Written below, and by nothing else.
  if (known !== null) return known as Measured;
  try {
    const measured = await readAndMeasure(ctx, subject);
    await saveReferencePerformance(ctx.db, subject.revision.id, toJson(measured));
    return measured;
  } catch (error) {
    if (UNREADABLE.some((code) => isTidemarkError(error, code))) return null;
    throw error;
  }
}

const UNREADABLE = ['not-ready', 'unreadable-data', 'object-corrupt'] as const;

async function readAndMeasure(ctx: Measuring, { model, revision }: Subject): Promise<Measured> {
  const known = referenceProfile(await findVersionProfile(ctx.db, revision.referenceVersionId));
  const given = { projectId: model.projectId, versionId: revision.referenceVersionId, fresh: false };
  return withReferenceFiles(ctx, given, (files) =>
    runTask(ctx, 'measure-reference', {
      ...questionOf(model, configOf(revision).performance),
      reference: labelledReference(ctx, { revision, known, files }),
    }),
  );
}

/** A reference as the tasks that read its labels get it. */
export function labelledReference(
  ctx: Pick<Context, 'config'>,
  given: {
    readonly revision: NamedRevision;
    readonly known: ReferenceProfile;
    readonly files: ReferenceFiles['files'];
  },
): LabelledReference {
  const { profile, unreadable } = given.known;
  return {
    oid: given.revision.referenceOid,
    files: readableFiles(given.files, unreadable),
    rows: profile.rows,
    roles: completeRoles(configOf(given.revision).roles, profile.columns),
    columns: profile.columns.map(({ name, type }) => ({ name, type })),
    memoryBytes: (ctx.config.limits.computeMegabytes / 2) * 2 ** 20,
  };
}
