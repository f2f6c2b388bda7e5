import { isOid } from '../../dvc/hash.ts';
import { TidemarkError } from '../../errors.ts';

/** What somebody may call a version by. */
export type Ref =
  | { readonly kind: 'latest' }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'name'; readonly name: string };

const NUMBER = /^v([1-9]\d{0,8})$/;

/** Shorter prefixes of an oid are more likely a slip than an abbreviation. */
const OID_PREFIX = /^[0-9a-f]{4,32}(?:\.dir)?$/;

/** Reads a ref: `latest`, `v3`, else a tag or the beginning of an oid. */
export function parseRef(text: string): Ref {
  if (text === 'latest') return { kind: 'latest' };
  const [, digits] = NUMBER.exec(text) ?? [];
  return digits === undefined ? { kind: 'name', name: text } : { kind: 'number', number: Number(digits) };
}

/** True when a name that is no tag may be the beginning of an oid. */
export function isOidPrefix(name: string): boolean {
  return OID_PREFIX.test(name);
}

const TAG = /^[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$/;

/**
 * The name of a tag, unchanged.
 * @throws TidemarkError `invalid-body` for a name that has another meaning or does not fit into an address.
 */
export function checkTag(name: string): string {
  const detail = tagProblem(name);
  if (detail === null) return name;
  throw new TidemarkError('invalid-body', `This cannot be the name of a tag: it ${detail}.`, {
    issues: [{ code: 'invalid-tag', pointer: '/tag', detail }],
  });
}

function tagProblem(name: string): string | null {
  if (!TAG.test(name)) return 'must hold 1 to 100 letters, digits, ".", "_" and "-", beginning with a letter or digit';
  if (name.toLowerCase() === 'latest') return 'is "latest", which is always the newest version';
  if (name.toLowerCase() === 'head') return 'is "HEAD", which people would take for the newest version';
  if (/^v\d+$/i.test(name)) return 'looks like the number of a version';
  if (isOid(name)) return 'looks like the name of an object';
  return null;
}
