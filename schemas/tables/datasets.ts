import { sql } from 'drizzle-orm';
import { boolean, index, integer, jsonb, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { projects } from './access.ts';
import { count, instant, projectId, serial } from './columns.ts';

/** Bytes that a project holds, by DVC's name; the name is bound to one SHA-256 for ever. */
export const objects = pgTable(
  'objects',
  {
    projectId: projectId().references(() => projects.id),
    oid: text('oid').notNull(),
    sha256: text('sha256').notNull(),
    size: count('size').notNull(),
    /** Sent to us, or found in the remote where others had written it. */
    origin: text('origin', { enum: ['received', 'pushed', 'scanned'] })
      .notNull()
      .default('received'),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** When its bytes, or a version that names it, came last: what is young may belong to a push under way. */
    receivedAt: instant('received_at').notNull().defaultNow(),
    /** When its bytes were last read whole and found to be its own. */
    verifiedAt: instant('verified_at').notNull().defaultNow(),
    quarantinedAt: instant('quarantined_at'),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.oid] }),
    index('objects_oid').on(t.oid),
    index('objects_verified').on(t.projectId, t.verifiedAt),
    index('objects_quarantined').on(t.projectId, t.oid).where(sql`${t.quarantinedAt} is not null`),
  ],
);

/**
 * What DVC 2 calls an object, whose bytes need not have the name for their MD5. A legacy manifest is an object like any
 * file; its members are named here by their legacy names.
 */
export const legacyNames = pgTable(
  'legacy_names',
  {
    projectId: projectId().references(() => projects.id),
    name: text('name').notNull(),
    oid: text('oid').notNull(),
    /** Of the bytes as DVC 2 counts them: the name is bound to it for ever, and not to one form of line ends. */
    unixSha256: text('unix_sha256').notNull(),
    members: text('members').array(),
    /** Of a folder: what it is called as a version, by the names that its files have today. */
    folderOid: text('folder_oid'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.name] }), index('legacy_names_object').on(t.projectId, t.oid)],
);

/** The members of a directory manifest, parsed once when it is accepted. */
export const manifestEntries = pgTable(
  'manifest_entries',
  {
    projectId: projectId(),
    oid: text('oid').notNull(),
    position: integer('position').notNull(),
    path: text('path').notNull(),
    md5: text('md5').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.oid, t.path] }),
    index('manifest_entries_member').on(t.projectId, t.md5),
  ],
);

export const datasets = pgTable(
  'datasets',
  {
    id: serial(),
    projectId: projectId().references(() => projects.id),
    name: text('name').notNull(),
    description: text('description').notNull().default(''),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** `{decimal?, thousands?, partitions?}`: how the tables of its versions are read, where nothing is said as usual. */
    reading: jsonb('reading').notNull().default({}),
    /** Since when nobody finds it. What becomes a version of it brings it back. */
    deletedAt: instant('deleted_at'),
  },
  (t) => [unique('datasets_name').on(t.projectId, t.name)],
);

/** What datasets were called before: a name goes on finding its dataset until another one takes it. */
export const datasetAliases = pgTable(
  'dataset_aliases',
  {
    projectId: projectId().references(() => projects.id),
    name: text('name').notNull(),
    datasetId: count('dataset_id')
      .notNull()
      .references(() => datasets.id),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.name] }), index('dataset_aliases_dataset').on(t.datasetId)],
);

/** What of a dataset is kept by itself; a dataset without a row keeps everything. Null: nothing by this rule. */
export const datasetRetention = pgTable('dataset_retention', {
  datasetId: count('dataset_id')
    .primaryKey()
    .references(() => datasets.id),
  last: integer('last'),
  withinSeconds: count('within_seconds'),
  daily: integer('daily'),
  /** Patterns; null: every tag keeps its version. */
  tags: text('tags').array(),
  author: text('author').notNull(),
  updatedAt: instant('updated_at').notNull().defaultNow(),
  lastRunAt: instant('last_run_at'),
});

