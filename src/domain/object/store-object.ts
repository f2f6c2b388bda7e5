import type { Context } from '../../context.ts';
import type { Expectation } from '../../store/remotes/put-options.ts';
import type { Doer } from '../access/audit.ts';
import type { Alongside, HeldObject, Storable } from './bind-object.ts';
import { bindTogether } from './bind-together.ts';
import { withinQuota } from './quota.ts';

export type StoreObjectOptions = {
  readonly expect?: Expectation | undefined;
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  readonly alongside?: Alongside | undefined;
  /** Who sends it; `received` when absent. */
  readonly origin?: Storable['origin'];
};

/**
 * Takes bytes in one pass and makes them an object of the project: bytes durable first, then the row.
 * Good bytes under a quarantined name heal it.
 * @throws TidemarkError what `ObjectRemote.put` throws; `quota-exceeded`; `digest-conflict` when the project has bound the name
 * to other bytes.
 */
export async function storeObject(
  ctx: Pick<Context, 'config' | 'db' | 'remote'>,
  sender: Doer,
  source: AsyncIterable<Uint8Array>,
  options: StoreObjectOptions,
): Promise<HeldObject> {
  const { projectId } = sender;
  const { expect, maxBytes } = options;
  const coming = { oid: expect?.md5, size: expect?.size, maxBytes };
  const stored = await withinQuota(ctx, projectId, coming, (most) =>
    ctx.remote.put(source, { ...options, maxBytes: most }),
  );
  const { alongside, origin } = options;
  const sent = { ...stored, by: sender, ...(origin === undefined ? {} : { origin }) };
  return bindTogether(ctx, projectId, { stored: sent, alongside });
}
