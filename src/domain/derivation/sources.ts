import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import { parseVersionName, resolveVersion } from '../dataset/resolve.ts';
import type { VersionNotes } from '../dataset/version-notes.ts';

export type Deriving = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute' | 'now' | 'newId' | 'publicUrl'>;

/** What is asked of a derivation beside its recipe. */
export type Order = Omit<VersionNotes, 'parents'> & {
  readonly dataset: string;
  /** The file's or folder's own name; a fitting one when absent. */
  readonly path?: string | undefined;
  readonly tag?: string | undefined;
  readonly idempotencyKey?: string | undefined;
};

/** A version that another is made of. */
export type Source = { readonly dataset: string; readonly version: VersionRow };

/** An order whose sources can no longer move. */
export type Prepared<R> = Order & { readonly sources: readonly Source[]; readonly recipe: R };

/**
 * The versions that these names mean now.
 * @throws TidemarkError `not-found`, and `invalid-body` for one that is named twice.
 */
export async function resolveSources(
  ctx: Pick<Context, 'db'>,
  projectId: number,
  given: { dataset: string; sources: readonly string[] },
): Promise<Source[]> {
  const sources: Source[] = [];
  for (const text of given.sources) {
    const { dataset, ref } = parseVersionName(given.dataset, text);
    const version = await resolveVersion(ctx.db, projectId, dataset, ref);
    if (sources.some((source) => source.version.id === version.id)) {
      throw new TidemarkError(
        'invalid-body',
        `The source ${version.dataset}@v${version.number} stands twice among the sources.`,
      );
    }
    sources.push({ dataset: version.dataset, version });
  }
  return sources;
}

/** The sources as the version's parents. */
export const parentsOf = (sources: readonly Source[]): string[] =>
  sources.map(({ dataset, version }) => `${dataset}@v${version.number}`);

/** The sources as a recipe keeps them. */
export const pinned = (sources: readonly Source[]) =>
  sources.map(({ dataset, version }) => ({ dataset, version: version.number, oid: version.oid }));

/** What was said of the version, without what is worked out. */
export const notesOf = ({ dataset, author, labels, gitRev, details, tag, idempotencyKey }: Order) => ({
  dataset,
  author,
  labels,
  gitRev,
  details,
  tag,
  idempotencyKey,
});
