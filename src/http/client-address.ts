import { isIP } from 'node:net';
import { type HttpContext, nodeOf } from './request.ts';

/**
 * Where a request comes from. Each proxy appends whom it was asked by to `X-Forwarded-For`, and whoever asks may have
 * written anything before that: so only as many entries are believed, from the last, as there are proxies of ours.
 */
export function clientAddress(c: HttpContext): string {
  const peer = nodeOf(c).incoming?.socket.remoteAddress ?? '';
  return forwardedAddress(peer, c.req.header('x-forwarded-for'), c.get('ctx').config.trustedProxies);
}

/** The same of what was said: the address that the outermost of the trusted proxies was asked by, where it is one. */
export function forwardedAddress(peer: string, header: string | undefined, proxies: number): string {
  if (proxies === 0 || header === undefined) return peer;
  const said = header.split(',').slice(-proxies);
  // One that is none was written by nobody whom we trust, as was all before it.
  const known = said.slice(said.findLastIndex((entry) => addressOf(entry) === null) + 1);
  return known[0] === undefined ? peer : (addressOf(known[0]) ?? peer);
}

/** `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1` or `[2001:db8::1]:4711`; null for anything else. */
function addressOf(entry: string): string | null {
  const text = entry.trim();
  const [, inBrackets] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text) ?? [];
  const [, withPort] = /^([\d.]+):\d{1,5}$/.exec(text) ?? [];
  const address = inBrackets ?? withPort ?? text;
  return isIP(address) === 0 ? null : address;
}
