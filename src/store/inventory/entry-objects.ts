import { and, eq, sql } from 'drizzle-orm';
import { apiKeys, objects, projects } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import type { ProjectKeyRow, ProjectRow } from '../access/access.ts';
import { formerNames, projectIdOf } from '../access/project-names.ts';
import { words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';
import type { ObjectRow } from './objects.ts';

/**
 * Who a request comes from and the objects that it asks for, in one statement: every file of a pull asks both, and
 * with small files the statements cost more than the bytes.
 */
type Asked = ReadonlyMap<Oid, ObjectRow>;

/** An API key with its project, and the objects of its project among these; null for an unknown key. */
export async function findKeyWithObjects(
  db: Db,
  keyId: string,
  oids: readonly Oid[],
): Promise<{ key: ProjectKeyRow; objects: Asked } | null> {
  const rows = await statementsOf(db).byKey.execute({ keyId, oids: words(oids) });
  const [first] = rows;
  if (first === undefined) return null;
  const { key, project, formerNames } = first;
  return { key: { ...key, project, formerNames }, objects: objectsOf(rows) };
}

/** As `findEntry`, with the objects of the project among these. */
export async function findEntryWithObjects(
  db: Db,
  project: string,
  oids: readonly Oid[],
): Promise<{ entry: { anyKey: boolean; project: ProjectRow | null }; objects: Asked }> {
  const rows = await statementsOf(db).byProject.execute({ project, oids: words(oids) });
  const [first] = rows;
  return {
    entry: { anyKey: first?.anyKey ?? true, project: first?.project ?? null },
    objects: objectsOf(rows),
  };
}

function objectsOf(rows: readonly { readonly object: ObjectRow | null }[]): Asked {
  return new Map(rows.flatMap(({ object }) => (object === null ? [] : [[object.oid, object]])));
}

/** Built once a pool: to write a statement down takes longer than the database needs for it. */
const statements = new WeakMap<Db, ReturnType<typeof prepare>>();

function statementsOf(db: Db): ReturnType<typeof prepare> {
  const known = statements.get(db) ?? prepare(db);
  statements.set(db, known);
  return known;
}

function prepare(db: Db) {
  const wanted = sql`${objects.oid} = any(${sql.placeholder('oids')}::text[])`;
  return {
    byKey: db
      .select({ key: apiKeys, project: projects, formerNames, object: objects })
      .from(apiKeys)
      .innerJoin(projects, eq(projects.id, apiKeys.projectId))
      .leftJoin(objects, and(eq(objects.projectId, apiKeys.projectId), wanted))
      .where(eq(apiKeys.id, sql.placeholder('keyId')))
      .prepare('key_with_objects'),
    byProject: db
      .select({
        anyKey: sql<boolean>`exists (select 1 from ${apiKeys})`,
        project: projects,
        object: objects,
      })
      .from(sql`(values (1)) as request`)
      .leftJoin(projects, eq(projects.id, projectIdOf(sql.placeholder('project'))))
      .leftJoin(objects, and(eq(objects.projectId, projects.id), wanted))
      .prepare('entry_with_objects'),
  };
}
