import type { Context } from '../../context.ts';
import { findProjectById } from '../../store/access/access.ts';
import { listVersionsOfObject, nameVersion } from '../../store/dataset/datasets.ts';
import { findObject } from '../../store/inventory/objects.ts';
import { transact } from '../../store/postgres/db.ts';
import { publishEvent } from '../webhook/publish.ts';

/** One object may be part of every version of a dataset; the newest are named, all are counted. */
const VERSIONS_NAMED = 20;

/**
 * Job: tells the project's receivers which versions cannot be pulled whole since an object was quarantined. Silent
 * when good bytes came before it ran, or when no version has the object.
 */
export async function announceQuarantine(
  ctx: Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl'>,
  { projectId, oid }: { projectId: number; oid: string },
): Promise<void> {
  const object = await findObject(ctx.db, projectId, oid);
  const project = await findProjectById(ctx.db, projectId);
  if (project === null || object === null || object.quarantinedAt === null) return;
  const quarantinedAt = object.quarantinedAt.toISOString();
  const ids = await listVersionsOfObject(ctx.db, projectId, oid);
  const named = await Promise.all(ids.slice(-VERSIONS_NAMED).map((id) => nameVersion(ctx.db, id)));
  const versions = named.flatMap((version) => (version === null ? [] : [version]));
  if (versions.length === 0) return;
  await transact(ctx.db, (tx) =>
    publishEvent(tx, ctx, {
      projectId,
      type: 'dataset.version.quarantined',
      subject: oid,
      data: {
        project: project.name,
        object: oid,
        quarantined_at: quarantinedAt,
        versions: versions.map(({ dataset, version, oid: whole }) => ({
          dataset,
          version,
          oid: whole,
          link: `${ctx.publicUrl()}/v1/datasets/${dataset}/versions/v${version}`,
        })),
        versions_total: ids.length,
      },
    }),
  );
}
