import { type Actor, requireScope } from '../access/actor.ts';
import type { Answered } from '../computation/begin.ts';
import { checkPath } from '../dataset/dataset-path.ts';
import type { Recorded } from '../dataset/record-version.ts';
import { checkTag } from '../dataset/ref.ts';
import { deriveFiles, type FilesRecipe } from './derive-files.ts';
import { deriveRowsVersion } from './derive-rows.ts';
import type { RowRecipe } from './derive-rows-task.ts';
import { type Deriving, type Order, resolveSources } from './sources.ts';

/** What a version is to be made of. */
export type Recipe = {
  /** `v3` of the dataset itself, or `census@v3`, in order. */
  readonly sources: readonly string[];
} & ({ readonly kind: 'files'; readonly files: FilesRecipe } | { readonly kind: 'rows'; readonly rows: RowRecipe });

/**
 * Makes a version of others, on the server: of their files without moving a byte, or of their rows. The result is an
 * ordinary version whose parents are the sources and whose provenance holds the recipe with their oids; the same
 * recipe on the same sources gives the same bytes, and so the same version.
 * @throws TidemarkError `not-found`, `invalid-body`, `conflict`, `bad-path`, `unreadable-data`, `too-large`,
 * `object-corrupt`.
 */
export async function derive(
  ctx: Deriving,
  actor: Actor,
  given: Order & { recipe: Recipe },
): Promise<Answered<Recorded>> {
  requireScope(actor, 'data:write');
  requireScope(actor, 'data:read');
  const { recipe, ...order } = given;
  if (order.tag !== undefined) checkTag(order.tag);
  if (order.path !== undefined) checkPath(order.path);
  const sources = await resolveSources(ctx, actor.projectId, { dataset: order.dataset, sources: recipe.sources });
  return recipe.kind === 'files'
    ? { answer: await deriveFiles(ctx, actor, { ...order, sources, recipe: recipe.files }) }
    : deriveRowsVersion(ctx, actor, { ...order, sources, recipe: recipe.rows });
}
