import { sql } from 'drizzle-orm';
import type { Db } from '../postgres/db.ts';

/**
 * What the columns that name a version mean for keeping it; as `OBJECT_COLUMNS`, for the keys that lead to versions.
 */
export const VERSION_COLUMNS = {
  'tags.version_id': 'reason',
  'model_versions.dataset_version_id': 'reason',
  'monitor_revisions.reference_version_id': 'reason',
  'runs.reference_version_id': 'reason',
  'runs.derived_version_id': 'reason',
  'runs.former_reference_version_id': 'reason',
  'runs.evaluation_version_id': 'reason',
  'runs.answers_version_id': 'reason',
  'version_profiles.version_id': 'part of the version',
  'version_parents.version_id': 'part of the version',
  // A version is known as the parent of others when its bytes are long gone.
  'version_parents.parent_id': 'remembers',
  // A selection is done when its version is made.
  'prediction_selections.version_id': 'remembers',
} as const;

/** Why a version matters to something else in the project. */
export type Reason = {
  readonly code: 'tag' | 'fixed-tag' | 'model' | 'reference' | 'report' | 'alert' | 'run';
  /** For people: the tag, the model version, the monitor, how many reports, the alert, the run. */
  readonly detail: string;
};

/** Every reason that versions of a dataset have from elsewhere, by the version's id. */
export async function listVersionReasons(db: Db, datasetId: number): Promise<Map<number, Reason[]>> {
  const rows = await db.execute<{ id: string; code: Reason['code']; detail: string }>(sql`
    with mine as (select id from versions where dataset_id = ${datasetId})
    select version_id::text id, case when fixed then 'fixed-tag' else 'tag' end code, name detail from tags where dataset_id = ${datasetId}
    union all
    select v.dataset_version_id::text, 'model', m.name || '/' || v.name
    from model_versions v join models m on m.id = v.model_id where v.dataset_version_id in (select id from mine)
    union all
    select r.reference_version_id::text, 'reference',
      m.name || '/' || o.name || case when r.revision = (
        select max(revision) from monitor_revisions n where n.monitor_id = r.monitor_id) then '' else ' (earlier)' end
    from monitor_revisions r join monitors o on o.id = r.monitor_id join models m on m.id = o.model_id
    where r.reference_version_id in (select id from mine)
    union all
    select r.reference_version_id::text, 'report', count(*)::text
    from reports p join monitor_revisions r on r.id = p.monitor_revision_id
    where r.reference_version_id in (select id from mine) group by r.reference_version_id
    union all
    select r.reference_version_id::text, 'alert', e.id
    from episodes e join reports p on p.id = e.last_report_id join monitor_revisions r on r.id = p.monitor_revision_id
    where e.state <> 'resolved' and r.reference_version_id in (select id from mine)
    union all
    select reference_version_id::text, 'run', id from runs where reference_version_id in (select id from mine)
    union all
    select named.version_id::text, 'run', r.id from runs r cross join lateral (values
      (r.derived_version_id), (r.former_reference_version_id), (r.evaluation_version_id), (r.answers_version_id)) named (version_id)
    where named.version_id in (select id from mine)
    order by 1, 2, 3`);
  const reasons = new Map<number, Reason[]>();
  for (const { id, code, detail } of rows) {
    const known = reasons.get(Number(id)) ?? [];
    if (!known.some((reason) => reason.code === code && reason.detail === detail)) known.push({ code, detail });
    reasons.set(Number(id), known);
  }
  return reasons;
}
