import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { profileLoops } from '../../src/compute/profile-loops.ts';
import type { NumberColumn } from '../../src/stats/column.ts';
import { xoshiro128 } from '../../src/stats/sampling/xoshiro128.ts';
import { emptyRegisters } from '../../src/stats/summaries/hyperloglog.ts';
import { PLAIN_PROFILE_LOOPS, type ProfileLoops } from '../../src/stats/summaries/profile-loops.ts';
import { createTableProfiler } from '../../src/stats/table-profiler.ts';
import { numbers } from '../stats/columns.ts';
import { KINDS } from '../stats/kinds-of-numbers.ts';

const loops = profileLoops();

/** From what is left to the twins, to some thousand that end within a byte of the mask or a step of the loops. */
const SIZES = [0, 1, 511, 512, 513, 1_031, 8_192, 8_197, 70_001];

/** Values of a kind, some of them absent, odd ones among them where that is asked for. */
function column(kind: string, n: number, { absent = 0, odd = 0 } = {}): NumberColumn {
  const random = xoshiro128(n + 1);
  const strange = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0];
  const values = Array.from({ length: n }, () => {
    const value = KINDS[kind]!(random);
    if (random() < absent) return null;
    return random() < odd ? strange[Math.floor(random() * strange.length)]! : value;
  });
  return numbers(values);
}

/** All that the loops tell of a batch, and the numbers that they take of it. */
function told(column: NumberColumn, { room, take, moments, hash }: ProfileLoops) {
  const out = room(column.length);
  const found = take(column, out);
  const sums = moments(out, found.n, found.sum);
  const taken = out.slice(0, found.n);
  const registers = emptyRegisters();
  hash(registers, out.subarray(0, found.n));
  hash(registers, out.subarray(3, Math.max(3, found.n - 2)));
  return { found, sums, taken, registers };
}

it('are compiled', () => {
  expect(loops).not.toBe(PLAIN_PROFILE_LOOPS);
  // The same array again, which lies in their memory.
  expect(loops.room(600)).toBe(loops.room(512));
  expect(loops.room(600)).not.toBe(PLAIN_PROFILE_LOOPS.room(600));
});

describe.each(Object.keys(KINDS))('of values that are %s', (kind) => {
  it.each([{}, { absent: 0.1 }, { odd: 0.02 }, { absent: 0.5, odd: 0.3 }, { absent: 1 }])(
    'tell what their twins do to the last bit, %j',
    (given) => {
      for (const n of SIZES) {
        const batch = column(kind, n, given);
        expect(told(batch, loops)).toEqual(told(batch, PLAIN_PROFILE_LOOPS));
      }
    },
  );
});

it('make the same profile of several columns and batches', () => {
  const [compiled, plain] = [loops, PLAIN_PROFILE_LOOPS].map((given) => {
    const profiler = createTableProfiler(
      [
        { name: 'a', type: 'float64' },
        { name: 'n', type: 'int64' },
        { name: 't', type: 'timestamp' },
      ],
      {},
      given,
    );
    for (const n of [9_000, 400, 70_000, 5_000, 140_000]) {
      const [a, b] = Object.keys(KINDS).map((kind) => column(kind, n, { absent: 0.05, odd: 0.01 }));
      const whole = { ...b!, type: 'int64' as const, values: b!.values.map((v) => Math.trunc(v)) };
      const { length, values, valid } = a!;
      profiler.add({ rows: n, columns: [a!, whole, { kind: 'time', type: 'timestamp', length, values, valid }] });
    }
    return profiler.finish();
  });
  expect(compiled).toEqual(plain);
});

it('count any numbers by the same registers', () => {
  const [out, word] = [loops.room(600), fc.double({ noNaN: true, noDefaultInfinity: true })];
  fc.assert(
    fc.property(fc.array(word, { minLength: 512, maxLength: 560 }), (values) => {
      const [found, expected] = [emptyRegisters(), emptyRegisters()];
      for (let round = 0; round < 2; round++) {
        values.forEach((v, i) => {
          out[i] = v + 0;
        });
        loops.hash(found, out.subarray(0, values.length));
        PLAIN_PROFILE_LOOPS.hash(
          expected,
          Float64Array.from(values, (v) => v + 0),
        );
      }
      expect(found).toEqual(expected);
      loops.hash(found, out.subarray(0, values.length), 1);
      PLAIN_PROFILE_LOOPS.hash(expected, out.slice(0, values.length), 1);
      expect(found).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});
