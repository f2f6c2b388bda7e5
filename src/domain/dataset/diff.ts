import type { Context } from '../../context.ts';
import { diffSchemas, type SchemaDiff } from '../../quality/diff-schemas.ts';
import type { TableSchema } from '../../quality/infer-schema.ts';
import type { ColumnProfile, TableProfile } from '../../stats/profile.ts';
import { compareProfiles, incomparableProfiles } from '../../stats/verdict/compare-profiles.ts';
import { judgeProfiles, type ProfileJudgement } from '../../stats/verdict/judge-profiles.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import {
  type ChangeCount,
  type ChangedFile,
  countChangedFiles,
  type FileChange,
  listChangedFiles,
  type VersionPair,
} from '../../store/dataset/version-diff.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { type Knowledge, readKnowledge } from './read.ts';
import { parseVersionName, resolveVersion } from './resolve.ts';

type Side = { readonly dataset: string; readonly version: VersionRow };

/** One column in both versions; `null` where a version lacks it. */
export type ColumnDiff = {
  readonly name: string;
  readonly from: ColumnProfile | null;
  readonly to: ColumnProfile | null;
  /** Null unless both have the column. */
  readonly judgement: ProfileJudgement | null;
};

/** What the stored profiles say; nothing is read but them. */
export type ContentDiff =
  | {
      readonly state: 'ready';
      readonly rows: { readonly from: number; readonly to: number };
      readonly schema: SchemaDiff;
      readonly columns: readonly ColumnDiff[];
      /** Columns that name rows in both, as far as their values show it. */
      readonly keys: readonly string[];
    }
  | { readonly state: 'pending' | 'unavailable'; readonly reason: string };

export type VersionDiff = {
  readonly from: Side;
  readonly to: Side;
  readonly files: {
    readonly counts: ReadonlyMap<FileChange, ChangeCount>;
    readonly unchanged: number;
    readonly items: readonly ChangedFile[];
  };
  readonly content: ContentDiff;
};

export type DiffRequest = {
  readonly dataset: string;
  readonly ref: string;
  /** The older side: `v3` of the same dataset, or `census@v3`. */
  readonly against: string;
  readonly after: string;
  readonly limit: number;
};

/**
 * What changed between two versions: files by their manifests, schema and statistics by their stored profiles. No
 * byte of the data is read.
 * @throws TidemarkError `not-found`, naming what is known.
 */
export async function diffVersions(ctx: Pick<Context, 'db'>, actor: Actor, given: DiffRequest): Promise<VersionDiff> {
  requireScope(actor, 'data:read');
  const { from, to } = await resolvePair(ctx, actor, given);
  const pair: VersionPair = { from: from.version, to: to.version };
  const [counts, items, content] = await Promise.all([
    countChangedFiles(ctx.db, pair),
    listChangedFiles(ctx.db, pair, given),
    contentDiff(ctx, actor, { from, to }),
  ]);
  const files = (change: FileChange): number => counts.get(change)?.files ?? 0;
  const unchanged = to.version.files - files('added') - files('renamed') - files('changed');
  return { from, to, files: { counts, unchanged, items }, content };
}

/** The two versions that a diff names. @throws TidemarkError `not-found`. */
export async function resolvePair(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: Pick<DiffRequest, 'dataset' | 'ref' | 'against'>,
): Promise<{ from: Side; to: Side }> {
  const older = parseVersionName(given.dataset, given.against);
  const from = await resolveVersion(ctx.db, actor.projectId, older.dataset, older.ref);
  const to = await resolveVersion(ctx.db, actor.projectId, given.dataset, given.ref);
  return { from: { dataset: from.dataset, version: from }, to: { dataset: to.dataset, version: to } };
}

async function contentDiff(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  { from, to }: { from: Side; to: Side },
): Promise<ContentDiff> {
  const read = ({ dataset, version }: Side) => readKnowledge(ctx, actor, { dataset, ref: `v${version.number}` });
  const [before, after] = await Promise.all([read(from), read(to)]);
  const missing = lackOf(from, before.knowledge) ?? lackOf(to, after.knowledge);
  if (missing !== null) return missing;
  // `lackOf` answered for every other state.
  if (before.knowledge.state !== 'ready' || after.knowledge.state !== 'ready') throw new Error('a profile went away');
  const profiles = { from: before.knowledge.profile, to: after.knowledge.profile };
  const keys = keysOf(before.knowledge.schema, after.knowledge.schema);
  return {
    state: 'ready',
    keys: [...keys],
    rows: { from: profiles.from.rows, to: profiles.to.rows },
    schema: diffSchemas(before.knowledge.schema, after.knowledge.schema),
    columns: diffColumns(profiles.from, profiles.to, keys),
  };
}

function lackOf({ dataset, version }: Side, knowledge: Knowledge): Exclude<ContentDiff, { state: 'ready' }> | null {
  const name = `${dataset}@v${version.number}`;
  if (knowledge.state === 'ready') return null;
  if (knowledge.state === 'pending') return { state: 'pending', reason: `The profile of ${name} is still being made.` };
  return { state: 'unavailable', reason: `There is no profile of ${name}: ${knowledge.failure.message}` };
}

/** Columns that name rows in both versions. */
function keysOf(from: TableSchema, to: TableSchema): Set<string> {
  const keys = ({ columns }: TableSchema): string[] =>
    columns.filter(({ hints }) => hints.includes('key')).map(({ name }) => name);
  const before = keys(from);
  return new Set(keys(to).filter((name) => before.includes(name)));
}

const KEY = 'Every value is different in both, as in a column that names rows.';

/** Columns of both, in the order of the newer version, then what it no longer has. */
function diffColumns(from: TableProfile, to: TableProfile, keys: ReadonlySet<string>): ColumnDiff[] {
  const before = new Map(from.columns.map((column) => [column.name, column]));
  const after = new Map(to.columns.map((column) => [column.name, column]));
  const names = [...new Set([...after.keys(), ...before.keys()])];
  const both = names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === undefined || now === undefined) return [];
    // The numbers of rows move on by themselves, as time does.
    return keys.has(name) ? [incomparableProfiles(name, KEY)] : [compareProfiles(old, now)];
  });
  const judgements = new Map(judgeProfiles(both).map((judgement) => [judgement.name, judgement]));
  return names.map((name) => ({
    name,
    from: before.get(name) ?? null,
    to: after.get(name) ?? null,
    judgement: judgements.get(name) ?? null,
  }));
}
