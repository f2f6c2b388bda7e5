import { timingSafeEqual } from 'node:crypto';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import {
  type ApiKeyRow,
  ensureProject,
  findApiKey,
  findEntry,
  findProject,
  insertApiKey,
  listApiKeys,
  listProjects,
  type ProjectRow,
  revokeApiKey,
  touchApiKey,
} from '../../store/access.ts';
import type { Db } from '../../store/postgres/db.ts';
import { Gathering } from '../gathering.ts';
import { type Actor, requireScope, type Scope } from './actor.ts';
import { formatKey, type ParsedKey, parseKey } from './api-key.ts';
import { isLoopback } from './loopback.ts';

const REFUSED = 'This key is not known, has expired or was revoked.';

/**
 * Who a request comes from. Without any key made, a service on a loopback address is open to whoever reaches it,
 * in the project the request names; from the first key on, and on any other address, only keys are let in.
 * @throws TidemarkError `unauthenticated` or, for an unknown project and for one that is not the key's, `not-found`.
 */
export function authenticate(ctx: AuthenticateContext, given: Credentials): Promise<Actor> {
  const asking = lookUps.get(ctx.db) ?? new Gathering(lookUpOnce, MOST_ASKING);
  lookUps.set(ctx.db, asking);
  return asking.add(JSON.stringify([given.key, given.project]), { ctx, given });
}

export type AuthenticateContext = Pick<Context, 'config' | 'db' | 'now'>;
export type Credentials = { readonly key: string | null; readonly project: string | null };
type LookUp = { readonly ctx: AuthenticateContext; readonly given: Credentials };

/** By connection pool. Many requests of one key at once ask the database once, after the last of them came. */
const lookUps = new WeakMap<Db, Gathering<LookUp, Actor>>();
const MOST_ASKING = 1000;

async function lookUpOnce(asking: readonly LookUp[]): Promise<Actor[]> {
  const [first] = asking;
  if (first === undefined) return [];
  const actor = await lookUp(first.ctx, first.given);
  return asking.map(() => actor);
}

async function lookUp(ctx: AuthenticateContext, given: Credentials): Promise<Actor> {
  if (given.key === null) {
    const name = given.project ?? 'default';
    return actorOfEntry(ctx, name, await findEntry(ctx.db, name));
  }
  const parsed = parseKey(given.key);
  return actorOfKey(ctx, { ...given, parsed }, parsed === null ? null : await findApiKey(ctx.db, parsed.id));
}

/**
 * Who asks without a key, as it stands in the database.
 * @throws TidemarkError as `authenticate`.
 */
export function actorOfEntry(
  ctx: Pick<Context, 'config'>,
  name: string,
  { anyKey, project }: { readonly anyKey: boolean; readonly project: ProjectRow | null },
): Actor {
  if (!isLoopback(ctx.config.host) || anyKey) {
    throw new TidemarkError('unauthenticated', 'An API key is needed: send "Authorization: Bearer tmk_…".');
  }
  if (project === null) {
    throw new TidemarkError('not-found', `There is no project "${name}"; make it with POST /v1/projects.`);
  }
  return { projectId: project.id, project: project.name, author: 'anonymous', scopes: new Set<Scope>(['admin']) };
}

/**
 * Whose key it is, by its row in the database; null when there is none.
 * @throws TidemarkError as `authenticate`.
 */
export async function actorOfKey(
  ctx: Pick<Context, 'db' | 'now'>,
  { parsed, project }: { readonly parsed: ParsedKey | null; readonly project: string | null },
  row: (ApiKeyRow & { readonly project: string }) | null,
): Promise<Actor> {
  if (parsed === null || row === null || !sameDigest(row.secretSha256, parsed.secretSha256)) {
    throw new TidemarkError('unauthenticated', REFUSED);
  }
  if (row.revokedAt !== null || (row.expiresAt !== null && row.expiresAt <= ctx.now())) {
    throw new TidemarkError('unauthenticated', REFUSED);
  }
  if (isStale(row.lastUsedAt, ctx.now())) await touchApiKey(ctx.db, row.id);
  // Otherwise what is meant for one project would end in another.
  if (project !== null && project !== row.project) {
    throw new TidemarkError('not-found', `There is no project "${project}" for this key.`);
  }
  return {
    projectId: row.projectId,
    project: row.project,
    author: `key:${row.id} (${row.name})`,
    // Scopes are checked against the closed set when a key is made; an unknown one grants nothing.
    scopes: new Set(row.scopes as Scope[]),
  };
}

/** Whether a key's last use is worth noting anew; asking the database each time would cost as much as the look-up. */
const isStale = (lastUsedAt: Date | null, now: Date): boolean =>
  lastUsedAt === null || Math.abs(now.getTime() - lastUsedAt.getTime()) >= 60_000;

function sameDigest(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}

/**
 * Makes a key of the actor's project, or of another one where the actor runs the service; the answer is the only
 * time that it is shown.
 * @throws TidemarkError `forbidden` without the scope `admin`, `not-found` for a project that is not the actor's to
 * hand out, `invalid-body` for an expiry in the past and for a first key that would lock everybody out.
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
  const row = await insertApiKey(ctx.db, {
    id: made.id,
    projectId,
    name: input.name,
    secretSha256: made.secretSha256,
    scopes: [...input.scopes],
    expiresAt: input.expiresAt,
  });
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

/** Without this, the first key would lock every project but its own for ever. */
const runsTheService = (actor: Actor): boolean =>
  actor.author === 'anonymous' || (actor.project === 'default' && actor.scopes.has('admin'));

async function projectOfNewKey(ctx: Pick<Context, 'db'>, actor: Actor, name: string): Promise<number> {
  if (name === actor.project) return actor.projectId;
  const found = runsTheService(actor) ? await findProject(ctx.db, name) : null;
  if (found === null) throw new TidemarkError('not-found', `There is no project "${name}" for this key.`);
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
  if (!(await revokeApiKey(ctx.db, actor.projectId, id))) {
    throw new TidemarkError('not-found', `There is no key "${id}" in this project.`);
  }
}

/** Makes a project unless it exists. */
export async function createProject(
  ctx: Pick<Context, 'db'>,
  actor: Actor,
  name: string,
): Promise<{ project: ProjectRow; created: boolean }> {
  requireScope(actor, 'admin');
  return ensureProject(ctx.db, name);
}

/** The projects an actor may see: all of them who runs the service, else its own. */
export async function readProjects(ctx: Pick<Context, 'db'>, actor: Actor): Promise<ProjectRow[]> {
  const all = await listProjects(ctx.db);
  return runsTheService(actor) ? all : all.filter((project) => project.id === actor.projectId);
}
