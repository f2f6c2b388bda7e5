import type { z } from 'zod';
import type { datasetView, fileView, profileView, schemaView, versionView } from '../../schemas/wire/datasets.ts';
import type { readingView } from '../../schemas/wire/reading.ts';
import { warnOfPath } from '../domain/dataset/dataset-path.ts';
import type { DatasetDetails, OpenFile, readKnowledge, readSchema, VersionDetails } from '../domain/dataset/read.ts';
import { pointerOf } from '../domain/dataset/version-pointer.ts';
import { versionReading } from '../domain/object/version-reading.ts';

/** What the wire shows of datasets. */

type VersionView = z.infer<typeof versionView>;

export function viewVersion(base: string, details: VersionDetails): VersionView {
  const { dataset, version, tags } = details;
  const ref = `v${version.number}`;
  const self = `${base}/v1/datasets/${dataset}/versions/${ref}`;
  return {
    dataset,
    ref,
    number: version.number,
    oid: version.oid,
    md5: version.oid.slice(0, 32),
    kind: version.oid.endsWith('.dir') ? 'folder' : 'file',
    path: version.path,
    files: version.files,
    bytes: version.bytes,
    executable: version.executable,
    sha256_root: version.sha256Root,
    message: version.message,
    author: version.author ?? recordedBy(version.provenance),
    // Written by `recordVersion` alone, as a record of texts.
    labels: version.labels as Record<string, string>,
    git_rev: version.gitRev,
    parents: details.parents.map((parent) => ({
      dataset: parent.dataset,
      ref: `v${parent.number}`,
      oid: parent.oid,
    })),
    // Written by `recordVersion` alone, as an object.
    provenance: version.provenance as Record<string, unknown>,
    tags: [...tags],
    profile: details.profile,
    ...healthOf(details.quarantined),
    reading: readingOf(version),
    pointer: pointerOf(version),
    created_at: version.createdAt.toISOString(),
    links: {
      self,
      files: `${self}/files`,
      archive: `${self}/archive`,
      dvc: `${self}/dvc`,
      profile: `${self}/profile`,
      schema: `${self}/schema`,
    },
  };
}

function readingOf(version: Parameters<typeof versionReading>[0]): z.infer<typeof readingView> {
  const { missing, ...reading } = versionReading(version);
  return { ...reading, ...(missing && { missing: [...missing] }) };
}

function recordedBy(provenance: unknown): string {
  const isObject = typeof provenance === 'object' && provenance !== null && 'author' in provenance;
  return isObject ? String(provenance.author) : '';
}

const healthOf = (quarantined: number) => ({ health: quarantined === 0 ? 'whole' : 'degraded', quarantined }) as const;

export function viewDataset({
  dataset,
  formerNames,
  latest,
  quarantined,
}: DatasetDetails): z.infer<typeof datasetView> {
  return {
    name: dataset.name,
    description: dataset.description,
    former_names: [...formerNames],
    created_at: dataset.createdAt.toISOString(),
    // `readingRequest` let it through.
    reading: dataset.reading as z.infer<typeof readingView>,
    latest:
      latest === null
        ? null
        : {
            ref: `v${latest.number}`,
            oid: latest.oid,
            files: latest.files,
            bytes: latest.bytes,
            ...healthOf(quarantined),
            created_at: latest.createdAt.toISOString(),
          },
  };
}

/** Nothing for the names that most files have. */
export function viewWarning(path: string): { warning?: string } {
  const warning = warnOfPath(path);
  return warning === null ? {} : { warning };
}

/** @param base the address of the version's files. */
export function viewFile(base: string, file: OpenFile['file']): z.infer<typeof fileView> {
  const { path, oid, sha256, size, quarantined } = file;
  const href = `${base}/${path.split('/').map(encodeURIComponent).join('/')}`;
  return { path, md5: oid, sha256, size, quarantined, ...viewWarning(path), href };
}

type Read = Awaited<ReturnType<typeof readKnowledge>>;
type Failable = Awaited<ReturnType<typeof readSchema>>['knowledge'];

const knowledgeOf = ({ version, knowledge }: Pick<Read, 'version'> & { readonly knowledge: Failable }) => ({
  dataset: version.dataset,
  ref: `v${version.number}`,
  oid: version.oid,
  state: knowledge.state,
  ...('failure' in knowledge ? { error: knowledge.failure } : {}),
});

/** Members that merge and judge profiles and say nothing to people; a single column shows its grid too. */
const INNER = new Set(['registers', 'grid']);
const INNER_OF_COLUMN = new Set(['registers']);

/** The profile, or one column of it. The answer is plain JSON, which its shape describes loosely. */
export function viewProfile(read: Read, column?: string): z.infer<typeof profileView> {
  const { knowledge } = read;
  const head = knowledgeOf(read);
  if (knowledge.state !== 'ready') return head;
  const { profile, notes } = knowledge;
  const columns = profile.columns.filter((candidate) => column === undefined || candidate.name === column);
  const shown = snakeCase({ ...profile, columns }, column === undefined ? INNER : INNER_OF_COLUMN);
  // The notes were written by `profile.ts`, the profile by `stats`: snake case is the only change.
  return { ...head, notes: snakeCase(notes, INNER), profile: shown } as z.infer<typeof profileView>;
}

/** The inferred schema; as `viewProfile`. */
export function viewSchema(read: Awaited<ReturnType<typeof readSchema>>): z.infer<typeof schemaView> {
  const { knowledge } = read;
  const head = knowledgeOf(read);
  if (knowledge.state !== 'ready') return head;
  return { ...head, schema: snakeCase(knowledge.schema, INNER) } as z.infer<typeof schemaView>;
}

/** What people look for first; the database gives members in no order that says anything. */
const FIRST = new Set(['format', 'rows', 'columns', 'name', 'type', 'kind']);

/**
 * The same value with every member's name in snake case, without those named in `hidden`. A wide table's profile has
 * a million members: each is looked at once.
 */
function snakeCase(value: unknown, hidden: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((item) => snakeCase(item, hidden));
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Readonly<Record<string, unknown>>;
  const shown: Record<string, unknown> = {};
  for (const name of FIRST) {
    if (members[name] !== undefined && !hidden.has(name)) shown[name] = snakeCase(members[name], hidden);
  }
  for (const name of Object.keys(members)) {
    if (!FIRST.has(name) && !hidden.has(name)) shown[inSnakeCase(name)] = snakeCase(members[name], hidden);
  }
  return shown;
}

const inSnakeCase = (name: string): string =>
  /[A-Z]/.test(name) ? name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`) : name;
