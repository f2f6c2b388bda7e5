import { describe, expect, test } from 'vitest';
import { parseRemoteAddress } from '../../src/dvc/remote-address.ts';

const REST = '51713988987e9331980363e24189ce.dir';
const OID = `d7${REST}`;

describe('an address below the DVC remotes', () => {
  test.each([
    [`p/files/md5/d7/${REST}`, 'p', null, 'files-md5'],
    [`p/d/files/md5/d7/${REST}`, 'p', 'd', 'files-md5'],
    [`p/d7/${REST}`, 'p', null, 'legacy'],
    [`p/d/d7/${REST}`, 'p', 'd', 'legacy'],
    [`p/files/files/md5/d7/${REST}`, 'p', 'files', 'files-md5'],
    [`p/files/d7/${REST}`, 'p', 'files', 'legacy'],
    [`files/md5/d7/${REST}`, 'files', 'md5', 'legacy'],
    [`p/d7/d7/${REST}`, 'p', 'd7', 'legacy'],
  ])('%s', (path, project, dataset, layout) => {
    expect(parseRemoteAddress(path)).toEqual({ project, dataset, object: { oid: OID, layout } });
  });

  test.each([
    ['p', 'p', null],
    ['p/', 'p', null],
    ['p/d', 'p', 'd'],
    ['p/files/md5', 'p', null],
    ['p/d/files/md5/', 'p', 'd'],
    ['files/md5', 'files', 'md5'],
  ])('%s is a remote', (path, project, dataset) => {
    expect(parseRemoteAddress(path)).toEqual({ project, dataset, object: null });
  });

  test.each([
    '',
    '/',
    'p//',
    'p/d/e',
    `p/d/e/d7/${REST}`,
    `p/d/files/md5/D7/${REST}`,
    `p/d/files/md5/d7/${REST}/`.replace('.dir', '.dirx'),
    'p/d/files/md5/d7/517139',
    `p/d/files/md5/d75/${REST.slice(1)}`,
    `p/d/runs/d7/${REST}`,
    `/d7/${REST}`,
  ])('%j is none', (path) => {
    expect(() => parseRemoteAddress(path)).toThrow(expect.objectContaining({ code: 'bad-path' }));
  });
});
