import { and, eq, sql } from 'drizzle-orm';
import { blockSums } from '../../../schemas/tables/index.ts';
import type { Oid } from '../../dvc/hash.ts';
import { type ByteSpan, KEY_SPAN } from '../objects/block-sums.ts';
import { words } from '../postgres/array-literal.ts';
import type { Db } from '../postgres/db.ts';

/**
 * The key of an object's sums and bytes `[start, end)` of these, which lie one after the other behind it: those of a
 * very large one are many. Null when none were made yet.
 */
export async function findBlockSums(
  db: Db,
  projectId: number,
  given: { readonly oid: Oid; readonly span: ByteSpan },
): Promise<Uint8Array | null> {
  const { oid, span } = given;
  const rows = await db
    .select({ sums: sql<Uint8Array>`${part(KEY_SPAN)} || ${part(span)}` })
    .from(blockSums)
    .where(and(eq(blockSums.projectId, projectId), eq(blockSums.oid, oid)));
  return rows[0]?.sums ?? null;
}

const part = ({ start, end }: ByteSpan) => sql`substring(${blockSums.sums} from ${start + 1} for ${end - start})`;

/** Those of the objects that have no sums. */
export async function listUnsummed(db: Db, projectId: number, oids: readonly Oid[]): Promise<Set<Oid>> {
  if (oids.length === 0) return new Set();
  const rows = await db.execute<{ oid: Oid }>(sql`
    select u.oid from unnest(${words(oids)}::text[]) as u(oid)
    where not exists (select 1 from block_sums s where s.project_id = ${projectId} and s.oid = u.oid)`);
  return new Set(rows.map(({ oid }) => oid));
}

/** Keeps the sums of objects whose bytes were just proved; what is kept of them already gives way. */
export async function keepBlockSums(
  tx: Db,
  projectId: number,
  objects: readonly { readonly oid: Oid; readonly blockSums?: Uint8Array | null }[],
): Promise<void> {
  for (const { oid, blockSums: sums = null } of objects) {
    if (sums === null) continue;
    await tx
      .insert(blockSums)
      .values({ projectId, oid, sums })
      .onConflictDoUpdate({
        target: [blockSums.projectId, blockSums.oid],
        set: { sums },
      });
  }
}
