import { sql } from 'drizzle-orm';
import type { Db } from '../postgres/db.ts';

/** What the versions of a dataset have in bytes, each counted whole, whatever they share. */
export type DatasetSpace = {
  readonly dataset: string;
  readonly versions: number;
  readonly bytes: number;
  /** In the trash. */
  readonly trashedVersions: number;
};

/** The datasets of a project by size, the largest first. */
export async function listDatasetSpace(db: Db, projectId: number, limit: number): Promise<DatasetSpace[]> {
  const rows = await db.execute<{ dataset: string; versions: number; bytes: number; trashed: number }>(sql`
    select d.name dataset, (count(v.id) filter (where v.trashed_at is null))::float8 versions,
      coalesce(sum(v.bytes) filter (where v.trashed_at is null), 0)::float8 bytes,
      (count(v.id) filter (where v.trashed_at is not null and v.purged_at is null))::float8 trashed
    from datasets d left join versions v on v.dataset_id = d.id
    where d.project_id = ${projectId} group by d.id, d.name order by bytes desc, d.name limit ${limit}`);
  return rows.map(({ trashed, ...row }) => ({ ...row, trashedVersions: trashed }));
}
