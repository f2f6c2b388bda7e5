import { describe, expect, it } from 'vitest';
import { estimatedDistinct, exactDistinct } from '../../../src/stats/summaries/distinct.ts';
import {
  addAscii,
  addNumbers,
  addText,
  addTextWords,
  addUsedWords,
  addWords,
  decodeRegisters,
  emptyRegisters,
  encodeRegisters,
  estimateDistinct,
  HYPERLOGLOG_ERROR,
  type HyperLogLog,
  mergeRegisters,
} from '../../../src/stats/summaries/hyperloglog.ts';

/** The registers that are touched, and their ranks. */
const touched = (registers: HyperLogLog): [register: number, rank: number][] =>
  Array.from(registers, (rank, register): [number, number] => [register, rank]).filter(([, rank]) => rank > 0);

function registersOf(add: (registers: HyperLogLog) => void): HyperLogLog {
  const registers = emptyRegisters();
  add(registers);
  return registers;
}

/** Registers of numbers below `n`. */
const counted = (n: number): HyperLogLog =>
  registersOf((registers) =>
    addNumbers(
      registers,
      Float64Array.from({ length: n }, (_, i) => i),
    ),
  );

describe('the register of a value', () => {
  it('is that of its words, where those of many texts are listed', () => {
    // An empty text's are what the hashes of all texts begin with.
    const words = Int32Array.of(3, 4, 7, 8, 1, 2, 0x811c9dc5, 0x2545f491, 5, 6);
    const listed = registersOf((registers) => addTextWords(registers, words, 3));
    expect(listed).toEqual(registersOf((registers) => addText(registers, '')));
    expect(touched(listed)).toHaveLength(1);
  });

  it('is taken of each listed text that has a row, and of no other', () => {
    const words = Int32Array.from({ length: 2 * 60 }, (_, i) => Math.imul(i + 1, 0x9e3779b1));
    const counts = Uint32Array.from({ length: 60 }, (_, code) => code % 3);
    const used = registersOf((registers) => addUsedWords(registers, words, counts, 50));
    const wanted = registersOf((registers) => {
      for (let code = 0; code < 50; code++) if (code % 3 > 0) addTextWords(registers, words, code);
    });
    expect(used).toEqual(wanted);
    expect(touched(used)).toHaveLength(33);
  });

  it('is the same for ever, since profiles that were stored are merged with those of today', () => {
    const texts = registersOf((registers) => {
      for (const text of ['tidemark', '', 'é😀']) addText(registers, text);
    });
    const numbers = registersOf((registers) => addNumbers(registers, Float64Array.of(0, 1.5, -7, 1e300)));
    const words = registersOf((registers) => {
      addWords(registers, 1, 2);
      addWords(registers, 1, 2, 0x64);
      addWords(registers, -5, 77, 9);
    });
    expect(touched(texts)).toEqual([
      [12723, 1],
      [15345, 2],
      [16337, 1],
    ]);
    expect(touched(numbers)).toEqual([
      [10895, 1],
      [13638, 1],
      [13838, 1],
      [15000, 2],
    ]);
    expect(touched(words)).toEqual([
      [879, 3],
      [11346, 2],
      [12640, 1],
    ]);
  });

  it('takes the second word of the hash where the first has no bit left', () => {
    const rare = registersOf((registers) => {
      for (const low of [432_092, 632_930, 742_566, 743_421, 1_454_353, 1_714_445]) addWords(registers, low, 0);
    });
    expect(touched(rare)).toEqual([
      [195, 20],
      [932, 19],
      [3947, 19],
      [7424, 20],
      [8393, 19],
      [14463, 20],
    ]);
  });

  it('keeps the larger rank, whatever came first', () => {
    const [a, b] = [counted(20_000), counted(40_000)];
    const larger = a.map((rank, i) => Math.max(rank, b[i]!));
    for (const [into, from] of [
      [a.slice(), b],
      [b.slice(), a],
    ] as const) {
      mergeRegisters(into, from);
      expect(into).toEqual(larger);
    }
    expect(b).toEqual(larger);
  });

  it('is the same whatever came first', () => {
    const [rising, falling] = [emptyRegisters(), emptyRegisters()];
    for (let i = 0; i < 40_000; i++) {
      addWords(rising, i, 7);
      addWords(falling, 39_999 - i, 7);
    }
    expect(falling).toEqual(rising);
  });

  it('is that of a text for its ASCII bytes, of the part that is named', () => {
    const bytes = new TextEncoder().encode('<tidemark>é');
    const found = emptyRegisters();
    expect(addAscii(found, bytes, 1, 9)).toBe(true);
    expect(found).toEqual(registersOf((registers) => addText(registers, 'tidemark')));
    expect(addAscii(found, bytes, 1, bytes.length)).toBe(false);
    expect(touched(found)).toHaveLength(1);
    expect(addAscii(emptyRegisters(), Uint8Array.of(0x7f), 0, 1)).toBe(true);
    expect(addAscii(emptyRegisters(), Uint8Array.of(0x80), 0, 1)).toBe(false);
  });

  it('is counted of numbers within a limit alone', () => {
    const limited = registersOf((registers) => addNumbers(registers, Float64Array.of(-9, -8, 3, 8, 9), 8));
    expect(limited).toEqual(registersOf((registers) => addNumbers(registers, Float64Array.of(-8, 3, 8))));
    const whole = Float64Array.of(1, 2, 3);
    expect(registersOf((registers) => addNumbers(registers, whole.subarray(1)))).toEqual(
      registersOf((registers) => addNumbers(registers, Float64Array.of(2, 3))),
    );
  });
});

