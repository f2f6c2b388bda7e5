import { expect, it } from 'vitest';
import { rounded, tailText } from '../../../src/stats/verdict/rounded.ts';

it('tells three digits, and a tail that no double holds as smaller than any', () => {
  expect([rounded(0.123456), rounded(1234.5), rounded(null)]).toEqual(['0.123', '1230', '–']);
  expect([tailText('q', 0.0421), tailText('p', 0), tailText('p', 1e-308)]).toEqual([
    'q = 0.0421',
    'p < 1e-300',
    'p = 1e-308',
  ]);
});
