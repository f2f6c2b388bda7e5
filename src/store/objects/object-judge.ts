import { createHash } from 'node:crypto';
import { createLegacyDigester, type Digests, md5OfOid, type Oid } from '../../dvc/hash.ts';
import { isTidemarkError } from '../../errors.ts';
import type { ObjectRemote } from '../remotes/remote.ts';
import { digestConflict } from './object-failure.ts';

/** What lies under a name that new, good bytes want. */
export type Judgement = 'missing' | 'same' | 'corrupt';

/**
 * Judges the stored copy against good bytes of the same name by reading it, for a name is no proof. A copy of
 * another size is corrupt without reading: no two messages of different length with one MD5 are known.
 * @throws TidemarkError `digest-conflict` when the copy is intact and yet other bytes.
 */
export async function judgeStored(
  remote: Pick<ObjectRemote, 'stat' | 'read'>,
  oid: Oid,
  good: Digests,
): Promise<Judgement> {
  const stored = await remote.stat(oid);
  if (stored === null) return 'missing';
  if (stored.size !== good.size) return 'corrupt';
  // SHA-256 first and alone: it nearly always settles the matter, in a third of the time that both take.
  const sha256 = await digestStored(remote, oid, 'sha256');
  if (sha256 === good.sha256) return 'same';
  if (sha256 === null) return 'missing';
  if ((await digestStored(remote, oid, 'md5')) === md5OfOid(oid)) throw digestConflict(oid);
  return 'corrupt';
}

/** Null when the object is gone, empty when it cannot be read: such bytes are as lost as wrong ones. */
async function digestStored(
  remote: Pick<ObjectRemote, 'read'>,
  oid: Oid,
  algorithm: 'md5' | 'sha256',
): Promise<string | null> {
  try {
    const hash = createHash(algorithm);
    for await (const chunk of await remote.read(oid)) hash.update(chunk);
    return hash.digest('hex');
  } catch (error) {
    return isTidemarkError(error, 'not-found') ? null : '';
  }
}

/** True when these bytes have that name in DVC 2's layout. */
export async function bearsLegacyName(source: AsyncIterable<Uint8Array>, legacy: Oid): Promise<boolean> {
  const digester = createLegacyDigester();
  for await (const chunk of source) digester.update(chunk);
  return digester.digest().md5 === md5OfOid(legacy);
}
