import { createMiddleware } from 'hono/factory';
import { nameShape } from '../../schemas/wire/shapes.ts';
import { authenticate } from '../domain/access/authenticate.ts';
import { TidemarkError } from '../errors.ts';
import type { HttpContext, HttpEnv } from './request.ts';

/** Calls that carry a proof of their own instead of a key, and check it themselves. Their routes are `public`. */
const OWN_PROOF: readonly { readonly method: string; readonly path: RegExp }[] = [
  { method: 'POST', path: /^\/v1\/runs\/[^/]+\/events$/ },
  { method: 'POST', path: /^\/v1\/registries\/[^/]+\/events$/ },
];

/** How long a request waits for its first answer from the database: where all connections are stuck, nobody hangs. */
const PATIENCE_MILLISECONDS = 10_000;

/** Who asks, on every route below it: header → key → actor. */
export const authentication = createMiddleware<HttpEnv>(async (c, next) => {
  if (OWN_PROOF.some(({ method, path }) => method === c.req.method && path.test(c.req.path))) return next();
  const project = c.req.header('tidemark-project') ?? c.req.query('project') ?? null;
  // The database takes no U+0000, and no project has a name that does not fit into an address.
  const named = nameShape.safeParse(project ?? 'default');
  if (!named.success) {
    const why = named.error.issues[0]?.message ?? 'cannot be one';
    throw new TidemarkError('bad-request', `The project in "Tidemark-Project" or "?project=" ${why}.`);
  }
  const actor = await answeredInTime(authenticate(c.get('ctx'), { key: keyOf(c), project }));
  c.set('actor', { ...actor, requestId: c.get('requestId') });
  await next();
});

/** @throws TidemarkError `database-unavailable` when the time is over. */
export function answeredInTime<T>(asked: Promise<T>, milliseconds = PATIENCE_MILLISECONDS): Promise<T> {
  return new Promise((resolve, reject) => {
    const tooLate = (): void =>
      reject(
        new TidemarkError('database-unavailable', 'The database has no connection to spare; send this again.', {
          retryAfter: 1,
        }),
      );
    const timer = setTimeout(tooLate, milliseconds);
    asked.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The key of a request: a bearer token, or the password of Basic for clients that can do no better. */
export function keyOf(c: HttpContext): string | null {
  const header = c.req.header('authorization');
  if (header === undefined) return null;
  const [scheme = '', value = ''] = header.split(/ +/, 2);
  if (scheme.toLowerCase() === 'bearer' && value !== '') return value;
  if (scheme.toLowerCase() === 'basic') {
    const decoded = Buffer.from(value, 'base64').toString('utf8');
    const password = decoded.slice(decoded.indexOf(':') + 1);
    if (password !== '') return password;
  }
  throw new TidemarkError('unauthenticated', 'The Authorization header holds no key: send "Bearer tmk_...".');
}
