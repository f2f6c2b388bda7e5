import { timingSafeEqual } from 'node:crypto';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import {
  findApiKey,
  findEntry,
  type ProjectKeyRow as KeyRow,
  type ProjectRow,
  touchApiKey,
} from '../../store/access/access.ts';
import type { Db } from '../../store/postgres/db.ts';
import { Gathering } from '../gathering.ts';
import type { Actor, Scope } from './actor.ts';
import { type ParsedKey, parseKey } from './api-key.ts';
import { refuseDeleted } from './deleted-project.ts';
import { isLoopback } from './loopback.ts';
import { missingProject } from './missing-project.ts';

const REFUSED = 'This key is not known, has expired or was revoked.';

/**
 * Who a request comes from. Without any key made, a service on a loopback address is open to whoever reaches it,
 * in the project the request names; from the first key on, and on any other address, only keys are let in.
 * @throws TidemarkError `unauthenticated`; for an unknown project and for one that is not the key's, `not-found`; for one
 * that was deleted, `gone`.
 */
export async function authenticate(ctx: AuthenticateContext, given: Credentials): Promise<Actor> {
  const name = nameOf(given);
  const asking = lookUps.get(ctx.db) ?? new Gathering(lookUpOnce, MOST_ASKING);
  lookUps.set(ctx.db, asking);
  const found = recallOf(ctx.db).kept.get(name) ?? (await asking.add(name, { ctx, given, name }));
  return actorOf(ctx, given, found);
}

/**
 * As `authenticate`, at once, for who was let in a moment ago; null for all others, for whom the database has to be asked.
 * @throws TidemarkError as `authenticate`, for a key that has expired since.
 */
export function recalledActor(ctx: AuthenticateContext, given: Credentials): Actor | null {
  const found = recallOf(ctx.db).kept.get(nameOf(given));
  return found === undefined ? null : actorOf(ctx, given, found);
}

const nameOf = ({ key, project }: Credentials): string => JSON.stringify([key, project]);

function actorOf(ctx: AuthenticateContext, { project }: Credentials, found: Found): Actor {
  if (found.kind === 'entry') return actorOfEntry(ctx, project ?? 'default', found);
  return admitted(ctx, { parsed: found.parsed, project }, found.row);
}

export type AuthenticateContext = Pick<Context, 'config' | 'db' | 'now'>;
export type Credentials = { readonly key: string | null; readonly project: string | null };
type LookUp = { readonly ctx: AuthenticateContext; readonly given: Credentials; readonly name: string };

/** What the database says of credentials: of none at all, or of a key. */
type Found =
  | { readonly kind: 'entry'; readonly anyKey: boolean; readonly project: ProjectRow | null }
  | { readonly kind: 'key'; readonly parsed: ParsedKey | null; readonly row: KeyRow | null };

/** By connection pool. Many requests of one key at once ask the database once, after the last of them came. */
const lookUps = new WeakMap<Db, Gathering<LookUp, Found>>();
const MOST_ASKING = 1000;

async function lookUpOnce(asking: readonly LookUp[]): Promise<Found[]> {
  const [first] = asking;
  if (first === undefined) return [];
  const recall = recallOf(first.ctx.db);
  const { epoch } = recall;
  const found = await lookUp(first.ctx, first.given);
  if (letsIn(first.ctx, found) && recall.epoch === epoch) {
    recall.kept.set(first.name, found);
    setTimeout(() => recall.kept.delete(first.name), KEPT_MILLISECONDS).unref();
  }
  return asking.map(() => found);
}

/** What is refused is asked for each time. */
function letsIn(ctx: AuthenticateContext, found: Found): boolean {
  if (found.kind === 'entry') return found.project?.deletedAt === null && !found.anyKey;
  return found.row?.project.deletedAt === null && isGood(ctx, found.parsed, found.row);
}

async function lookUp(ctx: AuthenticateContext, given: Credentials): Promise<Found> {
  if (given.key === null) return { kind: 'entry', ...(await findEntry(ctx.db, given.project ?? 'default')) };
  const parsed = parseKey(given.key);
  const row = parsed === null ? null : await findApiKey(ctx.db, parsed.id);
  if (row !== null) await noteUse(ctx, parsed, row);
  return { kind: 'key', parsed, row };
}

/** What was found a moment ago. What this process changes about keys it forgets at once, and begins another epoch. */
type Recall = { readonly kept: Map<string, Found>; epoch: number };

const recalls = new WeakMap<Db, Recall>();
/** A key that another process revokes is taken for so long: many small requests would else ask the database all the time. */
const KEPT_MILLISECONDS = 100;

function recallOf(db: Db): Recall {
  const known = recalls.get(db) ?? { kept: new Map(), epoch: 0 };
  recalls.set(db, known);
  return known;
}

/** Has every key looked up anew: something was changed about them. */
export function forgetFound(db: Db): void {
  const recall = recallOf(db);
  recall.kept.clear();
  recall.epoch++;
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
    throw new TidemarkError('unauthenticated', 'An API key is needed: send "Authorization: Bearer tmk_...".');
  }
  if (project === null) throw missingProject(name, true);
  refuseDeleted(project);
  return { projectId: project.id, project: project.name, author: 'anonymous', scopes: new Set<Scope>(['admin']) };
}

/**
 * Whose key it is, by its row in the database; null when there is none. Notes that it was used.
 * @throws TidemarkError as `authenticate`.
 */
export async function actorOfKey(
  ctx: Pick<Context, 'db' | 'now'>,
  given: { readonly parsed: ParsedKey | null; readonly project: string | null },
  row: KeyRow | null,
): Promise<Actor> {
  if (row !== null) await noteUse(ctx, given.parsed, row);
  return admitted(ctx, given, row);
}

function admitted(
  ctx: Pick<Context, 'now'>,
  { parsed, project }: { readonly parsed: ParsedKey | null; readonly project: string | null },
  row: KeyRow | null,
): Actor {
  if (row === null || !isGood(ctx, parsed, row)) throw new TidemarkError('unauthenticated', REFUSED);
  // Otherwise what is meant for one project would end in another.
  const names = [row.project.name, ...row.formerNames];
  if (project !== null && !names.includes(project)) throw missingProject(project, false);
  refuseDeleted(row.project);
  return {
    projectId: row.projectId,
    project: row.project.name,
    author: `key:${row.id} (${row.name})`,
    // Scopes are checked against the closed set when a key is made; an unknown one grants nothing.
    scopes: new Set(row.scopes as Scope[]),
  };
}

/** Whether the secret is that of the key, and the key still lets somebody in. */
function isGood(ctx: Pick<Context, 'now'>, parsed: ParsedKey | null, row: KeyRow): boolean {
  if (parsed === null || !sameDigest(row.secretSha256, parsed.secretSha256)) return false;
  return row.revokedAt === null && (row.expiresAt === null || row.expiresAt > ctx.now());
}

async function noteUse(ctx: Pick<Context, 'db' | 'now'>, parsed: ParsedKey | null, row: KeyRow): Promise<void> {
  if (isGood(ctx, parsed, row) && isStale(row.lastUsedAt, ctx.now())) await touchApiKey(ctx.db, row.id);
}

/** Whether a key's last use is worth noting anew; asking the database each time would cost as much as the look-up. */
const isStale = (lastUsedAt: Date | null, now: Date): boolean =>
  lastUsedAt === null || Math.abs(now.getTime() - lastUsedAt.getTime()) >= 60_000;

function sameDigest(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(a, 'hex'), Buffer.from(b, 'hex'));
}
