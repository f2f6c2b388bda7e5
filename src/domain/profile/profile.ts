import { createHash } from 'node:crypto';
import type { Context } from '../../context.ts';
import { type ErrorCode, isTidemarkError, TidemarkError } from '../../errors.ts';
import { DATA_ENDINGS, dataFormat } from '../../formats/data-file.ts';
import { keysBeside, PartitionTypes, partitionWarning } from '../../formats/partition-keys.ts';
import type { TableReading, TableWarning } from '../../formats/table.ts';
import { csvReading } from '../../formats/table-file.ts';
import { inferSchema } from '../../quality/infer-schema.ts';
import { mergeProfiles } from '../../stats/merge-profiles.ts';
import type { TableProfile } from '../../stats/profile.ts';
import { saveProfileAsRead } from '../../store/dataset/dataset-reading.ts';
import { findVersionById, type VersionRow } from '../../store/dataset/datasets.ts';
import {
  findFileProfile,
  findVersionProfile,
  saveFileProfile,
  type VersionProfileRow,
} from '../../store/dataset/profiles.ts';
import type { HeldFile } from '../../store/inventory/objects.ts';
import { transact } from '../../store/postgres/db.ts';
import { canonicalJson, toJson } from '../canonical.ts';
import { materializeObject } from '../object/materialize.ts';
import { eachFile, isFolder } from '../object/version-files.ts';
import { versionReading } from '../object/version-reading.ts';
import { runTask } from '../tasks.ts';
import { withKeyProfiles } from './key-profile.ts';
import type { FileProfile } from './profile-file.ts';

type Profiling = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute' | 'now'>;

/** Why a file, or a whole version, has no profile. */
export type ProfileFailure = { readonly code: string; readonly message: string; readonly path?: string };

/** What goes with a ready profile. */
export type ProfileNotes = {
  readonly tables: number;
  /** Files that are no tables by their names. */
  readonly others: number;
  /** The first hundred tables that could not be read. */
  readonly failed: readonly ProfileFailure[];
  /** The first hundred things to know about how files were read. */
  readonly warnings: readonly (TableWarning & { readonly path: string })[];
};

/** Names what a file profile is made by; another name makes every file be read again. */
const PROFILE_METHOD = 'tidemark.profile/3@3';

const NOTES_KEPT = 100;

/** Profiles held before they are merged; merging many at once keeps the grids' error small. */
const MERGED_AT_ONCE = 128;

/** Reading again would end the same way: these are kept as the answer. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['unreadable-data', 'too-large']);

/**
 * Job: profiles the tables of a version and infers its schema. A file that was profiled before, in whatever
 * version, is not read. Data that cannot be read is an answer, not a failure of the job.
 */
export async function profileVersion(ctx: Profiling, { versionId }: { versionId: number }): Promise<void> {
  for (let done = false; !done; ) {
    const version = await findVersionById(ctx.db, versionId);
    const known = version === null ? null : await findVersionProfile(ctx.db, versionId);
    // Of one that was deleted for good meanwhile the objects are gone.
    if (version === null || version.purgedAt !== null || known?.state === 'ready') return;
    const found = await surveyVersion(ctx, version);
    // Where it is to be read otherwise by now, what was found is not what is asked for.
    done = await transact(ctx.db, (tx) => saveProfileAsRead(tx, version.reading, { versionId, ...found }));
  }
}

async function surveyVersion(ctx: Profiling, version: VersionRow): Promise<Outcome> {
  const survey = new Survey(await partitionTypes(ctx, version));
  try {
    for await (const file of eachFile(ctx.db, version)) await surveyFile(ctx, version, { file, survey });
    return survey.outcome();
  } catch (error) {
    return { state: 'failed', profile: null, schema: null, error: failureOf(error, ['object-corrupt']) };
  }
}

type Outcome = Omit<VersionProfileRow, 'versionId' | 'updatedAt'>;

/** What the names of all its folders say, since all values of a key decide its type; null where they say nothing. */
async function partitionTypes(ctx: Profiling, version: VersionRow): Promise<PartitionTypes | null> {
  if (versionReading(version).partitions === false || !isFolder(version)) return null;
  const types = new PartitionTypes();
  for await (const { path } of eachFile(ctx.db, version)) if (dataFormat(path) !== null) types.add(path);
  return types;
}

