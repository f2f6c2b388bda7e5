import type { Context } from '../context.ts';
import { TidemarkError } from '../errors.ts';

/**
 * A signed-in browser: its cookie is the API key itself, sealed, so that a revoked key ends the session at once and
 * nothing has to be remembered here.
 */
const COOKIE = 'tidemark_session';

const CONTEXT = 'web session';
const LASTS_SECONDS = 14 * 86_400;

/** The `Set-Cookie` that signs a browser in. */
export function sessionCookie(ctx: Pick<Context, 'secrets' | 'now' | 'publicUrl'>, key: string): string {
  const ends = ctx.now().getTime() + LASTS_SECONDS * 1000;
  const sealed = ctx.secrets.seal(Buffer.from(JSON.stringify({ key, ends })), CONTEXT);
  return cookie(ctx, Buffer.from(sealed).toString('base64url'), LASTS_SECONDS);
}

/** The `Set-Cookie` that signs a browser out. */
export const endedCookie = (ctx: Pick<Context, 'publicUrl'>): string => cookie(ctx, '', 0);

function cookie(ctx: Pick<Context, 'publicUrl'>, value: string, seconds: number): string {
  const secure = ctx.publicUrl().startsWith('https:') ? '; Secure' : '';
  // Other programs may live on the same host, beside the path that is ours.
  const path = new URL(ctx.publicUrl()).pathname.replace(/\/+$/, '') || '/';
  return `${COOKIE}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}

/** The key that a request's cookies carry; null when there is none, or one that is not ours or too old. */
export function sessionKey(ctx: Pick<Context, 'secrets' | 'now'>, cookies: string | undefined): string | null {
  const found = cookies?.split(/; */).find((pair) => pair.startsWith(`${COOKIE}=`));
  const value = found?.slice(COOKIE.length + 1) ?? '';
  if (value === '') return null;
  try {
    const text = Buffer.from(ctx.secrets.open(Buffer.from(value, 'base64url'), CONTEXT)).toString('utf8');
    // Sealed by `sessionCookie` alone, which fixes its members.
    const { key, ends } = JSON.parse(text) as { key: string; ends: number };
    return ends > ctx.now().getTime() ? key : null;
  } catch {
    return null;
  }
}

/**
 * Lets a form through only when it was sent by one of our own pages.
 * @throws TidemarkError `forbidden` for a foreign, hidden or missing origin.
 */
export function checkOrigin(
  ctx: Pick<Context, 'publicUrl'>,
  given: { origin: string | undefined; host: string | undefined },
): void {
  const { origin, host } = given;
  const from = origin !== undefined && URL.canParse(origin) ? new URL(origin).host : null;
  if (from !== null && (from === host || from === new URL(ctx.publicUrl()).host)) return;
  throw new TidemarkError('forbidden', 'This form was not sent from a page of this service.');
}

/** Where to go after signing in: a path of ours, or the beginning. */
export function localPath(next: string | null): string {
  const base = 'http://tidemark.invalid';
  if (next === null || !next.startsWith('/') || !URL.canParse(next, base)) return '/';
  const url = new URL(next, base);
  return url.origin === base && !url.pathname.startsWith('//') ? url.pathname + url.search : '/';
}
