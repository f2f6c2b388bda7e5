import type { Context } from '../../context.ts';
import { type ErrorCode, TidemarkError } from '../../errors.ts';
import { DATA_ENDINGS, dataFormat } from '../../formats/data-file.ts';
import { partitionKeys, partitionWarning } from '../../formats/partition-keys.ts';
import type { TableWarning } from '../../formats/table.ts';
import { inferSchema } from '../../quality/infer-schema.ts';
import { mergeProfiles } from '../../stats/merge-profiles.ts';
import type { TableProfile } from '../../stats/profile.ts';
import { findVersionById, type VersionRow } from '../../store/dataset/datasets.ts';
import {
  findFileProfile,
  findVersionProfile,
  saveFileProfile,
  saveVersionProfile,
} from '../../store/dataset/profiles.ts';
import type { HeldFile } from '../../store/inventory/objects.ts';
import { materializeObject } from '../object/materialize.ts';
import { eachFile } from '../object/version-files.ts';
import { runTask } from '../tasks.ts';
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
  const version = await findVersionById(ctx.db, versionId);
  const known = version === null ? null : await findVersionProfile(ctx.db, versionId);
  // Of one that was deleted for good meanwhile the objects are gone.
  if (version === null || version.purgedAt !== null || known?.state === 'ready') return;
  const survey = new Survey();
  try {
    for await (const file of eachFile(ctx.db, version)) await surveyFile(ctx, version, { file, survey });
  } catch (error) {
    const failure = failureOf(error, ['object-corrupt']);
    await saveVersionProfile(ctx.db, { versionId, state: 'failed', profile: null, schema: null, error: failure });
    return;
  }
  await saveVersionProfile(ctx.db, { versionId, ...survey.outcome() });
}

async function surveyFile(
  ctx: Profiling,
  version: VersionRow,
  { file, survey }: { file: HeldFile; survey: Survey },
): Promise<void> {
  const format = dataFormat(file.path);
  if (format === null) return survey.pass();
  const method = `${PROFILE_METHOD}+${format}`;
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
    const profile = await readProfile(ctx, version.projectId, file);
    const milliseconds = ctx.now().getTime() - started;
    await saveFileProfile(ctx.db, { ...kept, milliseconds, state: 'ready', profile });
    survey.add(file.path, profile);
  } catch (error) {
    const failure = failureOf(error, FINAL);
    await saveFileProfile(ctx.db, { ...kept, state: 'failed', error: failure });
    survey.fail({ ...failure, path: file.path });
  }
}

async function readProfile(ctx: Profiling, projectId: number, file: HeldFile): Promise<FileProfile> {
  const copy = await materializeObject(ctx, projectId, file);
  try {
    const memoryBytes = (ctx.config.limits.computeMegabytes / 2) * 2 ** 20;
    const threads = ctx.config.limits.profileThreads;
    return await runTask(ctx, 'profile-file', { file: copy.file, name: file.path, memoryBytes, threads });
  } finally {
    await copy.dispose();
  }
}

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
  readonly #partitionKeys = new Set<string>();

  pass(): void {
    this.#others++;
  }

  add(path: string, profile: FileProfile): void {
    this.#tables++;
    this.#profiles.push(profile.table);
    for (const key of partitionKeys(path)) this.#partitionKeys.add(key);
    if (this.#profiles.length === MERGED_AT_ONCE) this.#profiles = [mergeProfiles(...this.#profiles)];
    for (const warning of profile.warnings) {
      if (this.#warnings.length < NOTES_KEPT) this.#warnings.push({ ...warning, path });
    }
  }

  fail(failure: ProfileFailure): void {
    this.#tables++;
    if (this.#failed.length < NOTES_KEPT) this.#failed.push(failure);
  }

  outcome() {
    const [first] = this.#profiles;
    if (first !== undefined) {
      const profile = this.#profiles.length === 1 ? first : mergeProfiles(...this.#profiles);
      return { state: 'ready' as const, profile, schema: inferSchema(profile), error: this.#notes(profile) };
    }
    const [failure] = this.#failed;
    if (failure !== undefined) return { state: 'failed' as const, profile: null, schema: null, error: failure };
    const message = `No file of this version is a table by its name (${DATA_ENDINGS}); its bytes are kept all the same.`;
    return { state: 'unsupported' as const, profile: null, schema: null, error: { code: 'unsupported', message } };
  }

  #notes({ columns }: TableProfile): ProfileNotes {
    const names = columns.map(({ name }) => name);
    const partitioned = partitionWarning(this.#partitionKeys, names);
    const warnings = [...(partitioned === null ? [] : [{ ...partitioned, path: '' }]), ...this.#warnings];
    return { tables: this.#tables, others: this.#others, failed: this.#failed, warnings };
  }
}