async function surveyFile(
  ctx: Profiling,
  version: VersionRow,
  { file, survey }: { file: HeldFile; survey: Survey },
): Promise<void> {
  const format = dataFormat(file.path);
  if (format === null) return survey.pass();
  const reading = versionReading(version);
  const method = `${PROFILE_METHOD}+${format}${format === 'csv' || format === 'tsv' ? writingOf(reading) : ''}`;
  const key = { projectId: version.projectId, oid: file.oid, method };
  const known = await findFileProfile(ctx.db, key);
  if (known !== null && known.state === 'ready') {
    // Written below, under this very method.
    return survey.add(file.path, known.profile as FileProfile);
  }
  // As above.
  if (known !== null) return survey.fail({ ...(known.error as ProfileFailure), path: file.path });
  const started = ctx.now().getTime();
  const kept = { ...key, milliseconds: 0 };
  try {
    const profile = await readProfile(ctx, version, file);
    const milliseconds = ctx.now().getTime() - started;
    await saveFileProfile(ctx.db, { ...kept, milliseconds, state: 'ready', profile });
    survey.add(file.path, profile);
  } catch (error) {
    const failure = failureOf(error, FINAL);
    // Kept for these bytes, what the machine could not do at the time would be theirs for ever.
    if (!ranOut(error)) await saveFileProfile(ctx.db, { ...kept, state: 'failed', error: failure });
    survey.fail({ ...failure, path: file.path });
  }
}

/** Part of the method: read otherwise, the same bytes hold something else. */
const writingOf = ({ decimal, thousands, dates, missing }: TableReading): string =>
  [
    decimal === undefined ? '' : `+decimal=${decimal}`,
    thousands === undefined ? '' : `+thousands=${thousands}`,
    dates === undefined ? '' : `+dates=${typeof dates === 'string' ? dates : digestOf(dates)}`,
    missing === undefined ? '' : `+missing=${digestOf(missing)}`,
  ].join('');

/** Of many columns the names alone are more than an index holds. */
const digestOf = (said: unknown): string =>
  createHash('sha256')
    .update(canonicalJson(toJson(said)))
    .digest('hex');

async function readProfile(ctx: Profiling, version: VersionRow, file: HeldFile): Promise<FileProfile> {
  const copy = await materializeObject(ctx, version.projectId, file);
  try {
    const memoryBytes = (ctx.config.limits.computeMegabytes / 2) * 2 ** 20;
    const threads = ctx.config.limits.profileThreads;
    const csv = csvReading(versionReading(version));
    return await runTask(ctx, 'profile-file', { file: copy.file, name: file.path, memoryBytes, threads, csv });
  } finally {
    await copy.dispose();
  }
}

/** Whether the time or memory that a reading may take ended it. */
const ranOut = (error: unknown): boolean => isTidemarkError(error) && error.details.limit !== undefined;

/** The error as an answer, when its code is among the final ones; any other is thrown on and tried again. */
function failureOf(error: unknown, final: Iterable<ErrorCode>): ProfileFailure {
  if (error instanceof TidemarkError && new Set(final).has(error.code)) {
    return { code: error.code, message: error.message };
  }
  throw error;
}

/** Gathers what the files of a version hold. */
class Survey {
  #profiles: TableProfile[] = [];
  #tables = 0;
  #others = 0;
  readonly #failed: ProfileFailure[] = [];
  readonly #warnings: (TableWarning & { path: string })[] = [];
  readonly #types: PartitionTypes | null;
  /** Keys that files have as columns too. */
  readonly #twice = new Set<string>();

  constructor(types: PartitionTypes | null) {
    this.#types = types;
  }

  pass(): void {
    this.#others++;
  }

  add(path: string, profile: FileProfile): void {
    this.#tables++;
    const keys = this.#types?.keysOf(path) ?? [];
    const beside = keysBeside(keys, profile.table.columns);
    for (const key of keys) if (!beside.includes(key)) this.#twice.add(key.name);
    this.#profiles.push(withKeyProfiles(profile.table, beside));
    if (this.#profiles.length === MERGED_AT_ONCE) this.#profiles = [mergeProfiles(...this.#profiles)];
    for (const warning of profile.warnings) {
      if (this.#warnings.length < NOTES_KEPT) this.#warnings.push({ ...warning, path });
    }
  }

  fail(failure: ProfileFailure): void {
    this.#tables++;
    if (this.#failed.length < NOTES_KEPT) this.#failed.push(failure);
  }

  outcome(): Outcome {
    const [first] = this.#profiles;
    if (first !== undefined) {
      const profile = this.#profiles.length === 1 ? first : mergeProfiles(...this.#profiles);
      return { state: 'ready', profile, schema: inferSchema(profile), error: this.#notes() };
    }
    const [failure] = this.#failed;
    if (failure !== undefined) return { state: 'failed', profile: null, schema: null, error: failure };
    const message = `No file of this version is a table by its name (${DATA_ENDINGS}); its bytes are kept all the same.`;
    return { state: 'unsupported', profile: null, schema: null, error: { code: 'unsupported', message } };
  }

  #notes(): ProfileNotes {
    const shadowed = partitionWarning(this.#twice);
    const warnings = [...(shadowed === null ? [] : [{ ...shadowed, path: '' }]), ...this.#warnings];
    return { tables: this.#tables, others: this.#others, failed: this.#failed, warnings };
  }
}
