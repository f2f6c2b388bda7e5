import { describe, expect, it } from 'vitest';
import { ANDERSON_DARLING_DEVIATION, andersonDarlingTail } from '../../../src/stats/special/anderson-darling.ts';
import { betaI } from '../../../src/stats/special/beta.ts';
import { chiSquareTail } from '../../../src/stats/special/chi-square.ts';
import {
  CRAMER_VON_MISES_MEAN,
  CRAMER_VON_MISES_VARIANCE,
  cramerVonMisesTail,
  tiedCramerVonMisesTail,
} from '../../../src/stats/special/cramer-von-mises.ts';
import { fTail } from '../../../src/stats/special/f.ts';
import {
  hypergeometricLower,
  hypergeometricUpper,
  logHypergeometric,
} from '../../../src/stats/special/hypergeometric.ts';
import { normalTail, normalTwoSidedQuantile, normalTwoSidedTail } from '../../../src/stats/special/normal.ts';
import { studentTwoSidedTail } from '../../../src/stats/special/student-t.ts';
import { MEASURE_VALUES } from '../measure-values.ts';
import { relativeError } from '../samples.ts';

const { tails } = MEASURE_VALUES;

/** Far below what is promised (1e-7), so that a lost digit shows. */
const TIGHT = 1e-10;

describe('tails, down to 1e-300 against 60 digits', () => {
  it('of the normal law', () => {
    expect(Math.min(...tails.normal.map(([, p]) => p))).toBeLessThan(1e-297);
    for (const [z, p] of tails.normal) {
      expect(relativeError(normalTail(z), p), `z ${z}`).toBeLessThan(TIGHT);
      if (z > 0) expect(relativeError(normalTwoSidedTail(z), 2 * p)).toBeLessThan(TIGHT);
    }
    expect(normalTwoSidedQuantile(0.05)).toBeCloseTo(1.959963984540054, 12);
  });

  it('of Student’s t', () => {
    expect(Math.min(...tails.student.map(([, , p]) => p))).toBeLessThan(1e-280);
    for (const [t, df, p] of tails.student) {
      expect(relativeError(studentTwoSidedTail(t, df), p), `t ${t}, df ${df}`).toBeLessThan(TIGHT);
      expect(studentTwoSidedTail(-t, df)).toBe(studentTwoSidedTail(t, df));
    }
    expect(studentTwoSidedTail(Number.POSITIVE_INFINITY, 3)).toBe(0);
    expect(studentTwoSidedTail(Number.NaN, 3)).toBeNaN();
    expect(studentTwoSidedTail(1e200, 3)).toBe(0);
  });

  it('of F and chi-square', () => {
    expect(Math.min(...tails.f.map(([, , , p]) => p))).toBeLessThan(1e-200);
    for (const [f, d1, d2, p] of tails.f) {
      expect(relativeError(fTail(f, { d1, d2 }), p), `F ${f}, ${d1}, ${d2}`).toBeLessThan(TIGHT);
    }
    expect([fTail(0, { d1: 1, d2: 2 }), fTail(Number.POSITIVE_INFINITY, { d1: 1, d2: 2 })]).toEqual([1, 0]);
    expect(fTail(-1, { d1: 5, d2: 1 })).toBe(1);
    expect(Math.min(...tails.chiSquare.map(([, , p]) => p))).toBeLessThan(1e-280);
    for (const [x, df, p] of tails.chiSquare) {
      expect(relativeError(chiSquareTail(x, df), p), `chi² ${x}, ${df}`).toBeLessThan(TIGHT);
    }
  });

  it('of the Cramér-von Mises and Anderson-Darling limit laws', () => {
    expect(Math.min(...tails.cramerVonMises.map(([, p]) => p))).toBeLessThan(1e-290);
    for (const [x, p] of tails.cramerVonMises) {
      expect(relativeError(cramerVonMisesTail(x), p), `W² ${x}`).toBeLessThan(p > 1e-60 ? 2e-14 : 2e-13);
    }
    for (const [x, p] of tails.andersonDarling) {
      expect(relativeError(andersonDarlingTail(x), p), `A² ${x}`).toBeLessThan(2e-14);
    }
    // Where the series would have nothing but rounding left.
    for (const x of [0, 0.001, 0.003]) expect([cramerVonMisesTail(x), andersonDarlingTail(x)]).toEqual([1, 1]);
    for (const x of [0.005, 0.02, 0.029]) expect(andersonDarlingTail(x)).toBe(1);
    expect(andersonDarlingTail(690)).toBeGreaterThan(1e-303);
  });

  it('belong to laws with these means and deviations', () => {
    // Σ 1 / (j (j + 1))² and those of a bridge's squares, Σ 1 / (jπ)² and 2 Σ 1 / (jπ)⁴.
    let [weighted, mean, variance] = [0, 0, 0];
    for (let j = 1_000_000; j > 0; j--) {
      weighted += 1 / (j * (j + 1)) ** 2;
      mean += 1 / (j * Math.PI) ** 2;
      variance += 2 / (j * Math.PI) ** 4;
    }
    expect(ANDERSON_DARLING_DEVIATION).toBeCloseTo(Math.sqrt(2 * weighted), 12);
    expect(CRAMER_VON_MISES_MEAN).toBeCloseTo(mean, 6);
    expect(CRAMER_VON_MISES_VARIANCE).toBeCloseTo(variance, 12);
  });
});

