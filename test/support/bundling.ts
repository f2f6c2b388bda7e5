import { listKnownObjects } from '../../src/store/inventory/bundles.ts';
import type { Database } from '../../src/store/postgres/db.ts';
import type { Bundles } from '../../src/store/remotes/bundles.ts';
import type { ObjectRemote } from '../../src/store/remotes/remote.ts';
import { type BundlingOptions, createBundlingRemote } from '../../src/store/remotes/remote-bundling.ts';

/** Where the objects and the bundles of a test lie. */
export type BundlingParts = {
  readonly inner: ObjectRemote;
  readonly bundles: Bundles;
  readonly database: Pick<Database, 'db' | 'sql'>;
};

/** Has the database know of no bundle. */
export async function forgetAllBundles({ sql }: Pick<Database, 'sql'>): Promise<void> {
  await sql`truncate bundle_members, bundles, jobs`;
}

/** A remote that bundles all groups of two and more. What lies in the inner one is known, whoever put it there. */
export function bundlingRemote(
  { inner, bundles, database: { db } }: BundlingParts,
  more: Partial<BundlingOptions> = {},
): ObjectRemote {
  const known = async (oids: readonly string[]) => {
    const lying = await Promise.all(oids.map(async (oid) => ((await inner.stat(oid)) === null ? [] : [oid])));
    return new Set([...(await listKnownObjects(db, oids)), ...lying.flat()]);
  };
  return createBundlingRemote({ inner, bundles, db, known, making: true, fewest: 2, ...more });
}
