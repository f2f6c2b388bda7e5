import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalBatch, localBatchBytes } from '../../../../src/domain/log/arrange/local-batch.ts';
import { digestBytes, md5OfOid } from '../../../../src/dvc/hash.ts';
import { noise } from '../../../support/bytes.ts';
import { localBatch } from '../../../support/local-batch.ts';

const BYTES = noise(5000, 1);
let folder: string;
let whole: LocalBatch;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-batch-'));
  const path = join(folder, 'whole');
  await writeFile(path, BYTES);
  whole = localBatch(path);
});
afterAll(() => rm(folder, { recursive: true }));

/** A part of the file, known by its MD5 as in a pack. */
function packed(start: number, size: number): LocalBatch {
  const { md5 } = digestBytes(BYTES.subarray(start, start + size));
  return { oid: md5, path: whole.path, start, size, digest: { algorithm: 'md5', hex: md5OfOid(md5) } };
}

const refusal = ({ oid }: LocalBatch) => expect.objectContaining({ code: 'object-corrupt', details: { oid } });

describe('a batch on the local disk', () => {
  it('is read whole, in memory of its own', () => {
    const bytes = localBatchBytes(whole);
    expect(Buffer.compare(bytes, BYTES)).toBe(0);
    expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
  });

  it('is read where it lies among others', () => {
    const bytes = localBatchBytes(packed(1234, 777));
    expect(Buffer.compare(bytes, BYTES.subarray(1234, 1234 + 777))).toBe(0);
  });

  it('is read without a look at its digest where it was verified before', () => {
    expect(localBatchBytes({ ...whole, digest: null })).toEqual(localBatchBytes(whole));
  });

  it('is refused by its name where a byte of it is wrong', async () => {
    const path = join(folder, 'wrong');
    const wrong = BYTES.slice();
    wrong[2500] = (wrong[2500] ?? 0) ^ 1;
    await writeFile(path, wrong);
    for (const batch of [whole, packed(2400, 200)]) {
      expect(() => localBatchBytes({ ...batch, path })).toThrow(refusal(batch));
    }
    // What lies beside it is sound.
    expect(localBatchBytes({ ...packed(0, 2400), path }).byteLength).toBe(2400);
  });

  it('is refused where its file is shorter, or gone', async () => {
    const path = join(folder, 'short');
    await writeFile(path, BYTES.subarray(0, 4999));
    for (const batch of [whole, packed(4000, 1000), { ...whole, digest: null }]) {
      expect(() => localBatchBytes({ ...batch, path })).toThrow(refusal(batch));
      expect(() => localBatchBytes({ ...batch, path: join(folder, 'none') })).toThrow(refusal(batch));
      expect(() => localBatchBytes({ ...batch, path: join(path, 'below') })).toThrow(refusal(batch));
      expect(() => localBatchBytes({ ...batch, size: 10, path: folder })).toThrow(refusal(batch));
    }
  });

  it('is not taken for lost where its file cannot be read', () => {
    const failure = expect.objectContaining({ code: 'store-unavailable' });
    expect(() => localBatchBytes({ ...whole, path: join(folder, 'x'.repeat(300)) })).toThrow(failure);
  });
});