describe('the incomplete beta function', () => {
  it('adds up to 1 with its mirror image, and is a power where it is one', () => {
    for (const a of [0.5, 2, 30, 4000]) {
      for (const b of [0.5, 1, 7, 900]) {
        for (const x of [0.01, 0.3, 0.62, 0.99]) {
          const sum = betaI(a, b, { x, y: 1 - x }) + betaI(b, a, { x: 1 - x, y: x });
          expect(sum).toBeCloseTo(1, 12);
          if (b === 1 && x ** a > 1e-300) {
            expect(relativeError(betaI(a, b, { x, y: 1 - x }), x ** a)).toBeLessThan(1e-11);
          }
        }
      }
    }
    expect([betaI(1, 2, { x: 0, y: 1 }), betaI(1, 2, { x: 1, y: 0 })]).toEqual([0, 1]);
    // A hair beyond its ends, as rounding may put it.
    expect([betaI(1, 2, { x: -1e-17, y: 1 }), betaI(1, 2, { x: 1, y: -1e-17 })]).toEqual([0, 1]);
    expect(betaI(1, 2, { x: Number.NaN, y: 0 })).toBeNaN();
  });
});

describe('a squared bridge that is looked at where ties end', () => {
  it('is one chi-square for two values', () => {
    // One eigenvalue: h H (1 - H).
    const x = 0.3 * 0.3 * 0.7;
    expect(relativeError(tiedCramerVonMisesTail(Float64Array.of(0.3, 0.7), 5 * x), chiSquareTail(5, 1))).toBeLessThan(
      1e-10,
    );
    expect(
      relativeError(tiedCramerVonMisesTail(Float64Array.of(0.3, 0.7), 900 * x), chiSquareTail(900, 1)),
    ).toBeLessThan(1e-10);
  });

  it('has the tail of three eigenvalues that simulation gives', () => {
    // 4,000,000 draws: 0.30438, standard error 0.00023.
    expect(tiedCramerVonMisesTail(Float64Array.of(0.3, 0.2, 0.1, 0.4), 0.15)).toBeCloseTo(0.3044, 3);
  });

  it('tends to the untied law, and has no tail beyond it for one value', () => {
    // By what is left out between the values, which falls with the square of their number.
    for (const values of [20, 40]) {
      const fine = new Float64Array(values).fill(1 / values);
      for (const x of [0.1, 0.5, 3]) {
        expect(relativeError(tiedCramerVonMisesTail(fine, x), cramerVonMisesTail(x))).toBeLessThan(13 / values ** 2);
      }
      expect(tiedCramerVonMisesTail(fine, 0)).toBe(1);
    }
    expect(tiedCramerVonMisesTail(Float64Array.of(1), 0.1)).toBe(1);
  });
});

describe('the hypergeometric law', () => {
  it('adds up to 1 and has tails that add up to it', () => {
    for (const urn of [
      { total: 20, marked: 7, drawn: 12 },
      { total: 1000, marked: 300, drawn: 50 },
      { total: 6, marked: 6, drawn: 3 },
    ]) {
      let sum = 0;
      for (let k = 0; k <= urn.drawn; k++) {
        sum += Math.exp(logHypergeometric(k, urn));
        expect(hypergeometricLower(k, urn)).toBeCloseTo(sum, 12);
        expect(hypergeometricLower(k - 1, urn) + hypergeometricUpper(k, urn)).toBeCloseTo(1, 12);
      }
      expect(sum).toBeCloseTo(1, 12);
    }
    expect(logHypergeometric(13, { total: 20, marked: 7, drawn: 12 })).toBe(Number.NEGATIVE_INFINITY);
  });

  it('keeps the digits of either tail, and is certain on the other side of it', () => {
    const urn = { total: 2000, marked: 1000, drawn: 1000 };
    // From the far end, so that the smallest terms are added first.
    let tail = 0;
    for (let k = 0; k <= 380; k++) tail += Math.exp(logHypergeometric(k, urn));
    expect(tail).toBeLessThan(1e-25);
    expect(relativeError(hypergeometricLower(380, urn), tail)).toBeLessThan(1e-11);
    expect(relativeError(hypergeometricUpper(620, urn), tail)).toBeLessThan(1e-11);
    // So far from the middle that the term there is below every double.
    const wide = { total: 40_000, marked: 20_000, drawn: 20_000 };
    expect(Math.exp(logHypergeometric(16_000, wide))).toBe(0);
    expect([hypergeometricLower(16_000, wide), hypergeometricUpper(4_000, wide)]).toEqual([1, 1]);
  });
});
