import { createDigester, type Digests, md5OfOid, type Oid } from '../dvc/hash.ts';
import { isTidemarkError } from '../errors.ts';
import { digestConflict } from './object-failure.ts';
import type { ObjectRemote } from './remote.ts';

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
  const digests = await digestStored(remote, oid);
  if (digests === 'missing' || digests === 'corrupt') return digests;
  if (digests.sha256 === good.sha256) return 'same';
  if (digests.md5 === md5OfOid(oid)) throw digestConflict(oid);
  return 'corrupt';
}

async function digestStored(
  remote: Pick<ObjectRemote, 'read'>,
  oid: Oid,
): Promise<Digests | Exclude<Judgement, 'same'>> {
  try {
    const digester = createDigester();
    for await (const chunk of await remote.read(oid)) digester.update(chunk);
    return digester.digest();
  } catch (error) {
    // Bytes that cannot be read (EIO on a bad block) are as lost as wrong ones: good ones may replace them.
    return isTidemarkError(error, 'not-found') ? 'missing' : 'corrupt';
  }
}
