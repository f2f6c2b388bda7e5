import { expect, it } from 'vitest';
import { emptyRegisters } from '../../../src/stats/summaries/hyperloglog.ts';
import { momentsOf } from '../../../src/stats/summaries/moments.ts';
import { PLAIN_PROFILE_LOOPS } from '../../../src/stats/summaries/profile-loops.ts';
import { numbers } from '../columns.ts';

it('take the numbers of a batch, sum their powers and count them', () => {
  const { room, take, moments, hash } = PLAIN_PROFILE_LOOPS;
  const out = room(5);
  expect(out.length).toBeGreaterThanOrEqual(5);
  const { n, nulls, sum } = take(numbers([3, null, 1.5, 9, -4]), out);
  expect([n, nulls, sum]).toEqual([4, 1, 9.5]);
  expect(moments(out, n, sum)).toEqual(momentsOf(Float64Array.of(3, 1.5, 9, -4), 4));
  const registers = emptyRegisters();
  hash(registers, out.subarray(0, n));
  expect(registers.filter((rank) => rank > 0)).toHaveLength(4);
});
