import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import {
  type ApiKeyRow,
  findApiKey,
  findProject,
  insertApiKey,
  listApiKeys,
  revokeApiKey,
} from '../../store/access/access.ts';
import { transact } from '../../store/postgres/db.ts';
import { type Actor, requireScope, runsTheService, type Scope } from './actor.ts';
import { formatKey } from './api-key.ts';
import { note } from './audit.ts';
import { forgetFound } from './authenticate.ts';
import { refuseDeleted } from './deleted-project.ts';
import { missingProject } from './missing-project.ts';

/**
 * Makes a key of the actor's project, or of another one where the actor runs the service; the answer is the only
 * time that it is shown.
 * @throws TidemarkError `forbidden` without the scope `admin`, `not-found` for a project that is not the actor's to
 * hand out, `gone` for a deleted one, `invalid-body` for an expiry in the past and for a first key that would lock everybody out.
 */
export async function issueKey(
  ctx: Pick<Context, 'db' | 'now' | 'randomBytes'>,
  actor: Actor,
  input: { name: string; scopes: readonly Scope[]; expiresAt: Date | null; project?: string | undefined },
): Promise<{ key: string; row: ApiKeyRow }> {
  requireScope(actor, 'admin');
  refuseLockout(actor, input);
  const projectId = await projectOfNewKey(ctx, actor, input.project ?? actor.project);
  if (input.expiresAt !== null && input.expiresAt <= ctx.now()) {
    throw new TidemarkError('invalid-body', 'The key would have expired already: "expires_at" lies in the past.', {
      issues: [{ code: 'in-the-past', pointer: '/expires_at', detail: 'must lie in the future' }],
    });
  }
  const made = formatKey(ctx.randomBytes(5), ctx.randomBytes(32));
  const asked = {
    id: made.id,
    projectId,
    name: input.name,
    secretSha256: made.secretSha256,
    scopes: [...input.scopes],
    expiresAt: input.expiresAt,
  };
  const row = await transact(ctx.db, async (tx) => {
    const inserted = await insertApiKey(tx, asked);
    const details = { name: input.name, scopes: asked.scopes };
    await note(tx, { ...actor, projectId }, { action: 'key.made', subject: made.id, details });
    return inserted;
  });
  forgetFound(ctx.db);
  return { key: made.key, row };
}

/**
 * From the first key on nobody is let in without one: unless it opens everything, it locks out whoever made it.
 * @throws TidemarkError `invalid-body`.
 */
function refuseLockout(actor: Actor, { scopes, project }: { scopes: readonly Scope[]; project?: string | undefined }) {
  if (actor.author !== 'anonymous') return;
  if (scopes.includes('admin') && (project ?? actor.project) === 'default') return;
  throw new TidemarkError(
    'invalid-body',
    'The first key ends open access, so it has to be one that makes the others: ask for {"scopes":["admin"],"project":"default"}.',
    { issues: [{ code: 'first-key', pointer: '/scopes', detail: 'must be ["admin"], in the project "default"' }] },
  );
}

async function projectOfNewKey(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<number> {
  if (name === actor.project) return actor.projectId;
  const found = runsTheService(actor) ? await findProject(ctx.db, name) : null;
  if (found === null) throw missingProject(name, runsTheService(actor));
  refuseDeleted(found);
  return found.id;
}

/** The keys of the actor's project, without their secrets. */
export async function readKeys(ctx: Pick<Context, 'db'>, actor: Actor): Promise<ApiKeyRow[]> {
  requireScope(actor, 'admin');
  return listApiKeys(ctx.db, actor.projectId);
}

/** Ends a key for good. Repeating it changes nothing. */
export async function revokeKey(ctx: Pick<Context, 'db'>, actor: Actor, id: string): Promise<void> {
  requireScope(actor, 'admin');
  await transact(ctx.db, async (tx) => {
    if (await revokeApiKey(tx, actor.projectId, id)) return note(tx, actor, { action: 'key.revoked', subject: id });
    if ((await findApiKey(tx, id))?.projectId === actor.projectId) return;
    throw new TidemarkError('not-found', `There is no key "${id}" in this project.`);
  });
  forgetFound(ctx.db);
}
