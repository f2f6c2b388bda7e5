import { TidemarkError } from '../../errors.ts';
import type { Actor } from '../access/actor.ts';
import { commitVersion } from '../dataset/commit.ts';
import { checkPath } from '../dataset/dataset-path.ts';
import type { Recorded } from '../dataset/record-version.ts';
import { eachFile } from '../object/version-files.ts';
import { type Deriving, notesOf, type Prepared, parentsOf, pinned } from './sources.ts';

/** The files of the sources, minus some, plus some. */
export type FilesRecipe = {
  /** Paths, or beginnings of them that end with `/`, of the sources. */
  readonly remove?: readonly string[] | undefined;
  /** Objects that the project holds; they replace what has their path. */
  readonly add?: readonly { readonly path: string; readonly md5: string }[] | undefined;
  /** What to do where two sources have other bytes at one path. */
  readonly conflict?: 'refuse' | 'first' | 'last' | undefined;
};

/**
 * Makes a folder of the files of versions without moving a byte: the result is a new manifest.
 * @throws TidemarkError `conflict` for two sources that disagree, `invalid-body` for a path to remove that none has.
 */
export async function deriveFiles(ctx: Deriving, actor: Actor, given: Prepared<FilesRecipe>): Promise<Recorded> {
  const { sources, recipe } = given;
  const files = await union(ctx, given);
  for (const path of recipe.remove ?? []) remove(files, path);
  for (const { path, md5 } of recipe.add ?? []) files.set(checkPath(path), md5);
  if (files.size === 0) throw new TidemarkError('invalid-body', 'Nothing would be left of the files of the sources.');
  return commitVersion(ctx, actor, {
    ...notesOf(given),
    message: given.message,
    content: { kind: 'files', files: Array.from(files, ([path, md5]) => ({ path, md5 })) },
    path: given.path ?? sources.find(({ version }) => version.oid.endsWith('.dir'))?.version.path ?? given.dataset,
    parents: parentsOf(sources),
    provenance: { kind: 'derived', recipe: { sources: pinned(sources), files: recipe } },
  });
}

async function union(ctx: Deriving, { sources, recipe }: Prepared<FilesRecipe>): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const { dataset, version } of sources) {
    for await (const { path, oid } of eachFile(ctx.db, version)) {
      const known = files.get(path);
      if (known === undefined || known === oid || recipe.conflict === 'last') files.set(path, oid);
      else if (recipe.conflict !== 'first') {
        throw new TidemarkError(
          'conflict',
          `${dataset}@v${version.number} has other bytes at "${path.slice(0, 200)}" than a source before it; say whose to take, by the rule for conflicts "first" or "last".`,
        );
      }
    }
  }
  return files;
}

/** @throws TidemarkError `invalid-body` when nothing goes: more likely a slip than a wish. */
function remove(files: Map<string, string>, path: string): void {
  const before = files.size;
  if (path.endsWith('/')) {
    for (const known of files.keys()) if (known.startsWith(path)) files.delete(known);
  } else files.delete(path);
  if (files.size === before) {
    throw new TidemarkError('invalid-body', `No source has "${path.slice(0, 200)}", which is to be removed.`);
  }
}
