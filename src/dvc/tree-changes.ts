import { TidemarkError } from '../errors.ts';
import { compareCodePoints, inCodePointOrder } from './relpath.ts';
import type { TreeEntry } from './tree.ts';

/** What makes one tree of another: entries under new paths or with new bytes, and paths that are gone. */
export type TreeChanges = { readonly put: readonly TreeEntry[]; readonly remove: readonly string[] };

/** A tree that was made of another. */
export type ChangedTree = {
  /** In canonical order. */
  readonly entries: readonly TreeEntry[];
  /** For each of them its position in the other tree; -1 for one that was put. */
  readonly origins: Int32Array;
  /** Positions in the other tree of what it lost or what was replaced. */
  readonly gone: readonly number[];
  /** How many entries have paths that the other tree does not have. */
  readonly added: number;
};

/**
 * Makes the changed tree. The entries are not judged, see `checkTree`.
 * @throws TidemarkError `invalid-body` for a path that is changed twice, or removed and not there.
 */
export function changeTree(base: readonly TreeEntry[], changes: TreeChanges): ChangedTree {
  const put = inCodePointOrder(changes.put, pathOf);
  const removed = new Set(changes.remove);
  checkOnce(put, changes.remove, removed);
  const made = new Merged(base.length + put.length);
  // Clients of old wrote them in other orders too.
  const placed = inCodePointOrder(
    base.map((entry, position) => ({ entry, position })),
    ({ entry }) => entry.relpath,
  );
  let next = 0;
  for (const { entry, position } of placed) {
    for (; comesBefore(put[next], entry); next++) made.put(put[next]);
    if (put[next]?.relpath === entry.relpath) made.replace(put[next++], position);
    else if (removed.delete(entry.relpath)) made.gone.push(position);
    else made.keep(entry, position);
  }
  for (; next < put.length; next++) made.put(put[next]);
  const [stray] = removed;
  if (stray !== undefined) throw invalid('remove', `names ${shown(stray)}, which the other folder does not have`);
  return made.tree();
}

const pathOf = ({ relpath }: TreeEntry): string => relpath;

const comesBefore = (one: TreeEntry | undefined, other: TreeEntry): boolean =>
  one !== undefined && compareCodePoints(one.relpath, other.relpath) < 0;

class Merged {
  readonly gone: number[] = [];
  readonly #entries: TreeEntry[] = [];
  readonly #origins: Int32Array;
  #added = 0;

  constructor(most: number) {
    this.#origins = new Int32Array(most);
  }

  keep(entry: TreeEntry | undefined, origin: number): void {
    if (entry === undefined) return;
    this.#origins[this.#entries.length] = origin;
    this.#entries.push(entry);
  }

  put(entry: TreeEntry | undefined): void {
    this.keep(entry, -1);
    this.#added++;
  }

  replace(entry: TreeEntry | undefined, position: number): void {
    this.gone.push(position);
    this.keep(entry, -1);
  }

  tree(): ChangedTree {
    const origins = this.#origins.subarray(0, this.#entries.length);
    return { entries: this.#entries, origins, gone: this.gone, added: this.#added };
  }
}

function checkOnce(put: readonly TreeEntry[], remove: readonly string[], removed: ReadonlySet<string>): void {
  if (removed.size < remove.length) throw invalid('remove', 'names a path twice');
  for (const [i, { relpath }] of put.entries()) {
    if (relpath === put[i - 1]?.relpath) throw invalid('put', `names ${shown(relpath)} twice`);
    if (removed.has(relpath)) throw invalid('put', `names ${shown(relpath)}, which "remove" names too`);
  }
}

function invalid(member: 'put' | 'remove', detail: string): TidemarkError {
  const pointer = `/changes/${member}`;
  return new TidemarkError('invalid-body', `The body at ${pointer}: it ${detail}.`, {
    issues: [{ code: 'invalid-commit', pointer, detail }],
  });
}

function shown(text: string): string {
  return JSON.stringify(text.length > 120 ? `${text.slice(0, 117)}...` : text);
}
