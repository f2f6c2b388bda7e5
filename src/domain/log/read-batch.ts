import type { Context } from '../../context.ts';
import { md5OfOid, parseOid } from '../../dvc/hash.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { type ArrowView, viewArrow } from '../../formats/arrow/arrow.ts';
import type { Column, ColumnBatch, Field } from '../../stats/column.ts';
import { verified } from '../../store/objects/object-verify.ts';

export type BatchTable = {
  readonly fields: readonly Field[];
  readonly batch: ColumnBatch;
  /** What its object keeps beside the columns. */
  readonly metadata: ReadonlyMap<string, string>;
};

/**
 * The bytes of a stored batch, whose digest agrees with their name.
 * @throws TidemarkError `not-found` or `object-corrupt`.
 */
export async function batchBytes(ctx: Pick<Context, 'remote'>, oid: string): Promise<Uint8Array> {
  const name = parseOid(oid);
  return wholeOf(verified(await ctx.remote.read(name), { md5: md5OfOid(name) }));
}

/** Where the bytes of a stored batch lie. */
export type StoredBatch = {
  readonly oid: string;
  readonly bytes: number;
  /** The object that holds them among others; null: one of their own. */
  readonly pack: { readonly oid: string; readonly start: number } | null;
};

/**
 * The same of many batches, with columns that are decoded when they are asked for. What lies side by side is read at
 * once. A batch whose bytes are not there as they were stored is answered by its error.
 */
export async function viewBatches(
  ctx: Pick<Context, 'remote'>,
  batches: readonly StoredBatch[],
): Promise<(ArrowView | TidemarkError)[]> {
  const views = new Map<StoredBatch, ArrowView | TidemarkError>();
  const alone = batches.filter(({ pack }) => pack === null);
  const together = Map.groupBy(
    batches.filter(({ pack }) => pack !== null),
    ({ pack }) => pack?.oid ?? '',
  );
  const view = async (batch: StoredBatch, bytes: () => Promise<Uint8Array>): Promise<void> => {
    views.set(batch, await bytes().then(viewArrow).catch(onlyLoss));
  };
  await Promise.all([
    ...alone.map((batch) => view(batch, () => batchBytes(ctx, batch.oid))),
    ...Array.from(together, async ([packOid, members]) => {
      const start = Math.min(...members.map(startOf));
      const end = Math.max(...members.map((member) => startOf(member) + member.bytes));
      const range = await rangeOf(ctx, packOid, { start, end }).catch(onlyLoss);
      for (const member of members) {
        await view(member, async () => {
          if (range instanceof TidemarkError) throw range;
          const from = startOf(member) - start;
          return wholeOf(
            verified(once(range.subarray(from, from + member.bytes)), { md5: md5OfOid(parseOid(member.oid)) }),
          );
        });
      }
    }),
  ]);
  return batches.map((batch) => views.get(batch) ?? new TidemarkError('object-corrupt', `${batch.oid} was not read.`));
}

const startOf = ({ pack }: StoredBatch): number => pack?.start ?? 0;

/** @throws what has another cause than bytes that are lost or wrong. */
function onlyLoss(error: unknown): TidemarkError {
  if (isTidemarkError(error, 'object-corrupt') || isTidemarkError(error, 'not-found')) return error;
  throw error;
}

async function rangeOf(
  ctx: Pick<Context, 'remote'>,
  oid: string,
  range: { readonly start: number; readonly end: number },
): Promise<Uint8Array> {
  return wholeOf(await ctx.remote.read(parseOid(oid), range));
}

async function wholeOf(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The column of that name, or null. */
export function columnNamed({ fields, batch }: Pick<BatchTable, 'fields' | 'batch'>, name: string): Column | null {
  return batch.columns[fields.findIndex((field) => field.name === name)] ?? null;
}
