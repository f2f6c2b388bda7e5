import { isIP } from 'node:net';
import { type ErrorIssue, TidemarkError } from '../errors.ts';
import { type AddressRule, plainAddress, type Reach } from './address.ts';

/**
 * What a receiver's URL may look like. Everything here is decided from the text; names are judged again by
 * the address that is really connected to, since a name may mean another one by then.
 */
export type Target = {
  readonly url: URL;
  /** A name without brackets or the address itself. */
  readonly host: string;
  readonly port: number;
  /** What only addresses that the operator named may be reached with, as a word to whoever asks; null: nothing is. */
  readonly exceptional: string | null;
};

const MAX_LENGTH = 2048;
const USUAL_PORTS = new Set([443, 8443]);

/**
 * Reads a receiver's URL. Literal addresses and `localhost` are judged at once.
 * @throws TidemarkError `invalid-body` for a form that is not taken, `blocked-address` for an address that is not public.
 */
export function readTarget(text: string, rule: AddressRule): Target {
  const url = parse(text);
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.+$/, '');
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return judged({ url, host, port, exceptional: exceptionOf(url, port) }, rule);
}

function exceptionOf(url: URL, port: number): string | null {
  if (url.protocol !== 'https:') return 'must be https (or be on the allow-list)';
  return USUAL_PORTS.has(port) ? null : 'must use the port 443 or 8443';
}

/**
 * The target itself, unless its host is an address that may not be reached.
 * @throws TidemarkError as `readTarget`.
 */
export function judged<T extends Place>(target: T, rule: AddressRule): T {
  const literals = literalAddresses(target.host);
  if (literals.length > 0) {
    const reaches = literals.map((address) => rule(address, target.port));
    if (!reaches.some((reach) => mayReach(target, reach))) throw refusal(target, reaches, literals);
  }
  return target;
}

/** What of a target is judged. */
export type Place = Pick<Target, 'host' | 'port' | 'exceptional'>;

/** Whether this target may be reached at an address of that kind. */
export function mayReach(target: Pick<Place, 'exceptional'>, reach: Reach): boolean {
  return reach === 'allowed' || (reach === 'public' && target.exceptional === null);
}

/**
 * Why none of the addresses will do: blocked ones first, then the form that needs the operator's word.
 * @param given those that were given as such; what a name of the DNS leads to is not told.
 */
export function refusal(
  target: Pick<Place, 'exceptional' | 'port'>,
  reaches: readonly Reach[],
  given: readonly string[] = [],
): TidemarkError {
  if (reaches.includes('public') && target.exceptional !== null) {
    return wrong({ code: 'not-https', detail: target.exceptional });
  }
  const [address] = given;
  const entry =
    address === undefined ? '' : `, this one as ${isIP(address) === 6 ? `[${address}]` : address}:${target.port}`;
  return new TidemarkError(
    'blocked-address',
    'The receiver has no public address: private, loopback and reserved ones are refused unless the operator ' +
      `names them in TIDEMARK_WEBHOOK_ALLOW${entry}.`,
  );
}

function parse(text: string): URL {
  if (text.length > MAX_LENGTH) throw wrong({ code: 'too-long', detail: `must have at most ${MAX_LENGTH} characters` });
  const url = URL.parse(text);
  if (url === null) throw wrong({ code: 'not-a-url', detail: 'must be an absolute URL' });
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw wrong({ code: 'not-https', detail: 'must be https' });
  }
  if (url.username !== '' || url.password !== '') {
    throw wrong({ code: 'credentials', detail: 'must hold no user name or password; deliveries are signed instead' });
  }
  if (url.hash !== '' || text.includes('#')) throw wrong({ code: 'fragment', detail: 'must hold no fragment' });
  if (url.hostname.replace(/\.+$/, '') === '') throw wrong({ code: 'no-host', detail: 'must name a host' });
  return url;
}

/** The addresses that a host means without asking anybody; none for a name of the DNS. */
function literalAddresses(host: string): readonly string[] {
  if (isIP(host) !== 0) return [plainAddress(host) ?? host];
  return host === 'localhost' || host.endsWith('.localhost') ? ['127.0.0.1', '::1'] : [];
}

/** The refusal of a receiver's URL. */
export function wrong(issue: Omit<ErrorIssue, 'pointer'>): TidemarkError {
  return new TidemarkError('invalid-body', `The receiver's URL ${issue.detail}.`, {
    issues: [{ pointer: '/url', ...issue }],
  });
}
