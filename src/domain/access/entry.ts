import type { Context } from '../../context.ts';
import { anyKey, anyUsableKey, ensureProject, findApiKey, listProjects, lockKeys } from '../../store/access/access.ts';
import { transact } from '../../store/postgres/db.ts';
import type { Patiently } from '../../store/postgres/patience.ts';
import { systemActor } from './actor.ts';
import { issueKey } from './keys.ts';
import { isLoopback } from './loopback.ts';

/** How a service can be entered once it runs. */
export type Entry = {
  /** True when whoever reaches the address may do everything. */
  readonly open: boolean;
  /** An admin key of the project `default` that was made now, because there was no other way in; else null. */
  readonly key: string | null;
};

/**
 * Makes sure that somebody can get in, and nobody unasked: a service that is not open and has no key that still
 * works gets an admin key. Of services that start side by side on one database, one makes it.
 */
export async function prepareEntry(
  ctx: Pick<Context, 'config' | 'db' | 'now' | 'randomBytes'>,
  patiently: Patiently = (work) => work(),
): Promise<Entry> {
  let made: Awaited<ReturnType<typeof issueKey>> | null = null;
  const prepare = (): Promise<Entry> =>
    transact(ctx.db, async (tx) => {
      await lockKeys(tx);
      // Made by a try whose end was not heard of: it is shown by this one, or never.
      if (made !== null && (await findApiKey(tx, made.row.id)) !== null) return { open: false, key: made.key };
      if (isLoopback(ctx.config.host) && !(await anyKey(tx))) return { open: true, key: null };
      if (await anyUsableKey(tx, ctx.now())) return { open: false, key: null };
      const { project } = await ensureProject(tx, 'default');
      const asked = { name: 'first-start', scopes: ['admin'], expiresAt: null } as const;
      made = await issueKey({ ...ctx, db: tx }, systemActor(project), asked);
      return { open: false, key: made.key };
    });
  return patiently(prepare);
}

/** True while the database holds no project but the one it was made with, and no key. */
export async function isUntouched(ctx: Pick<Context, 'db'>): Promise<boolean> {
  const projects = await listProjects(ctx.db);
  return projects.length <= 1 && !(await anyKey(ctx.db));
}
