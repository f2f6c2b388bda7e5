import { createMiddleware } from 'hono/factory';
import { nameShape } from '../../schemas/wire/shapes.ts';
import type { Actor } from '../domain/access/actor.ts';
import { parseKey } from '../domain/access/api-key.ts';
import { authenticate } from '../domain/access/authenticate.ts';
import { askObject } from '../domain/object/ask-object.ts';
import { parseRemoteAddress, type RemoteAddress } from '../dvc/remote-address.ts';
import { isTidemarkError, TidemarkError } from '../errors.ts';
import { keyOf } from './auth.ts';
import { REMOTE_ADDRESS } from './dvc-reason.ts';
import type { HttpContext, HttpEnv } from './request.ts';

/** Who asks for something in a DVC remote: its address names the project, the key may come in any header. */
export const dvcAuthentication = createMiddleware<HttpEnv>(async (c, next) => {
  const { project, object } = remoteAddressOf(c);
  const { method } = c.req;
  if ((method === 'GET' || method === 'HEAD') && object?.layout === 'files-md5') {
    const { actor, asked } = await askObject(c.get('ctx'), { key: dvcKeyOf(c), project, oid: object.oid });
    c.set('actor', actor);
    c.set('asked', asked);
  } else c.set('actor', { ...(await actorOf(c, project)), requestId: c.get('requestId') });
  await next();
});

/** @throws TidemarkError `bad-path` when the address is no remote and no object in one. */
export function remoteAddressOf(c: HttpContext): RemoteAddress {
  const address = parseRemoteAddress(c.req.path.slice('/dvc/'.length));
  for (const name of [address.project, address.dataset]) {
    if (name === null || nameShape.safeParse(name).success) continue;
    const which = name === address.project ? 'project' : 'dataset';
    throw new TidemarkError(
      'bad-path',
      `"${name}" can be no name of a ${which}: it must begin with a letter or digit and hold only letters, digits, ".", "_" and "-".`,
    );
  }
  return address;
}

async function actorOf(c: HttpContext, project: string): Promise<Actor> {
  try {
    return await authenticate(c.get('ctx'), { key: dvcKeyOf(c), project });
  } catch (error) {
    // To an upload `dvc` reports 404 as a file that is missing, without the words that go with it.
    if (c.req.method === 'GET' || c.req.method === 'HEAD' || !isTidemarkError(error, 'not-found')) throw error;
    const unnamed = c.req.path.startsWith('/dvc/files/md5/');
    throw new TidemarkError('bad-path', unnamed ? REMOTE_ADDRESS : error.message);
  }
}

/**
 * The key of a request by `dvc`: as anywhere else, or alone in any header (`custom_auth_header`).
 * @throws TidemarkError `unauthenticated` when there is more than one, or none where there should be.
 */
function dvcKeyOf(c: HttpContext): string | null {
  const keys = new Set<string>();
  for (const value of c.req.raw.headers.values()) {
    const bare = value.replace(/^Bearer +/i, '');
    if (parseKey(bare) !== null) keys.add(bare);
  }
  const [first, ...others] = keys;
  if (others.length > 0) throw new TidemarkError('unauthenticated', 'The request carries more than one key.');
  return first ?? keyOf(c);
}
