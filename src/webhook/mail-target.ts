import type { AddressRule } from './address.ts';
import { judged, type Place, wrong } from './target.ts';

/** A mail server. */
export type MailTarget = Place & {
  /** TLS from the first byte; otherwise it begins with STARTTLS. */
  readonly implicit: boolean;
};

/** `required`: no message without TLS. `off`: never any. */
export type MailTls = 'required' | 'off';

const USUAL_PORTS = new Set([25, 465, 587, 2525]);
const IMPLICIT = 465;
const SUBMISSION = 587;

/**
 * Reads the URL of a mail server, `smtps://host[:port]` or `smtp://host[:port]`, by the same rules as a receiver's: plain
 * text and unusual ports need the operator's word, and so does an address that is not public.
 * @throws TidemarkError `invalid-body` or `blocked-address`.
 */
export function readMailTarget(text: string, tls: MailTls, rule: AddressRule): MailTarget {
  const scheme = /^(smtps?):\/\/(?=[^/])/i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    throw wrong({ code: 'not-smtp', detail: 'must be smtps://host or smtp://host for mail' });
  }
  // A host is written in the one form that addresses are known by only where the scheme is one of the web's.
  const url = URL.parse(text.replace(/^smtps?/i, 'http'));
  const host = url?.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '') ?? '';
  if (url === null || host === '') throw wrong({ code: 'not-a-url', detail: 'must name a host' });
  if (url.username !== '' || url.password !== '') {
    throw wrong({ code: 'credentials', detail: 'must hold no user name or password; they are credentials' });
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw wrong({ code: 'not-smtp', detail: 'must hold nothing after the host and port' });
  }
  const implicit = scheme === 'smtps';
  // Port 80 vanishes, being the default of the scheme that it was read by.
  const named = url.port === '' && /:0*80\/?$/.test(text) ? '80' : url.port;
  const port = named === '' ? (implicit ? IMPLICIT : SUBMISSION) : Number(named);
  return judged({ host, port, implicit, exceptional: exceptionOf({ implicit, tls, port }) }, rule);
}

function exceptionOf({ implicit, tls, port }: { implicit: boolean; tls: MailTls; port: number }): string | null {
  if (!implicit && tls === 'off') return 'must be spoken to with TLS (or be on the allow-list)';
  return USUAL_PORTS.has(port) ? null : 'must use the port 25, 465, 587 or 2525';
}
