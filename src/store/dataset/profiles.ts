import { and, eq, inArray, sql } from 'drizzle-orm';
import { fileProfiles, versionProfiles } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import type { Db } from '../postgres/db.ts';

export type FileProfileRow = typeof fileProfiles.$inferSelect;
export type VersionProfileRow = typeof versionProfiles.$inferSelect;

/** What one file was found to hold, by this method. */
export async function findFileProfile(
  db: Db,
  file: { projectId: number; oid: Oid; method: string },
): Promise<FileProfileRow | null> {
  const rows = await db
    .select()
    .from(fileProfiles)
    .where(
      and(
        eq(fileProfiles.projectId, file.projectId),
        eq(fileProfiles.oid, file.oid),
        eq(fileProfiles.method, file.method),
      ),
    );
  return rows[0] ?? null;
}

/** Keeps a file's profile; a second writer of the same content and method finds the first one's and leaves it. */
export async function saveFileProfile(db: Db, row: typeof fileProfiles.$inferInsert): Promise<void> {
  await db.insert(fileProfiles).values(storable(row)).onConflictDoNothing();
}

/** A row as it was read, which writing of it that was, and the bytes of its profile as they are stored (compressed). */
type Remembered = { readonly written: string; readonly row: VersionProfileRow; readonly bytes: number };

/** As many references as windows are judged against in turns, */
const MOST_REMEMBERED = 4;
/** and no more of them than that, in memory some ten times as much: of the profiles of wide tables one or none. */
const BYTES_REMEMBERED = 2 * 1024 ** 2;

/** By version, the one asked for last at the end; of the pool, not of what is read in a transaction. */
const remembered = new WeakMap<Db, Map<number, Remembered>>();

/** Changes with each writing of the row. */
const WRITTEN = sql<string>`version_profiles.xmin || ' ' || version_profiles.ctid`;
const STORED_BYTES = sql<number>`coalesce(pg_column_size(version_profiles.profile), 0)`;

/**
 * What is known of a version. A profile is large and hardly ever changes, and each window asks for that of its reference:
 * one that was read before and was not written since is the same object again. Nobody may change it.
 */
export async function findVersionProfile(db: Db, versionId: number): Promise<VersionProfileRow | null> {
  const known = remembered.get(db) ?? new Map<number, Remembered>();
  remembered.set(db, known);
  const former = known.get(versionId);
  const ofVersion = eq(versionProfiles.versionId, versionId);
  if (former !== undefined) {
    const [now] = await db.select({ written: WRITTEN }).from(versionProfiles).where(ofVersion);
    if (now?.written === former.written) return keep(known, versionId, former);
  }
  const [found] = await db
    .select({ row: versionProfiles, written: WRITTEN, bytes: STORED_BYTES })
    .from(versionProfiles)
    .where(ofVersion);
  if (found === undefined) return null;
  return keep(known, versionId, found);
}

function keep(known: Map<number, Remembered>, versionId: number, found: Remembered): VersionProfileRow {
  known.delete(versionId);
  // One that is not ready yet is small, and soon another.
  if (found.row.state === 'ready') known.set(versionId, found);
  let bytes = 0;
  for (const one of known.values()) bytes += one.bytes;
  for (const [eldest, one] of known) {
    if (known.size <= MOST_REMEMBERED && bytes <= BYTES_REMEMBERED) break;
    known.delete(eldest);
    bytes -= one.bytes;
  }
  return found.row;
}

export type VersionSchemaRow = Pick<VersionProfileRow, 'state' | 'schema' | 'error'> & {
  /** Of the profile. */
  readonly format: string | null;
};

/** What is known of a version without its profile. */
export async function findVersionSchema(db: Db, versionId: number): Promise<VersionSchemaRow | null> {
  const { state, schema, error } = versionProfiles;
  const format = sql<string | null>`version_profiles.profile ->> 'format'`;
  const [row] = await db
    .select({ state, schema, error, format })
    .from(versionProfiles)
    .where(eq(versionProfiles.versionId, versionId));
  return row ?? null;
}

/** How far the profiles of these versions are, by version id. */
export async function findProfileStates(
  db: Db,
  versionIds: readonly number[],
): Promise<Map<number, VersionProfileRow['state']>> {
  if (versionIds.length === 0) return new Map();
  const rows = await db
    .select({ versionId: versionProfiles.versionId, state: versionProfiles.state })
    .from(versionProfiles)
    .where(inArray(versionProfiles.versionId, [...versionIds]));
  return new Map(rows.map((row) => [row.versionId, row.state]));
}

/** Sets what is known of a version, replacing what was. */
export async function saveVersionProfile(db: Db, row: Omit<VersionProfileRow, 'updatedAt'>): Promise<void> {
  const { versionId: _, ...values } = storable(row);
  await db
    .insert(versionProfiles)
    .values(storable(row))
    .onConflictDoUpdate({ target: versionProfiles.versionId, set: { ...values, updatedAt: sql`now()` } });
}

/**
 * Values of foreign files stand in profiles, and jsonb takes neither U+0000 nor half a surrogate pair: both
 * become U+FFFD, or one such cell would make a profile fail for ever.
 */
function storable<T extends object>(row: T): T {
  const clean = (_: string, value: unknown): unknown =>
    typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())
      ? value.replaceAll('\0', '\ufffd').toWellFormed()
      : value;
  // Rows hold plain JSON in these members, so a trip through its text keeps their type.
  return JSON.parse(JSON.stringify(row), clean) as T;
}
