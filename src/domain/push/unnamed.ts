import type { Context } from '../../context.ts';
import type { Oid } from '../../dvc/hash.ts';
import { dataFormat } from '../../formats/data-file.ts';
import { endingOf, SNIFFED_BYTES } from '../../formats/sniff-format.ts';
import { type DatasetRow, findNewestOfKind } from '../../store/dataset/datasets.ts';

/**
 * What to call content that came without a name, as all content over DVC's wire does: as the newest version of its
 * kind in the dataset is called; else as the dataset, a file with the ending of what it looks like. A table is not called
 * as a file without a name was that is none: it would not be read.
 */
export async function nameUnnamed(
  ctx: Pick<Context, 'db' | 'remote'>,
  dataset: DatasetRow,
  content: { readonly oid: Oid; readonly folder: boolean },
): Promise<string> {
  const newest = await findNewestOfKind(ctx.db, dataset.id, content.folder ? 'folder' : 'file');
  if (content.folder) return newest?.path ?? dataset.name;
  if (newest !== null && (newest.path !== dataset.name || dataFormat(newest.path) !== null)) return newest.path;
  return dataset.name + (endingOf(await headOf(ctx, content.oid)) ?? '');
}

async function headOf(ctx: Pick<Context, 'remote'>, oid: Oid): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of await ctx.remote.read(oid, { end: SNIFFED_BYTES })) parts.push(part);
  return Buffer.concat(parts);
}
