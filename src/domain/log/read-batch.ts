import type { Context } from '../../context.ts';
import { md5OfOid, parseOid } from '../../dvc/hash.ts';
import { type ArrowView, decodeArrow, viewArrow } from '../../formats/arrow.ts';
import type { Column, ColumnBatch, Field } from '../../stats/column.ts';
import { verified } from '../../store/object-verify.ts';

export type BatchTable = { readonly fields: readonly Field[]; readonly batch: ColumnBatch };

/**
 * The columns of a stored batch, from bytes whose digest agrees with their name.
 * @throws TidemarkError `not-found` or `object-corrupt`.
 */
export async function readBatch(ctx: Pick<Context, 'remote'>, oid: string): Promise<BatchTable> {
  return decodeArrow(await batchBytes(ctx, oid));
}

/** The same, with columns that are decoded when they are asked for. */
export async function viewBatch(ctx: Pick<Context, 'remote'>, oid: string): Promise<ArrowView> {
  return viewArrow(await batchBytes(ctx, oid));
}

async function batchBytes(ctx: Pick<Context, 'remote'>, oid: string): Promise<Uint8Array> {
  const name = parseOid(oid);
  const chunks: Uint8Array[] = [];
  for await (const chunk of verified(await ctx.remote.read(name), { md5: md5OfOid(name) })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The column of that name, or null. */
export function columnNamed({ fields, batch }: BatchTable, name: string): Column | null {
  return batch.columns[fields.findIndex((field) => field.name === name)] ?? null;
}
