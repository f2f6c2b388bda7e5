import { describe, expect, test } from 'vitest';
import { legacyPath, listingPrefix, objectPath, oidOfPath } from '../../src/dvc/path.ts';

const OID = 'd751713988987e9331980363e24189ce.dir';

describe('object path', () => {
  test('is DVC 3 layout, and DVC 2 layout for the legacy one', () => {
    expect(objectPath(OID)).toBe('files/md5/d7/51713988987e9331980363e24189ce.dir');
    expect(legacyPath(OID)).toBe('d7/51713988987e9331980363e24189ce.dir');
  });

  test('reads back', () => {
    expect(oidOfPath(objectPath(OID))).toEqual({ oid: OID, layout: 'files-md5' });
    expect(oidOfPath(legacyPath(OID))).toEqual({ oid: OID, layout: 'legacy' });
  });

  test.each([
    'files/md5/d751713988987e9331980363e24189ce',
    'files/md5/d/751713988987e9331980363e24189ce',
    'files/md5/d75/1713988987e9331980363e24189ce',
    'files/md5/D7/51713988987e9331980363e24189ce',
    'files/md5/d7/51713988987e9331980363e24189cg',
    'files/md5/d7/51713988987e9331980363e24189ce/',
    'files/md5/../d7/51713988987e9331980363e24189ce',
    'd7\\51713988987e9331980363e24189ce',
    'files/sha/d7/51713988987e9331980363e24189ce',
    'files/md5/',
    'files/md5',
    '',
  ])('refuses %j', (path) => {
    expect(oidOfPath(path)).toBeNull();
  });

  test('lists by any length of prefix', () => {
    expect(['', 'd', 'd7', 'd75'].map(listingPrefix)).toEqual([
      'files/md5/',
      'files/md5/d',
      'files/md5/d7',
      'files/md5/d7/5',
    ]);
  });
});
