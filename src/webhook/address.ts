import { BlockList, isIP, isIPv4 } from 'node:net';
import { TidemarkError } from '../errors.ts';

/**
 * Which addresses a webhook may reach. Whatever is not plainly somebody else's public address is refused:
 * a receiver's URL is chosen by a client of the API, and the service stands inside a network that trusts it.
 */

/** IANA's special-purpose IPv4 ranges, and the deprecated 6to4 relay. */
const BLOCKED_V4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
] as const;

/** IANA's special-purpose IPv6 ranges; the translation prefixes stand here whole, since they reach any IPv4 address. */
const BLOCKED_V6 = [
  '::/128',
  '::1/128',
  // IPv4-compatible, long deprecated: only a way around the list above.
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
] as const;

const blocked = listOf([...BLOCKED_V4, ...BLOCKED_V6]);

/** `allowed`: the operator named it; `public`: anybody's; `blocked`: neither. */
export type Reach = 'allowed' | 'public' | 'blocked';

/** Judges an address and port as they are connected to. */
export type AddressRule = (address: string, port: number) => Reach;

/**
 * The rule with the operator's exceptions.
 * @param allow entries `address[/bits][:port]`; an IPv6 address with a port stands in brackets.
 * @throws TidemarkError `invalid-configuration` for an entry that cannot be read.
 */
export function addressRule(allow: readonly string[]): AddressRule {
  const exceptions = allow.map(parseAllowEntry);
  return (address, port) => {
    const plain = plainAddress(address);
    if (plain === null) return 'blocked';
    const family = isIPv4(plain) ? 'ipv4' : 'ipv6';
    const named = exceptions.some((e) => (e.port === null || e.port === port) && e.list.check(plain, family));
    if (named) return 'allowed';
    return blocked.check(plain, family) ? 'blocked' : 'public';
  };
}

/** The address without scope id, and the IPv4 address inside of a mapped IPv6 one; null when it is no address. */
export function plainAddress(text: string): string | null {
  const address = text.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (isIP(address) === 0) return null;
  if (isIPv4(address)) return address;
  // The URL parser writes every form of an IPv6 address alike, the mapped ones as two groups of hex.
  const canonical = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  const bits = (Number.parseInt(high, 16) << 16) | Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

function parseAllowEntry(entry: string): { list: BlockList; port: number | null } {
  const bracketed = /^\[([^\]]+)\](?:\/(\d{1,3}))?(?::(\d{1,5}))?$/.exec(entry);
  const bare = /^([^/:]+|[^/]*:[^/]*:[^/]*)(?:\/(\d{1,3}))?(?::(\d{1,5}))?$/.exec(entry);
  const [, address = '', bits, port] = bracketed ?? bareParts(bare);
  const family = isIP(address);
  const width = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? width : Number(bits);
  if (family === 0 || prefix > width || Number(port ?? 1) > 65_535 || port === '0') {
    throw new TidemarkError(
      'invalid-configuration',
      `TIDEMARK_WEBHOOK_ALLOW holds "${entry}", which is not "address[/bits][:port]".`,
    );
  }
  return { list: listOf([`${address}/${prefix}`]), port: port === undefined ? null : Number(port) };
}

/** A bare IPv6 address holds colons itself: without brackets it has no port unless a prefix length parts them. */
function bareParts(match: RegExpExecArray | null): readonly (string | undefined)[] {
  if (match === null) return [];
  const [whole, address, bits, port] = match;
  return isIP(whole) === 6 ? [whole, whole] : [whole, address, bits, port];
}

function listOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = '', bits = ''] = subnet.split('/');
    list.addSubnet(address, Number(bits), isIPv4(address) ? 'ipv4' : 'ipv6');
  }
  return list;
}