/** An immutable version: one oid plus where it came from. */
export const versions = pgTable(
  'versions',
  {
    id: serial(),
    projectId: projectId(),
    datasetId: count('dataset_id')
      .notNull()
      .references(() => datasets.id),
    number: integer('number').notNull(),
    oid: text('oid').notNull(),
    /** The file's or folder's own name, as `dvc` writes it into a pointer. */
    path: text('path').notNull(),
    files: integer('files').notNull(),
    bytes: count('bytes').notNull(),
    /** Its one file may be executed by its owner; a folder says nothing of its files. No part of the content. */
    executable: boolean('executable').notNull().default(false),
    /** SHA-256 over the sorted (path, sha256) pairs: proves content where MD5 cannot. */
    sha256Root: text('sha256_root').notNull(),
    message: text('message').notNull().default(''),
    /** Who made it, where its pusher says so; else whoever recorded it, `provenance.author`. */
    author: text('author'),
    /** `{key: value}`, both text. */
    labels: jsonb('labels').notNull().default({}),
    /** How its tables are read, as its dataset said; null for one from before there was anything to say: plainly. */
    reading: jsonb('reading'),
    /** The commit of the repository that names or made it, in lower-case hexadecimal digits. */
    gitRev: text('git_rev'),
    /** `{kind: 'push' | 'commit' | 'pointer' | 'derived', …}`. */
    provenance: jsonb('provenance').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    /** Since when it is in the trash: nobody sees it, its bytes are kept, and it can be restored. */
    trashedAt: instant('trashed_at'),
    /** Since when its bytes are kept no longer for its sake. Its number and content stay known. */
    purgedAt: instant('purged_at'),
  },
  (t) => [
    index('versions_trash').on(t.projectId, t.trashedAt).where(sql`${t.trashedAt} is not null`),
    unique('versions_number').on(t.datasetId, t.number),
    // Content that comes again after other content is one more version.
    index('versions_same_content').on(t.datasetId, t.oid, t.path),
    index('versions_oid').on(t.projectId, t.oid),
  ],
);

/** The versions that a version was made from, of this or other datasets of the project. */
export const versionParents = pgTable(
  'version_parents',
  {
    versionId: count('version_id')
      .notNull()
      .references(() => versions.id),
    parentId: count('parent_id')
      .notNull()
      .references(() => versions.id),
    position: integer('position').notNull(),
  },
  (t) => [primaryKey({ columns: [t.versionId, t.parentId] }), index('version_parents_parent').on(t.parentId)],
);

export const tags = pgTable(
  'tags',
  {
    datasetId: count('dataset_id')
      .notNull()
      .references(() => datasets.id),
    name: text('name').notNull(),
    versionId: count('version_id')
      .notNull()
      .references(() => versions.id),
    /** A fixed tag is never moved, and removed only on an explicit word. */
    fixed: boolean('fixed').notNull().default(false),
    updatedAt: instant('updated_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.datasetId, t.name] })],
);

/** What is inside one file, by content and method: an unchanged file is never read twice. */
export const fileProfiles = pgTable(
  'file_profiles',
  {
    projectId: projectId(),
    oid: text('oid').notNull(),
    method: text('method').notNull(),
    state: text('state', { enum: ['ready', 'failed', 'unsupported'] }).notNull(),
    profile: jsonb('profile'),
    error: jsonb('error'),
    milliseconds: integer('milliseconds').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.oid, t.method] })],
);

/** The merged profile and the inferred schema of a version. */
export const versionProfiles = pgTable('version_profiles', {
  versionId: count('version_id')
    .primaryKey()
    .references(() => versions.id),
  state: text('state', { enum: ['pending', 'ready', 'failed', 'unsupported'] }).notNull(),
  profile: jsonb('profile'),
  schema: jsonb('schema'),
  error: jsonb('error'),
  updatedAt: instant('updated_at').notNull().defaultNow(),
});
