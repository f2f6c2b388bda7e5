import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { TidemarkError } from '../../errors.ts';
import { openSpool } from '../../store/objects/object-spool.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { materializeFiles } from '../object/materialize.ts';
import {
  type Comparing,
  type Comparison,
  checkTableName,
  checkWishes,
  findSide,
  judgeTables,
  tableOf,
  type Wishes,
} from './compare-versions.ts';

type Sent = {
  /** The file's name, for its ending. */
  readonly path: string;
  readonly source: AsyncIterable<Uint8Array>;
  /** Bytes it is said to have; null where nothing is said. */
  readonly announced: number | null;
};

/**
 * Judges a table that is sent along against a version, at once. Neither side may be large: what is asked for later would
 * have to be kept, and keeping is what a push is for.
 * @throws TidemarkError as `compareVersions`; `bad-path` for a name that promises no table, `too-large`.
 */
export async function compareUpload(
  ctx: Comparing,
  actor: Actor,
  given: { readonly reference: string; readonly table: Sent; readonly wishes: Wishes },
): Promise<Comparison> {
  requireScope(actor, 'data:read');
  const { table } = given;
  const wishes = checkWishes(given.wishes);
  const path = checkTableName(table.path);
  const reference = await findSide(ctx, actor, given.reference);
  const room = ctx.config.limits.atOnceBytes - reference.version.bytes;
  if (room <= 0 || (table.announced ?? 0) > room) throw tooLarge(ctx);
  const folder = join(resolve(ctx.config.data), 'tmp');
  await mkdir(folder, { recursive: true });
  const spool = await openSpool(folder, { durable: false });
  try {
    let size = 0;
    for await (const chunk of table.source) {
      size += chunk.byteLength;
      if (size > room) throw tooLarge(ctx);
      await spool.write(chunk);
    }
    await spool.finish();
    const copy = await materializeFiles(ctx, actor.projectId, reference.version);
    try {
      const current = { name: path, files: [{ path, file: spool.path, size }] };
      return await judgeTables(ctx, { reference: tableOf(reference.name, copy), current, wishes }, () => {});
    } finally {
      await copy.dispose();
    }
  } finally {
    await spool.discard();
  }
}

function tooLarge({ config }: Pick<Comparing, 'config'>): TidemarkError {
  const most = config.limits.atOnceBytes;
  return new TidemarkError(
    'too-large',
    `Both tables together may have ${most} bytes here; push the table and compare the two versions.`,
  );
}
