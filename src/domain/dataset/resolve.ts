import { TidemarkError } from '../../errors.ts';
import {
  type DatasetRow,
  findDataset,
  findNewestVersion,
  findVersionById,
  findVersionByNumber,
  findVersionsByPrefix,
  listDatasets,
  type VersionRow,
} from '../../store/dataset/datasets.ts';
import { findTaggedVersion, listTags } from '../../store/dataset/tags.ts';
import { holdVersion } from '../../store/dataset/version-notes.ts';
import type { Db } from '../../store/postgres/db.ts';
import { isOidPrefix, parseRef } from './ref.ts';

const NAMES_SHOWN = 10;

/** @throws TidemarkError `not-found`, naming datasets that exist; `gone` for one that was deleted. */
export async function resolveDataset(db: Db, projectId: number, name: string): Promise<DatasetRow> {
  const found = await findDataset(db, projectId, name);
  if (found !== null && found.deletedAt !== null) {
    const day = found.deletedAt.toISOString().slice(0, 10);
    throw new TidemarkError(
      'gone',
      `The dataset "${found.name}" was deleted on ${day}; restore it (POST /v1/datasets/${found.name}/restore), or push to it to begin anew.`,
    );
  }
  if (found !== null) return found;
  const known = (await listDatasets(db, projectId, { after: '', limit: NAMES_SHOWN })).map((row) => row.dataset.name);
  const hint = known.length === 0 ? 'this project has none yet' : `known: ${known.join(', ')}`;
  throw new TidemarkError('not-found', `There is no dataset "${shorten(name)}" (${hint}).`);
}

/** A version with what its dataset is called today, under whichever of its names it was asked for. */
export type FoundVersion = VersionRow & { readonly dataset: string };

/**
 * The version of a dataset that a ref names: `v3`, `latest`, a tag, an oid or the beginning of one.
 * @throws TidemarkError `not-found`, naming refs that are known; `gone` for one that was deleted or is in the trash;
 * `bad-request` for a beginning that two share.
 */
export async function resolveVersion(db: Db, projectId: number, dataset: string, ref: string): Promise<FoundVersion> {
  const row = await resolveDataset(db, projectId, dataset);
  const version = await findByRef(db, row, ref);
  if (version !== null && version.trashedAt !== null) throw thrownAway(row.name, version);
  if (version !== null) return { ...version, dataset: row.name };
  throw new TidemarkError(
    'not-found',
    `The dataset "${row.name}" has no version "${shorten(ref)}" (${await knownRefs(db, row.id)}).`,
  );
}

/**
 * Holds a version that was found by its ref, before something comes to refer to it: it goes into the trash before or not at
 * all.
 * @throws TidemarkError `gone`.
 */
export async function keepFound(tx: Db, dataset: string, { id }: Pick<VersionRow, 'id'>): Promise<void> {
  const version = await holdVersion(tx, id);
  if (version !== null && version.trashedAt !== null) throw thrownAway(dataset, version);
}

function thrownAway(dataset: string, version: VersionRow): TidemarkError {
  const name = `v${version.number} of the dataset "${dataset}"`;
  if (version.purgedAt !== null) {
    const day = version.purgedAt.toISOString().slice(0, 10);
    return new TidemarkError(
      'gone',
      `${name} was deleted on ${day}; its content may be pushed again, as the next version.`,
    );
  }
  return new TidemarkError(
    'gone',
    `${name} is in the trash; restore it ("tidemark restore ${dataset}@v${version.number}", or POST …/versions/v${version.number}/restore).`,
  );
}

/** A version that work was begun on: also one that was put into the trash since. @throws TidemarkError `gone`. */
export async function keptVersion(ctx: { readonly db: Db }, id: number): Promise<VersionRow> {
  const version = await findVersionById(ctx.db, id);
  if (version === null || version.purgedAt !== null) {
    throw new TidemarkError('gone', 'One of the versions was deleted for good meanwhile.');
  }
  return version;
}

/** Reads `v3` (of the dataset at hand) or `census@v3`. */
export function parseVersionName(dataset: string, text: string): { dataset: string; ref: string } {
  const at = text.lastIndexOf('@');
  return at === -1 ? { dataset, ref: text } : { dataset: text.slice(0, at), ref: text.slice(at + 1) };
}

/** The versions that something was made from. @throws TidemarkError as `resolveVersion`. */
export async function resolveParents(
  db: Db,
  projectId: number,
  dataset: string,
  names: readonly string[],
): Promise<VersionRow[]> {
  const parents: VersionRow[] = [];
  for (const name of names) {
    const parent = parseVersionName(dataset, name);
    parents.push(await resolveVersion(db, projectId, parent.dataset, parent.ref));
  }
  return parents;
}

async function findByRef(db: Db, dataset: DatasetRow, text: string): Promise<VersionRow | null> {
  const ref = parseRef(text);
  if (ref.kind === 'latest') return findNewestVersion(db, dataset.id);
  if (ref.kind === 'number') return findVersionByNumber(db, dataset.id, ref.number);
  const tagged = await findTaggedVersion(db, dataset.id, ref.name);
  if (tagged !== null || !isOidPrefix(ref.name)) return tagged;
  const found = await findVersionsByPrefix(db, dataset.id, ref.name);
  const [first] = found;
  if (first === undefined || found.length === 1) return first ?? null;
  const list = found.map((version) => `${version.oid} (v${version.number})`).join(', ');
  throw new TidemarkError('bad-request', `Several versions begin with "${ref.name}": ${list}. Give more digits.`);
}

async function knownRefs(db: Db, datasetId: number): Promise<string> {
  const newest = await findNewestVersion(db, datasetId);
  if (newest === null) return 'it has no version yet';
  const tags = (await listTags(db, datasetId)).slice(0, NAMES_SHOWN).map((tag) => tag.name);
  return `known: v1 to v${newest.number}, ${['latest', ...tags].join(', ')}`;
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
