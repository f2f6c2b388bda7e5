import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { Db } from '../../store/postgres/db.ts';
import {
  deleteRetiredSecrets,
  type EndpointRow,
  insertRetiredSecret,
  listRetiredSecrets,
  lockEndpoint,
  updateEndpoint,
} from '../../store/webhook/webhooks.ts';
import {
  readSecret,
  type Scheme,
  SECRET_BYTES,
  type SigningKey,
  writePublicKey,
  writeSecret,
} from '../../webhook/sign.ts';
import { sealContext } from './endpoint.ts';
import { isSigned } from './target.ts';

/** Former keys that may sign beside the newest one: a header holds so many signatures and no more. */
const MAX_RETIRED = 10;
const DAY = 86_400;

export type KeyChoice = {
  readonly signature?: Scheme | undefined;
  /** A shared secret that the caller chose, `whsec_…`. */
  readonly secret?: string | undefined;
};

/**
 * The key that somebody asked for: the chosen one, or a new one.
 * @throws TidemarkError `invalid-body` for a secret that will not do.
 */
export function chooseKey(ctx: Pick<Context, 'randomBytes'>, choice: KeyChoice, fallback: Scheme): SigningKey {
  const scheme = choice.signature ?? fallback;
  if (choice.secret === undefined) return { scheme, bytes: ctx.randomBytes(SECRET_BYTES) };
  if (scheme === 'v1a') throw wrongSecret('is for "v1" alone: an ed25519 key is made here and never leaves');
  const read = readSecret(choice.secret);
  if (typeof read === 'string') throw wrongSecret(read);
  return { scheme, bytes: read };
}

/** The newest key of an endpoint. */
export function keyOf(ctx: Pick<Context, 'secrets'>, endpoint: EndpointRow): SigningKey {
  return { scheme: endpoint.scheme, bytes: ctx.secrets.open(endpoint.secret, sealContext(endpoint)) };
}

/** Every key that signs at this time, the newest first. */
export async function keysInForce(
  ctx: Pick<Context, 'db' | 'secrets' | 'now'>,
  endpoint: EndpointRow,
): Promise<SigningKey[]> {
  const now = ctx.now();
  const newest = keyOf(ctx, endpoint);
  if (endpoint.rotatingUntil === null || endpoint.rotatingUntil <= now) return [newest];
  const retired = await listRetiredSecrets(ctx.db, endpoint.id, now);
  return [newest, ...retired.map((row) => keyOf(ctx, { ...endpoint, scheme: row.scheme, secret: row.secret }))];
}

/** What of a key is shown to whoever it was made for: the shared secret, null where another way is taken. */
export const shownSecret = (endpoint: EndpointRow, { scheme, bytes }: SigningKey): string | null =>
  scheme === 'v1' && isSigned(endpoint) ? writeSecret(bytes) : null;

/** The public key that verifies an endpoint's signatures, null where a shared secret does. */
export function publicKeyOf(ctx: Pick<Context, 'secrets'>, endpoint: EndpointRow): string | null {
  return endpoint.scheme === 'v1a' && isSigned(endpoint) ? writePublicKey(keyOf(ctx, endpoint).bytes) : null;
}

export type Rotation = KeyChoice & {
  /** How long the former key signs beside the new one; 0 ends all former ones. */
  readonly overlapSeconds?: number | undefined;
};

/**
 * Gives an endpoint another key; the former one signs on for the overlap.
 * @throws TidemarkError `invalid-body` for a secret that will not do or signs already, `conflict` when too many do.
 */
export async function rotateKey(
  tx: Db,
  ctx: Pick<Context, 'now' | 'randomBytes' | 'secrets'>,
  { id, rotation }: { id: string; rotation: Rotation },
): Promise<EndpointRow> {
  const now = ctx.now();
  const endpoint = await lockEndpoint(tx, id);
  if (endpoint === null) throw new TidemarkError('gone', 'The webhook was deleted meanwhile.');
  const overlap = rotation.overlapSeconds ?? DAY;
  // Without an overlap a secret has leaked or may have: none of the former ones is to sign on.
  await deleteRetiredSecrets(tx, id, overlap === 0 ? null : now);
  const former = await listRetiredSecrets(tx, id, now);
  if (former.length >= MAX_RETIRED) {
    throw new TidemarkError('conflict', `${MAX_RETIRED} former secrets still sign; wait until one of them has ended.`);
  }
  const key = chooseKey(ctx, rotation, endpoint.scheme);
  const known = [endpoint, ...former.map(({ scheme, secret }) => ({ ...endpoint, scheme, secret }))];
  if (known.some((row) => row.scheme === key.scheme && isSame(keyOf(ctx, row), key))) {
    throw wrongSecret('signs for this webhook already; a rotation needs another one');
  }
  const endsAt = new Date(now.getTime() + overlap * 1000);
  const { scheme, secret } = endpoint;
  if (overlap > 0) await insertRetiredSecret(tx, { endpointId: id, scheme, secret, endsAt });
  const last = [endsAt, ...former.map((row) => row.endsAt)].reduce((a, b) => (a > b ? a : b));
  const rotatingUntil = overlap > 0 ? last : null;
  const sealed = ctx.secrets.seal(key.bytes, sealContext(endpoint));
  const rotated = await updateEndpoint(tx, id, { scheme: key.scheme, secret: sealed, rotatingUntil });
  if (rotated === null) throw new Error(`endpoint ${id} vanished under its lock`);
  return rotated;
}

const isSame = (a: SigningKey, b: SigningKey): boolean => Buffer.from(a.bytes).equals(b.bytes);

const wrongSecret = (detail: string): TidemarkError =>
  new TidemarkError('invalid-body', `The secret ${detail}.`, {
    issues: [{ code: 'bad-secret', pointer: '/secret', detail }],
  });
