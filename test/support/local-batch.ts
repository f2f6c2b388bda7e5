import { readFileSync } from 'node:fs';
import type { LocalBatch } from '../../src/domain/log/arrange/local-batch.ts';
import { digestBytes } from '../../src/dvc/hash.ts';

/** A batch that lies in a file of its own, as it is stored. */
export function localBatch(path: string): LocalBatch {
  const { md5, sha256, size } = digestBytes(readFileSync(path));
  return { oid: md5, path, start: 0, size, digest: { algorithm: 'sha256', hex: sha256 } };
}
