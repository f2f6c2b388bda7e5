import { createHash } from 'node:crypto';

/** A token that reports on one run, once. Only its digest is kept. */
export type RunToken = { readonly token: string; readonly sha256: string };

export const TOKEN_BYTES = 32;

/** @param bytes 32 random ones. */
export function makeToken(bytes: Uint8Array): RunToken {
  const token = `tmr_${Buffer.from(bytes).toString('base64url')}`;
  return { token, sha256: tokenDigest(token) };
}

// A slow hash is for passwords; a token has 256 random bits.
export const tokenDigest = (token: string): string => createHash('sha256').update(token).digest('hex');
