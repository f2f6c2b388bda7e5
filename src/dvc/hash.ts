/**
 * What DVC calls things: an *oid* is the MD5 of an object's bytes in lower-case hex, and for a directory
 * the MD5 of its manifest followed by `.dir`. The suffix is part of the name and of the stored key.
 */
import { createHash, hash } from 'node:crypto';
import { TidemarkError } from '../errors.ts';
import { looksLikeText, withUnixLineEnds } from './dos2unix.ts';

/** 32 lower-case hex digits, or those and `.dir`. */
export type Oid = string;

/** What one pass over some bytes yields: two digests in lower-case hex and the number of bytes. */
export type Digests = { readonly md5: string; readonly sha256: string; readonly size: number };

/** Takes bytes in order; `digest` ends it and may be called once. */
export type Digester = { update(chunk: Uint8Array): void; digest(): Digests };

const DIRECTORY_SUFFIX = '.dir';

const OID = /^[0-9a-f]{32}(?:\.dir)?$/;
const MD5 = /^[0-9a-f]{32}$/;

export function isOid(text: string): boolean {
  return OID.test(text);
}

export function isMd5(text: string): boolean {
  return MD5.test(text);
}

export function isDirectoryOid(oid: Oid): boolean {
  return oid.endsWith(DIRECTORY_SUFFIX);
}

/** The bare MD5 in an oid. */
export function md5OfOid(oid: Oid): string {
  return oid.slice(0, 32);
}

export function oidOfMd5(md5: string, directory = false): Oid {
  return directory ? md5 + DIRECTORY_SUFFIX : md5;
}

/**
 * The text as an oid, unchanged.
 * @throws TidemarkError `bad-path` for anything but 32 lower-case hex digits with or without `.dir`.
 */
export function parseOid(text: string): Oid {
  if (isOid(text)) return text;
  throw new TidemarkError(
    'bad-path',
    `${quoted(text)} is not an object name: it takes 32 lower-case hex digits (the MD5), for a directory with ".dir".`,
  );
}

/** MD5, SHA-256 and size in one pass; memory does not depend on the size. */
export function createDigester(): Digester {
  const md5 = createHash('md5');
  const sha256 = createHash('sha256');
  let size = 0;
  return {
    update(chunk) {
      md5.update(chunk);
      sha256.update(chunk);
      size += chunk.byteLength;
    },
    digest: () => ({ md5: md5.digest('hex'), sha256: sha256.digest('hex'), size }),
  };
}

/** The digests of bytes held in memory. */
export function digestBytes(bytes: Uint8Array): Digests {
  // At once: for small objects a digester costs as much as the digest.
  return { md5: hash('md5', bytes), sha256: hash('sha256', bytes), size: bytes.byteLength };
}

/** The MD5 alone, in lower-case hex. */
export const md5Of = (bytes: Uint8Array): string => hash('md5', bytes);

/** The SHA-256 alone, in lower-case hex. */
export const sha256Of = (bytes: Uint8Array): string => hash('sha256', bytes);

const LEGACY_BLOCK = 1024 * 1024;

/** Digests of bytes as DVC 2 counts them; both in lower-case hex. */
export type LegacyDigests = { readonly md5: string; readonly sha256: string };

/**
 * DVC 2's `md5-dos2unix`: per block of 1 MiB, CR LF counts as LF when the block looks like text. Objects of
 * the legacy layout are named by it, so their plain MD5 need not be their name. A CR LF across two blocks is
 * left alone, as DVC leaves it. The SHA-256 of the same bytes proves what the name cannot.
 */
export function createLegacyDigester(): { update(chunk: Uint8Array): void; digest(): LegacyDigests } {
  const digester = createDigester();
  const block = new Uint8Array(LEGACY_BLOCK);
  let filled = 0;
  const flush = () => {
    const part = block.subarray(0, filled);
    digester.update(looksLikeText(part.subarray(0, 512)) ? withUnixLineEnds(part) : part);
    filled = 0;
  };
  return {
    update(chunk) {
      for (let at = 0; at < chunk.byteLength; ) {
        const part = chunk.subarray(at, at + LEGACY_BLOCK - filled);
        block.set(part, filled);
        filled += part.byteLength;
        at += part.byteLength;
        if (filled === LEGACY_BLOCK) flush();
      }
    },
    digest() {
      if (filled > 0) flush();
      const { md5, sha256 } = digester.digest();
      return { md5, sha256 };
    },
  };
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
