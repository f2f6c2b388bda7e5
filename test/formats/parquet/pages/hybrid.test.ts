import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HybridNumbers } from '../../../../src/formats/parquet/pages/hybrid.ts';

type Run = { readonly packed: boolean; readonly values: readonly number[] };

/** By the description of the format, bit by bit. */
function encoded(runs: readonly Run[], width: number): Uint8Array {
  const bytes: number[] = [];
  const head = (value: number): void => {
    let rest = value;
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
    bytes.push(rest);
  };
  for (const { packed, values } of runs) {
    head(packed ? (values.length / 8) * 2 + 1 : values.length * 2);
    const bits = packed
      ? values.flatMap((value) => Array.from({ length: width }, (_, b) => Math.floor(value / 2 ** b) % 2))
      : Array.from({ length: 8 * Math.ceil(width / 8) }, (_, b) => Math.floor(values[0]! / 2 ** b) % 2);
    for (let i = 0; i < bits.length; i += 8) {
      bytes.push(bits.slice(i, i + 8).reduce((sum, bit, b) => sum + bit * 2 ** b, 0));
    }
  }
  return Uint8Array.from(bytes);
}

const runsOf = (width: number) => {
  const value = fc.integer({ min: 0, max: 2 ** width - 1 });
  const packed = fc
    .integer({ min: 1, max: 6 })
    .chain((groups) => fc.array(value, { minLength: 8 * groups, maxLength: 8 * groups }))
    .map((values): Run => ({ packed: true, values }));
  const same = fc
    .tuple(value, fc.integer({ min: 1, max: 300 }))
    .map(([one, count]): Run => ({ packed: false, values: Array.from({ length: count }, () => one) }));
  return fc.array(fc.oneof(packed, same), { minLength: 1, maxLength: 6 });
};

describe('HybridNumbers', () => {
  it('reads what was written, of any width and in any portions', () => {
    const cases = fc
      .integer({ min: 0, max: 32 })
      .chain((width) => fc.tuple(fc.constant(width), runsOf(width), fc.array(fc.integer({ min: 1, max: 70 }))));
    fc.assert(
      fc.property(cases, ([width, runs, portions]) => {
        const values = runs.flatMap((run) => run.values);
        const bytes = encoded(runs, width);
        const numbers = new HybridNumbers(bytes, { from: 0, end: bytes.length, width });
        const found: number[] = [];
        for (const portion of [...portions, values.length]) {
          const out = new Int32Array(Math.min(portion, values.length - found.length));
          const largest = numbers.read(out, out.length);
          if (out.some((value) => value < 0)) expect(largest).toBeLessThan(0);
          else expect(largest).toBe(Math.max(0, ...out));
          found.push(...out);
        }
        expect(found.map((value) => value >>> 0)).toEqual(values);
      }),
    );
  });

  it('reads flags and counts them, in any portions', () => {
    fc.assert(
      fc.property(runsOf(1), fc.array(fc.integer({ min: 1, max: 70 })), (runs, portions) => {
        const values = runs.flatMap((run) => run.values);
        const bytes = encoded(runs, 1);
        const numbers = new HybridNumbers(bytes, { from: 0, end: bytes.length, width: 1 });
        const found: number[] = [];
        for (const portion of [...portions, values.length]) {
          const out = new Uint8Array(Math.min(portion, values.length - found.length));
          expect(numbers.readFlags(out, out.length)).toBe(out.reduce((sum, flag) => sum + flag, 0));
          found.push(...out);
        }
        expect(found).toEqual(values);
      }),
    );
  });

  it('takes a run of what is neither 1 nor 0 for no flag', () => {
    const out = new Uint8Array(6).fill(7);
    const bytes = encoded([{ packed: false, values: [3, 3, 3, 3, 3, 3] }], 2);
    expect(new HybridNumbers(bytes, { from: 0, end: bytes.length, width: 1 }).readFlags(out, 6)).toBe(0);
    expect([...out]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('refuses to read beyond its end', () => {
    const bytes = encoded([{ packed: true, values: [1, 2, 3, 0, 1, 2, 3, 0] }], 2);
    const cut = new HybridNumbers(bytes, { from: 0, end: 2, width: 2 });
    const whole = new HybridNumbers(bytes, { from: 0, end: bytes.length, width: 2 });
    const out = new Int32Array(9);
    expect(() => cut.read(out, 8)).toThrow(/fewer values/);
    expect(() => new HybridNumbers(bytes, { from: 0, end: 2, width: 1 }).readFlags(new Uint8Array(9), 9)).toThrow(
      /fewer/,
    );
    expect(() => whole.read(out, 9)).toThrow(/fewer values/);
  });
});
