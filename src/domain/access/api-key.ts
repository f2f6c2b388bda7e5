import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * `tmk_<id>_<secret>_<check>`: the prefix is found by secret scanners, the id looks the row up, and the check
 * (CRC-32 of what stands before it) refuses a mistyped key before the database is asked.
 */
const SHAPE = /^(tmk_([0-9a-z]{8})_([0-9A-Za-z_-]{43}))_([0-9a-f]{8})$/;

export type ParsedKey = { readonly id: string; readonly secretSha256: string };

/** Writes a key from 5 bytes of id and 32 bytes of secret. */
export function formatKey(idBytes: Uint8Array, secretBytes: Uint8Array): { key: string } & ParsedKey {
  const id = Buffer.from(idBytes).readUIntBE(0, 5).toString(36).padStart(8, '0').slice(-8);
  const secret = Buffer.from(secretBytes).toString('base64url');
  const body = `tmk_${id}_${secret}`;
  return { key: `${body}_${checkOf(body)}`, id, secretSha256: digest(secret) };
}

/** Takes a key apart; null when it cannot be one of ours. */
export function parseKey(key: string): ParsedKey | null {
  const [, body, id, secret, check] = SHAPE.exec(key) ?? [];
  if (body === undefined || id === undefined || secret === undefined) return null;
  return checkOf(body) === check ? { id, secretSha256: digest(secret) } : null;
}

const checkOf = (body: string): string => crc32(body).toString(16).padStart(8, '0');

// A slow hash is for passwords; this secret has 256 random bits.
const digest = (secret: string): string => createHash('sha256').update(secret).digest('hex');
