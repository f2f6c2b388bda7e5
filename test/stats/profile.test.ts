import { describe, expect, it } from 'vitest';
import { isReadableFormat, PROFILE_FORMAT } from '../../src/stats/profile.ts';
import { numbers, profileOf } from './columns.ts';

describe('the format of a profile', () => {
  it('is named by what is made, and read together with those before it', () => {
    expect(profileOf({ x: numbers([1]) }).format).toBe(PROFILE_FORMAT);
    for (const format of ['tidemark.profile/1', 'tidemark.profile/2', 'tidemark.profile/3'])
      expect(isReadableFormat(format), format).toBe(true);
  });

  it.each([['tidemark.profile/4'], ['tidemark.profile'], [''], [3], [null], [undefined]])(
    'is not known where it is %j',
    (format) => {
      expect(isReadableFormat(format)).toBe(false);
    },
  );
});
