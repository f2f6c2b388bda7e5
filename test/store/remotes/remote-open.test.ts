import { describe, expect, test } from 'vitest';
import { openRemote } from '../../../src/store/remotes/remote-open.ts';

const location = (url: string | undefined) => openRemote({ url, dataDirectory: '/srv/data', holds: false }).location;

describe('openRemote', () => {
  test.each([
    [undefined, 'file:///srv/data/remote'],
    ['/srv/objects', 'file:///srv/objects'],
    ['/srv/with blank', 'file:///srv/with%20blank'],
    ['file:///srv/with%20blank', 'file:///srv/with%20blank'],
    ['s3://bucket', 's3://bucket'],
    ['s3://bucket/', 's3://bucket'],
    ['s3://my.bucket-1/a//b/', 's3://my.bucket-1/a/b'],
  ])('%j is %s', (url, expected) => {
    expect(location(url)).toBe(expected);
  });

  test.each([
    's3://',
    's3://B/x',
    's3://key:secret@bucket/prefix',
    's3://bucket/../other',
    's3://bucket?x=1',
    'gs://bucket/x',
    'https://user:secret@host/x',
    'file://host/x',
  ])('refuses %j without repeating it', (url) => {
    expect(() => location(url)).toThrow(expect.objectContaining({ code: 'invalid-configuration' }));
    expect(() => location(url)).toThrow(expect.not.stringContaining('secret'));
  });
});
