import { LABELS } from '../../../schemas/wire/version-notes.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import { lockVersion, type StoredNotes, saveNotes } from '../../store/dataset/version-notes.ts';
import { transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { note } from '../access/audit.ts';
import { describeVersion, type VersionDetails } from './read.ts';
import { resolveVersion } from './resolve.ts';

/** What is said of a version from now on; what is absent stays, what is null is said no longer. */
export type NotesChange = {
  readonly message?: string | undefined;
  readonly author?: string | null | undefined;
  /** Each by itself. */
  readonly labels?: Readonly<Record<string, string | null>> | undefined;
  readonly gitRev?: string | null | undefined;
  /** `provenance.details`; how the version was recorded stays. */
  readonly details?: Readonly<Record<string, unknown>> | null | undefined;
};

/**
 * Changes what is said of a version beside its content, which never changes.
 * @throws TidemarkError `not-found`, `gone`, `invalid-body` for more labels than a version may have.
 */
export async function noteVersion(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  given: { readonly dataset: string; readonly ref: string; readonly change: NotesChange },
): Promise<VersionDetails> {
  requireScope(actor, 'data:write');
  const { dataset, ref, change } = given;
  const noted = await transact(ctx.db, async (tx) => {
    const { id, dataset: name } = await resolveVersion(tx, actor.projectId, dataset, ref);
    const version = await lockVersion(tx, id);
    if (version === null) throw new Error(`version ${id} vanished while it was noted`);
    const notes = changed(version, change);
    await saveNotes(tx, id, notes);
    const subject = `${name}@v${version.number}`;
    await note(tx, actor, { action: 'version.noted', subject, details: { ...change } });
    return { ...version, ...notes };
  });
  return describeVersion(ctx, noted);
}

function changed(version: VersionRow, change: NotesChange): StoredNotes {
  // Both were written by `recordVersion` and here, as objects.
  const { details, ...recorded } = version.provenance as Readonly<Record<string, unknown>>;
  const labels = { ...(version.labels as Readonly<Record<string, string>>), ...change.labels };
  const kept = Object.entries(labels).filter(([, value]) => value !== null);
  if (kept.length > LABELS) {
    throw new TidemarkError('invalid-body', `A version may have ${LABELS} labels; these would be ${kept.length}.`);
  }
  const said = change.details === undefined ? details : change.details;
  return {
    message: change.message ?? version.message,
    author: change.author === undefined ? version.author : change.author,
    labels: Object.fromEntries(kept),
    gitRev: change.gitRev === undefined ? version.gitRev : change.gitRev,
    provenance: said === undefined || said === null ? recorded : { ...recorded, details: said },
  };
}
