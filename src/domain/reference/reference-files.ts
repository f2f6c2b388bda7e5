import { stat } from 'node:fs/promises';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findVersionById } from '../../store/dataset/datasets.ts';
import type { ObjectRemote } from '../../store/remotes/remote.ts';
import { type Materialized, materializeFiles } from '../object/materialize.ts';

/** Local copies of a version's files, kept while windows are judged against it one after another. */
type Held = {
  readonly versionId: number;
  /** How its tables were read when they were copied; a version that nothing rests on may be read otherwise later. */
  readonly reading: string;
  readonly copies: Promise<Materialized>;
  users: number;
  retired: boolean;
};

const MOST_HELD = 4;

/** Versions held, the one used last at the end, for each remote (so for each context). */
const held = new WeakMap<ObjectRemote, Held[]>();

/** `fresh`: verify and copy its bytes now, whatever is held. */
type Reference = { readonly projectId: number; readonly versionId: number; readonly fresh: boolean };

type Spooling = Pick<Context, 'config' | 'db' | 'remote' | 'log'>;

/**
 * Runs `use` with verified local copies of a version's tables. They are kept for the next caller and deleted
 * when other versions have taken their place.
 * @throws TidemarkError `object-corrupt`.
 */
export async function withReferenceFiles<T>(
  ctx: Spooling,
  reference: Reference,
  use: (files: Materialized['files']) => Promise<T>,
): Promise<T> {
  const entry = await enter(ctx, reference);
  try {
    return await use((await entry.copies).files);
  } finally {
    entry.users--;
    await disposeIdle(entry);
  }
}

async function enter(ctx: Spooling, { projectId, versionId, fresh }: Reference): Promise<Held> {
  const version = await findVersionById(ctx.db, versionId);
  if (version === null) throw new TidemarkError('not-found', 'The reference version is gone.');
  const reading = JSON.stringify(version.reading);
  const make = (retired: boolean): Held => {
    const copies = materializeFiles(ctx, projectId, version);
    return { versionId, reading, copies, users: 1, retired };
  };
  if (fresh) return make(true);
  const entries = held.get(ctx.remote) ?? [];
  held.set(ctx.remote, entries);
  const found = entries.find((entry) => entry.versionId === versionId);
  if (found !== undefined) {
    found.users++;
    if (found.reading === reading && (await intact(found))) return found;
    found.users--;
    await retire(entries, found);
  }
  const made = make(false);
  entries.push(made);
  const oldest = entries[0];
  if (entries.length > MOST_HELD && oldest !== undefined) await retire(entries, oldest);
  return made;
}

/** Temporary files may be swept away beneath us, and a copy may have failed. */
async function intact(entry: Held): Promise<boolean> {
  try {
    const { files } = await entry.copies;
    for (const { file } of files) await stat(file);
    return true;
  } catch {
    return false;
  }
}

async function retire(entries: Held[], entry: Held): Promise<void> {
  const at = entries.indexOf(entry);
  if (at >= 0) entries.splice(at, 1);
  entry.retired = true;
  await disposeIdle(entry);
}

async function disposeIdle(entry: Held): Promise<void> {
  if (!entry.retired || entry.users > 0) return;
  await entry.copies.then(
    (copies) => copies.dispose(),
    // Nothing is left behind by a copy that failed.
    () => undefined,
  );
}
