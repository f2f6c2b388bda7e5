import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { TableSchema } from '../../quality/infer-schema.ts';
import type { TableProfile } from '../../stats/profile.ts';
import { listFormerNames } from '../../store/dataset/dataset-names.ts';
import {
  type DatasetRow,
  findNewestVersion,
  listDatasets,
  listVersions,
  nameDatasets,
  type VersionFilter,
  type VersionRow,
} from '../../store/dataset/datasets.ts';
import {
  findProfileStates,
  findVersionProfile,
  findVersionSchema,
  type VersionProfileRow,
  type VersionSchemaRow,
} from '../../store/dataset/profiles.ts';
import { listTags } from '../../store/dataset/tags.ts';
import { countQuarantined } from '../../store/dataset/version-health.ts';
import { listParents, type ParentRow } from '../../store/dataset/version-parents.ts';
import type { HeldFile } from '../../store/inventory/objects.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { type ByteRange, openObject } from '../object/open-object.ts';
import { findFile, listFiles } from '../object/version-files.ts';
import type { ProfileFailure, ProfileNotes } from '../profile/profile.ts';
import { requireReadable, storedProfile } from '../profile/stored-profile.ts';
import { checkPath } from './dataset-path.ts';
import { type FoundVersion, resolveDataset, resolveVersion } from './resolve.ts';

/** A version as people see it: with the tags that point at it and how far its profile is. */
export type VersionDetails = {
  readonly dataset: string;
  readonly version: VersionRow;
  readonly tags: readonly string[];
  /** What it was made from. */
  readonly parents: readonly ParentRow[];
  readonly profile: VersionProfileRow['state'];
  /** How many of its objects are quarantined: it cannot be pulled whole until they are healed. */
  readonly quarantined: number;
};

/** A dataset with its newest version. */
export type DatasetDetails = {
  readonly dataset: DatasetRow;
  /** What it was called before. */
  readonly formerNames: readonly string[];
  readonly latest: VersionRow | null;
  /** As of a version, of the newest. */
  readonly quarantined: number;
};

/** Datasets by name with their newest versions. */
export async function readDatasets(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  page: { after: string; limit: number },
): Promise<DatasetDetails[]> {
  requireScope(actor, 'data:read');
  const rows = await listDatasets(ctx.db, actor.projectId, page);
  const hit = await countQuarantined(
    ctx.db,
    rows.flatMap(({ latest }) => (latest === null ? [] : [latest.id])),
  );
  const former = await listFormerNames(
    ctx.db,
    rows.map(({ dataset }) => dataset.id),
  );
  return rows.map((row) => ({
    ...row,
    formerNames: former.get(row.dataset.id) ?? [],
    quarantined: hit.get(row.latest?.id ?? 0) ?? 0,
  }));
}

/** @throws TidemarkError `not-found`. */
export async function readDataset(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<DatasetDetails> {
  requireScope(actor, 'data:read');
  const dataset = await resolveDataset(ctx.db, actor.projectId, name);
  const latest = await findNewestVersion(ctx.db, dataset.id);
  const hit = latest === null ? new Map<number, number>() : await countQuarantined(ctx.db, [latest.id]);
  const formerNames = (await listFormerNames(ctx.db, [dataset.id])).get(dataset.id) ?? [];
  return { dataset, formerNames, latest, quarantined: hit.get(latest?.id ?? 0) ?? 0 };
}

/** Versions of a dataset that the filter lets through, newest first. */
export async function readVersions(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: VersionFilter & { dataset: string; before: number; limit: number },
): Promise<VersionDetails[]> {
  requireScope(actor, 'data:read');
  const dataset = await resolveDataset(ctx.db, actor.projectId, given.dataset);
  return describeVersions(ctx, dataset.name, await listVersions(ctx.db, dataset.id, given));
}

/** @throws TidemarkError `not-found`, naming what is known. */
export async function readVersion(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; ref: string },
): Promise<VersionDetails> {
  requireScope(actor, 'data:read');
  const version = await resolveVersion(ctx.db, actor.projectId, given.dataset, given.ref);
  return describeVersion(ctx, version);
}

/** How the newest version is called, where this one was just recorded: a file of another name may be newer. */
export async function nameLatest(
  ctx: Pick<Context, 'db'>,
  { version, created }: { version: VersionRow; created: boolean },
): Promise<string> {
  const newest = created ? version : await findNewestVersion(ctx.db, version.datasetId);
  return `v${(newest ?? version).number}`;
}

/** A version with its tags and the state of its profile, under the present name of its dataset. */
export async function describeVersion(ctx: Pick<Context, 'db'>, version: VersionRow): Promise<VersionDetails> {
  const dataset = (await nameDatasets(ctx.db, [version.datasetId])).get(version.datasetId);
  if (dataset === undefined) throw new Error('a version has a dataset');
  const [details] = await describeVersions(ctx, dataset, [version]);
  if (details === undefined) throw new Error('one version has one description');
  return details;
}