describe('the number of different values', () => {
  it.each([0, 1, 10, 500, 16_384, 60_000])('is estimated within four errors: of %i', (n) => {
    const found = estimateDistinct(counted(n));
    expect(Math.abs(found - n)).toBeLessThanOrEqual(4 * HYPERLOGLOG_ERROR * n);
    expect(HYPERLOGLOG_ERROR).toBeCloseTo(1.04 / 128, 12);
  });

  it('is that of Ertl’s formula at its ends', () => {
    // All registers at the same rank k: z = m 2^-k, but for what is untouched or saturated.
    const level = (rank: number) => estimateDistinct(emptyRegisters().fill(rank));
    for (const rank of [1, 7, 30, 50]) expect(level(rank)).toBe(Math.round((16_384 * 2 ** rank) / (2 * Math.LN2)));
    // Half of them untouched: sigma(1/2) = 1/2 + Σ 2^(k-1) / 2^(2^k).
    const sigma = 0.5 + [1, 2, 3, 4, 5].reduce((sum, k) => sum + 2 ** (k - 1) * 0.5 ** (2 ** k), 0);
    const half = emptyRegisters().fill(1, 8192);
    expect(estimateDistinct(half)).toBe(Math.round(16_384 ** 2 / (2 * Math.LN2 * (8192 / 2 + 16_384 * sigma))));
    // Half of them saturated: tau(1/2) = (1 - 1/2 - Σ (1 - 2^-(2^-k))² 2^-k) / 3, over 2^50.
    const tau =
      (0.5 -
        Array.from({ length: 60 }, (_, i) => (1 - 0.5 ** (2 ** -(i + 1))) ** 2 * 2 ** -(i + 1)).reduce(
          (a, b) => a + b,
          0,
        )) /
      3;
    const saturated = emptyRegisters().fill(1).fill(51, 8192);
    const z = 8192 / 2 + (16_384 * tau) / 2 ** 50;
    expect(estimateDistinct(saturated) / (16_384 ** 2 / (2 * Math.LN2 * z))).toBeCloseTo(1, 5);
    // All of them saturated leave nothing to be told by.
    expect(estimateDistinct(emptyRegisters().fill(51))).toBe(Number.POSITIVE_INFINITY);
    const most = emptyRegisters().fill(50).fill(51, 8192);
    const rest = 8192 / 2 ** 50 + (16_384 * tau) / 2 ** 50;
    expect(estimateDistinct(most) / (16_384 ** 2 / (2 * Math.LN2 * rest))).toBeCloseTo(1, 9);
  });

  it('is no more than the rows, and has registers that come back', () => {
    const registers = counted(3000);
    const found = estimatedDistinct(registers, 2500);
    expect(found).toEqual({
      method: 'hyperloglog/p14@1',
      value: 2500,
      error: HYPERLOGLOG_ERROR,
      registers: encodeRegisters(registers),
    });
    expect(estimatedDistinct(registers, 5000).value).toBe(estimateDistinct(registers));
    expect(exactDistinct(7, null)).toEqual({ method: 'exact@1', value: 7, error: 0, registers: null });
    expect(exactDistinct(7, registers).registers).toBe(found.registers);
  });
});

describe('registers as text', () => {
  it('are one base64 digit each', () => {
    const registers = Uint8Array.from({ length: 16_384 }, (_, i) => i % 64);
    const text = encodeRegisters(registers);
    expect(text.slice(0, 64)).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');
    expect(text).toHaveLength(16_384);
    expect(decodeRegisters(text)).toEqual(registers);
  });

  it('are untouched where a digit is none or missing, and no more than there are', () => {
    expect(touched(decodeRegisters('AB-é/'))).toEqual([
      [1, 1],
      [4, 63],
    ]);
    expect(decodeRegisters('B'.repeat(20_000))).toEqual(emptyRegisters().fill(1));
  });
});
