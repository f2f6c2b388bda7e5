import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { TidemarkError } from '../../../src/errors.ts';
import { storeFailure } from '../../../src/store/objects/object-failure.ts';
import { s3Failure } from '../../../src/store/remotes/remote-s3-client.ts';

const failure = (code: string) => Object.assign(new Error(`${code}: /srv/secret/path`), { code });

describe('what befalls the store', () => {
  test.skipIf(!existsSync('/dev/full'))('a full disk is storage-full', async () => {
    const error = await writeFile('/dev/full', 'x').catch((cause: unknown) => storeFailure(cause, 'storing an object'));
    expect(error).toMatchObject({ code: 'storage-full' });
  });

  test.each([
    ['EDQUOT', 'storage-full'],
    ['EIO', 'store-unavailable'],
    ['EROFS', 'store-unavailable'],
    ['EACCES', 'store-unavailable'],
    ['EMFILE', 'store-unavailable'],
  ])('%s is %s, and its message shows no path', (code, expected) => {
    const error = storeFailure(failure(code), 'storing an object');
    expect(error.code).toBe(expected);
    expect(error.message).toContain('storing an object');
    expect(error.message).not.toContain('secret');
    expect(error.cause).toMatchObject({ code });
  });

  test('an error that says what is wrong passes', () => {
    const error = new TidemarkError('too-large', 'Too large.');
    expect(storeFailure(error, 'storing')).toBe(error);
    expect(s3Failure(error, 'storing')).toBe(error);
  });

  test('S3 says what the operator can mend', () => {
    const answer = (name: string, httpStatusCode: number) =>
      Object.assign(new Error('secret'), { name, $metadata: { httpStatusCode } });
    expect(s3Failure(answer('NoSuchBucket', 404), 'storing').message).toContain('the bucket does not exist');
    expect(s3Failure(answer('SlowDown', 503), 'storing')).toMatchObject({ code: 'store-unavailable', retryAfter: 5 });
    expect(s3Failure(answer('InsufficientStorage', 507), 'storing')).toMatchObject({ code: 'storage-full' });
    expect(s3Failure(answer('InternalError', 500), 'storing').message).not.toContain('secret');
  });
});
