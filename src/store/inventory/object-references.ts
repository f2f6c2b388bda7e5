import { type SQL, sql } from 'drizzle-orm';

/**
 * What the columns that hold names of objects mean for keeping them. One place, checked against the database by a
 * test: a new column of that kind has to be entered here before it exists.
 */
export const OBJECT_COLUMNS = {
  // They are the object.
  'objects.oid': 'object',
  'object_tombstones.oid': 'object',
  'manifest_entries.oid': 'object',
  // They need its bytes: `referenced` asks each of them.
  'manifest_entries.md5': 'keeps',
  'versions.oid': 'keeps',
  // Until it is let go, and unless its bytes lie in a pack that is held and sound, which it then needs instead.
  'batches.oid': 'keeps',
  'packed_objects.pack_oid': 'keeps',
  'monitor_revisions.reference_oid': 'keeps',
  // Only DVC 2 knows who asks for these, and the bytes bear its name in the remote too.
  'legacy_names.oid': 'keeps',
  // The revision that a report was made under keeps the same object, and its inputs are batches.
  'reports.reference_oid': 'kept by monitor_revisions.reference_oid',
  // They speak of it and go on without it.
  'packed_objects.oid': 'mentions',
  'file_profiles.oid': 'mentions',
  'block_sums.oid': 'mentions',
  // Where its bytes lie besides, until they are removed.
  'bundle_members.oid': 'mentions',
  'storage_findings.oid': 'mentions',
  'push_objects.oid': 'mentions',
  'uploads.oid': 'mentions',
  'legacy_names.folder_oid': 'mentions',
  // Legacy names, each of which keeps its own object.
  'legacy_names.members': 'kept by legacy_names.oid',
  'push_sessions.held_objects': 'a number',
  'push_sessions.new_objects': 'a number',
} as const;

/**
 * What needs an object of a project (both are SQL expressions), one subquery each. A manifest needs its members for as
 * long as its entries stand, which is until its own bytes are gone: a directory goes before its files. A version needs
 * its object until it is purged, also in the trash; a batch until its rows are let go, and the pack of its bytes instead where there is one. A name of DVC 2 needs the object that it stands for.
 */
const needs = (project: SQL, oid: SQL): SQL[] => [
  sql`exists (select 1 from manifest_entries r where r.project_id = ${project} and r.md5 = ${oid})`,
  sql`exists (select 1 from versions r where r.project_id = ${project} and r.oid = ${oid} and r.purged_at is null)`,
  sql`exists (select 1 from batches r where r.project_id = ${project} and r.oid = ${oid} and r.dropped_at is null
    and not exists (select 1 from packed_objects p
      join objects k on k.project_id = p.project_id and k.oid = p.pack_oid and k.quarantined_at is null
      where p.project_id = ${project} and p.oid = r.oid))`,
  sql`exists (select 1 from packed_objects r join batches b on b.project_id = r.project_id and b.oid = r.oid
    where r.project_id = ${project} and r.pack_oid = ${oid} and b.dropped_at is null)`,
  sql`exists (select 1 from legacy_names r where r.project_id = ${project} and r.oid = ${oid})`,
  sql`exists (select 1 from monitor_revisions r join monitors m on m.id = r.monitor_id
    where m.project_id = ${project} and r.reference_oid = ${oid})`,
];

/** True for an object that something in its project needs. */
export function referenced(project: SQL, oid: SQL): SQL {
  return sql`(${sql.join(needs(project, oid), sql` or `)})`;
}

/** The opposite, in the form that PostgreSQL plans as joins: one at a time it would take far longer. */
export function unreferenced(project: SQL, oid: SQL): SQL {
  return sql.join(
    needs(project, oid).map((need) => sql`not ${need}`),
    sql` and `,
  );
}
