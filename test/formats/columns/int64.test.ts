import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readThousands } from '../../../src/formats/columns/int64.ts';

const MICROSECONDS = 2n ** 53n;

describe('readThousands', () => {
  it('cuts towards the past what no double holds, exactly where a double holds the thousandths', () => {
    const nanos = fc.bigInt({ min: -MICROSECONDS * 1000n, max: MICROSECONDS * 1000n });
    fc.assert(
      fc.property(fc.array(nanos), (values) => {
        const out = new Float64Array(values.length);
        readThousands(BigInt64Array.from(values), out);
        const cut = values.map((value) => Number((value - (((value % 1000n) + 1000n) % 1000n)) / 1000n));
        expect(Array.from(out)).toEqual(cut);
      }),
      { seed: 11 },
    );
  });

  it('takes all of int64', () => {
    const out = new Float64Array(3);
    readThousands(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), -1n), out);
    expect(Array.from(out)).toEqual([Number(2n ** 63n / 1000n), -Number(2n ** 63n / 1000n + 1n), -1]);
  });
});
