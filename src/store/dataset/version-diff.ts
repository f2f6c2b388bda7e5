import { type SQL, sql } from 'drizzle-orm';
import type { Db } from '../postgres/db.ts';
import type { VersionRow } from './datasets.ts';

/** What became of a file between two versions. `renamed`: the same bytes at another path. */
export type FileChange = 'added' | 'removed' | 'renamed' | 'changed';

export type ChangedFile = {
  readonly change: FileChange;
  /** Where it is in the newer version; for a removed file, where it was. */
  readonly path: string;
  readonly from: { readonly path: string; readonly md5: string; readonly size: number } | null;
  readonly to: { readonly path: string; readonly md5: string; readonly size: number } | null;
};

/** Files and bytes by kind of change; `fromBytes` counts their old bytes, `toBytes` their new ones. */
export type ChangeCount = { readonly files: number; readonly fromBytes: number; readonly toBytes: number };

export type VersionPair = { readonly from: VersionRow; readonly to: VersionRow };

/** The files of a version, whether it is one or a folder. */
function filesOf(version: VersionRow): SQL {
  return version.oid.endsWith('.dir')
    ? sql`select m.path, m.md5 from manifest_entries m where m.project_id = ${version.projectId} and m.oid = ${version.oid}`
    : sql`select ${version.path}::text as path, ${version.oid}::text as md5`;
}

/**
 * Every file that is not the same in both, once. Of the paths that only one version has, those with the same bytes
 * are paired in the order of their paths: a rename.
 */
function changesOf({ from, to }: VersionPair): SQL {
  return sql`
    paired as (
      select f.path as from_path, f.md5 as from_md5, t.path as to_path, t.md5 as to_md5
      from (${filesOf(from)}) f full join (${filesOf(to)}) t on t.path = f.path
      where f.md5 is distinct from t.md5),
    gone as (
      select from_path, from_md5, row_number() over (partition by from_md5 order by from_path collate "C") as nth
      from paired where to_path is null),
    come as (
      select to_path, to_md5, row_number() over (partition by to_md5 order by to_path collate "C") as nth
      from paired where from_path is null),
    changes as (
      select 'changed' as change, from_path, from_md5, to_path, to_md5
      from paired where from_path is not null and to_path is not null
      union all
      select case when to_path is null then 'removed' when from_path is null then 'added' else 'renamed' end,
        from_path, from_md5, to_path, to_md5
      from gone full join come on come.to_md5 = gone.from_md5 and come.nth = gone.nth)`;
}

const sizes = (projectId: number): SQL => sql`
  left join objects fo on fo.project_id = ${projectId} and fo.oid = c.from_md5
  left join objects t_o on t_o.project_id = ${projectId} and t_o.oid = c.to_md5`;

/** How many files changed in which way; a kind without any is absent. Nothing is read but manifests. */
export async function countChangedFiles(db: Db, pair: VersionPair): Promise<Map<FileChange, ChangeCount>> {
  const rows = await db.execute<{ change: FileChange; files: string; from_bytes: string; to_bytes: string }>(sql`
    with ${changesOf(pair)}
    select c.change, count(*) as files, coalesce(sum(fo.size), 0) as from_bytes, coalesce(sum(t_o.size), 0) as to_bytes
    from changes c ${sizes(pair.to.projectId)}
    group by c.change`);
  return new Map(
    rows.map((row) => [
      row.change,
      { files: Number(row.files), fromBytes: Number(row.from_bytes), toBytes: Number(row.to_bytes) },
    ]),
  );
}

type ChangeRow = {
  change: FileChange;
  from_path: string | null;
  from_md5: string | null;
  from_size: string | null;
  to_path: string | null;
  to_md5: string | null;
  to_size: string | null;
};

/** Changed files by path in code point order, from the one after `after`. A path stands in at most one of them. */
export async function listChangedFiles(
  db: Db,
  pair: VersionPair,
  page: { after: string; limit: number },
): Promise<ChangedFile[]> {
  const rows = await db.execute<ChangeRow>(sql`
    with ${changesOf(pair)}
    select c.change, c.from_path, c.from_md5, fo.size as from_size, c.to_path, c.to_md5, t_o.size as to_size
    from changes c ${sizes(pair.to.projectId)}
    where coalesce(c.to_path, c.from_path) collate "C" > ${page.after}
    order by coalesce(c.to_path, c.from_path) collate "C"
    limit ${page.limit}`);
  return rows.map((row) => {
    const from = sideOf(row.from_path, row.from_md5, row.from_size);
    const to = sideOf(row.to_path, row.to_md5, row.to_size);
    return { change: row.change, path: (to ?? from)?.path ?? '', from, to };
  });
}

function sideOf(path: string | null, md5: string | null, size: string | null): ChangedFile['from'] {
  return path === null || md5 === null ? null : { path, md5, size: Number(size) };
}
