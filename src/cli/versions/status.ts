import { existsSync } from 'node:fs';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { findPointersHere } from '../dvc/find-pointers.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { bytes, type Terminal } from '../terminal/terminal.ts';
import { surveyMissing } from '../transfer/send-objects.ts';
import { compareLocal, type Difference, isSame, type LocalEntry } from './local-tree.ts';
import { isPointerFile, openTarget, placesOf, type Target } from './target.ts';

export type StatusOptions = {
  /** A file or folder, or the `.dvc` file that names it; all `.dvc` files of the repository here when absent. */
  readonly path: string | undefined;
  /** The version; of a path alone the `.dvc` file beside it. */
  readonly target: string | undefined;
  /** Where digests are kept between two runs. */
  readonly cache: string | undefined;
  /** Links are followed wherever they lead. */
  readonly followLinks?: boolean | undefined;
};

type Looking = Place & Pick<StatusOptions, 'cache' | 'followLinks'>;

/**
 * Says in one line each how files and folders stand to their versions, and what a push would have to send.
 * @returns whether any differs.
 */
export async function status(client: Client, terminal: Terminal, options: StatusOptions): Promise<number> {
  let same = true;
  const { places, unreadable } = placesToLook(options);
  for (const place of places) {
    if (!(await statusOf(client, terminal, { ...place, cache: options.cache, followLinks: options.followLinks })))
      same = false;
  }
  if (unreadable.length > 0) throw new TidemarkError('invalid-body', unreadable.join('\n  '));
  return same ? EXIT.done : EXIT.differs;
}

type Place = {
  readonly path: string;
  readonly target: string;
  /** It is said by a `.dvc` file alone: it may not be there, and the project may not hold it. */
  readonly named: boolean;
};

/** Where to look. One `.dvc` file that cannot be read does not keep the others back. */
function placesToLook({ path, target }: StatusOptions): { places: Place[]; unreadable: string[] } {
  if (path !== undefined && (target !== undefined || !isPointerFile(path))) {
    return { places: [{ path, target: target ?? pointerBeside(path), named: false }], unreadable: [] };
  }
  const places: Place[] = [];
  const unreadable: string[] = [];
  for (const pointer of path === undefined ? findPointersHere('Say what to look at') : [path]) {
    try {
      for (const place of placesOf(pointer)) places.push({ path: place, target: pointer, named: true });
    } catch (error) {
      if (!isTidemarkError(error)) throw error;
      unreadable.push(`${pointer}: ${error.message}`);
    }
  }
  return { places, unreadable };
}

async function statusOf(client: Client, terminal: Terminal, place: Looking) {
  const target = await targetOf(client, place);
  if (target === null) {
    const result = { target: place.target, path: place.path, held: false };
    terminal.result(result, () => `${place.target}  the project does not hold ${place.path}; push it`);
    return false;
  }
  const { entries, difference } = await compared(terminal, target, place);
  const sizes = new Map(entries.map((entry) => [entry.md5, entry.size]));
  const missing = await surveyMissing(
    client,
    [...sizes].map(([oid, size]) => ({ oid, size })),
  );
  const toSend = [...missing].reduce((sum, oid) => sum + (sizes.get(oid) ?? 0), 0);
  const counts = {
    added: difference.added.length,
    changed: difference.changed.length,
    removed: difference.removed.length,
    renamed: difference.renamed.length,
    same: difference.same,
  };
  const result = { target: target.name, oid: target.oid, ...counts, to_send: { objects: missing.size, bytes: toSend } };
  terminal.result(result, () => {
    const said = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
    return `${target.name}  ${said.join(', ')}  to send: ${missing.size} objects, ${bytes(toSend)}`;
  });
  return isSame(difference);
}

/** Null for what a `.dvc` file names and nobody has pushed yet. */
async function targetOf(client: Client, { path, target, named }: Place): Promise<Target | null> {
  try {
    return await openTarget(client, target, path);
  } catch (error) {
    if (named && isTidemarkError(error, 'not-found')) return null;
    throw error;
  }
}

async function compared(
  terminal: Terminal,
  target: Target,
  { path, named, cache, followLinks }: Looking,
): Promise<{ entries: LocalEntry[]; difference: Difference }> {
  if (!named || existsSync(path)) return compareLocal(terminal, path, { target, cache, followLinks });
  return { entries: [], difference: { added: [], changed: [], removed: target.files, renamed: [], same: 0 } };
}

function pointerBeside(path: string): string {
  const pointer = `${path.replace(/\/+$/, '')}.dvc`;
  if (existsSync(pointer)) return pointer;
  throw new TidemarkError('bad-path', `There is no ${pointer}; say which version to compare with.`);
}