async function describeVersions(
  ctx: Pick<Context, 'db'>,
  dataset: string,
  rows: readonly VersionRow[],
): Promise<VersionDetails[]> {
  const [first] = rows;
  if (first === undefined) return [];
  const tags = await listTags(ctx.db, first.datasetId);
  const ids = rows.map((row) => row.id);
  const states = await findProfileStates(ctx.db, ids);
  const parents = await listParents(ctx.db, ids);
  const hit = await countQuarantined(ctx.db, ids);
  return rows.map((version) => ({
    dataset,
    version,
    tags: tags.filter((tag) => tag.version === version.number).map((tag) => tag.name),
    parents: parents.filter((parent) => parent.versionId === version.id),
    profile: states.get(version.id) ?? 'pending',
    quarantined: hit.get(version.id) ?? 0,
  }));
}

/** Files of a version in the order of its manifest. */
export async function readFiles(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; ref: string; after: number; limit: number },
): Promise<{ version: FoundVersion; files: HeldFile[] }> {
  requireScope(actor, 'data:read');
  const version = await resolveVersion(ctx.db, actor.projectId, given.dataset, given.ref);
  return { version, files: await listFiles(ctx.db, version, given) };
}

/** A file that may be opened, whole or in part. */
export type OpenFile = {
  readonly file: HeldFile;
  readonly open: (range?: ByteRange) => Promise<AsyncIterable<Uint8Array>>;
};

/**
 * One file of a version; its bytes are opened when they are asked for.
 * @throws TidemarkError `not-found`, `bad-path`, `object-corrupt`.
 */
export async function readFile(
  ctx: Pick<Context, 'db' | 'remote' | 'log'>,
  actor: Actor,
  given: { dataset: string; ref: string; path: string },
): Promise<OpenFile> {
  requireScope(actor, 'data:read');
  const path = checkPath(given.path);
  const version = await resolveVersion(ctx.db, actor.projectId, given.dataset, given.ref);
  const file = await findFile(ctx.db, version, path);
  if (file.quarantined) {
    throw new TidemarkError('object-corrupt', `The file "${path}" is quarantined: push its good bytes again.`);
  }
  return { file, open: (range) => openObject(ctx, { projectId: actor.projectId, object: file, range, reader: actor }) };
}

/** What is known of a version's content. */
export type Knowledge =
  | { readonly state: 'pending' }
  | { readonly state: 'failed' | 'unsupported'; readonly failure: ProfileFailure }
  | {
      readonly state: 'ready';
      readonly profile: TableProfile;
      readonly schema: TableSchema;
      readonly notes: ProfileNotes;
    };

/** The profile and schema of a version, or how far they are. */
export async function readKnowledge(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; ref: string },
): Promise<{ version: FoundVersion; knowledge: Knowledge }> {
  requireScope(actor, 'data:read');
  const version = await resolveVersion(ctx.db, actor.projectId, given.dataset, given.ref);
  return { version, knowledge: knowledgeOf(await findVersionProfile(ctx.db, version.id)) };
}

/** What is known of a version's schema. */
export type SchemaKnowledge =
  | Exclude<Knowledge, { readonly state: 'ready' }>
  | Pick<Extract<Knowledge, { readonly state: 'ready' }>, 'state' | 'schema'>;

/** The schema of a version, or how far it is, without the profile, which is many times as large. */
export async function readSchema(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { dataset: string; ref: string },
): Promise<{ version: FoundVersion; knowledge: SchemaKnowledge }> {
  requireScope(actor, 'data:read');
  const version = await resolveVersion(ctx.db, actor.projectId, given.dataset, given.ref);
  return { version, knowledge: schemaKnowledgeOf(await findVersionSchema(ctx.db, version.id)) };
}

function schemaKnowledgeOf(row: VersionSchemaRow | null): SchemaKnowledge {
  if (row === null || row.state === 'pending') return { state: 'pending' };
  if (row.state !== 'ready') return { state: row.state, failure: row.error as ProfileFailure };
  requireReadable(row.format);
  return { state: 'ready', schema: row.schema as TableSchema };
}

/** Rows of `version_profiles` are written by `profile.ts` alone, which fixes what stands in each state. */
function knowledgeOf(row: VersionProfileRow | null): Knowledge {
  if (row === null || row.state === 'pending') return { state: 'pending' };
  if (row.state !== 'ready') return { state: row.state, failure: row.error as ProfileFailure };
  return {
    state: 'ready',
    profile: storedProfile(row.profile),
    schema: row.schema as TableSchema,
    notes: row.error as ProfileNotes,
  };
}
