import { type SQL, sql } from 'drizzle-orm';
import { versionRows } from '../../../schemas/tables/index.ts';
import type { Db } from '../postgres/db.ts';

/** The rows of a batch that name one model version. `rows`: one bit a row, least significant first; null: all of them. */
export type VersionRows = { readonly name: string; readonly rows: Uint8Array | null };

export async function insertVersionRows(tx: Db, batchId: number, versions: readonly VersionRows[]): Promise<void> {
  if (versions.length === 0) return;
  await tx.insert(versionRows).values(versions.map(({ name, rows }) => ({ batchId, name, rows })));
}

/** A join that leaves of `prediction_index p` what names the version; nothing where all rows count. */
export function ofVersion(version: string | null): SQL {
  if (version === null) return sql``;
  return sql`join version_rows v on v.batch_id = p.batch_id and v.name = ${version}
    and (v.rows is null or get_bit(v.rows, p.row) = 1)`;
}

/**
 * Rows that are not to be read of a batch, as `domain/log/settle/repeats.ts` has them: those that were not before, and those that
 * name another version.
 */
export function withoutOthers(repeats: Uint8Array | null, named: Uint8Array | null, rows: number): Uint8Array | null {
  if (named === null) return repeats;
  const left = new Uint8Array((rows + 7) >> 3);
  for (let i = 0; i < left.length; i++) left[i] = (repeats?.[i] ?? 0) | ~(named[i] ?? 0);
  const beyond = rows & 7;
  if (beyond > 0) left[left.length - 1] = (left.at(-1) ?? 0) & ((1 << beyond) - 1);
  return left;
}
