import type { MiddlewareHandler } from 'hono';
import type { HttpEnv } from './request.ts';

/** The path below which a proxy offers the service, as its public address has it: `/tidemark`, or nothing. */
export const basePathOf = (publicUrl: string): string => new URL(publicUrl).pathname.replace(/\/+$/, '');

/** A request's target without the base path, where the proxy has left it there. */
export function withoutBase(target: string, base: string): string {
  if (base === '' || !target.startsWith(base)) return target;
  const rest = target.slice(base.length);
  if (rest === '' || rest.startsWith('?')) return `/${rest}`;
  return rest.startsWith('/') ? rest : target;
}

/** An attribute that holds an address from the root. No text of a page holds a bare quote. */
const ROOTED = /( (?:href|src|action)=")\/(?!\/)/g;

/** Pages and redirects name addresses from the root, which lie below the base path for whoever comes by the proxy. */
export function belowBase(base: string): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    await next();
    const answer = c.res;
    const location = answer.headers.get('location') ?? '';
    const isPage = (answer.headers.get('content-type') ?? '').startsWith('text/html');
    const isRooted = /^\/(?!\/)/.test(location);
    if (!isPage && !isRooted) return;
    const headers = new Headers(answer.headers);
    if (isRooted) headers.set('location', base + location);
    const body = isPage ? (await answer.text()).replaceAll(ROOTED, (_, name) => `${name}${base}/`) : answer.body;
    // The framework would else take the headers of the answer that this one replaces.
    c.res = undefined;
    c.res = new Response(body, { status: answer.status, headers });
  };
}
