import { describe, expect, it } from 'vitest';
import { drawHypergeometric } from '../../../src/stats/sampling/draw-hypergeometric.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { logHypergeometric, stepRatio, type Urn } from '../../../src/stats/special/hypergeometric.ts';

/** How much of the unit interval leads to each number of marked rows. */
function shares(urn: Urn, steps: number): Map<number, number> {
  const found = new Map<number, number>();
  for (let i = 0; i < steps; i++) {
    const k = drawHypergeometric(urn, () => (i + 0.5) / steps);
    found.set(k, (found.get(k) ?? 0) + 1 / steps);
  }
  return found;
}

describe('drawHypergeometric', () => {
  it.each<Urn>([
    { total: 30, marked: 12, drawn: 9 },
    // At least 3 marked, at most 6: the mode is near neither end, at one, and at the other.
    { total: 10, marked: 6, drawn: 7 },
    { total: 12, marked: 11, drawn: 6 },
    { total: 40, marked: 1, drawn: 3 },
    { total: 40, marked: 39, drawn: 37 },
    // One end is reached long before the other.
    { total: 20, marked: 3, drawn: 5 },
    { total: 20, marked: 17, drawn: 15 },
    { total: 20, marked: 17, drawn: 5 },
  ])('gives each number as much of the unit interval as its probability: %o', (urn) => {
    const steps = 4000;
    const found = shares(urn, steps);
    let sum = 0;
    for (let k = 0; k <= urn.drawn; k++) {
      const expected = Math.exp(logHypergeometric(k, urn));
      expect(Math.abs((found.get(k) ?? 0) - expected), `${k}`).toBeLessThan(2 / steps);
      sum += found.get(k) ?? 0;
    }
    expect(sum).toBeCloseTo(1, 10);
  });

  it('goes outwards from the mode, the likelier neighbour first', () => {
    const urn = { total: 30, marked: 12, drawn: 9 };
    const p = (k: number): number => Math.exp(logHypergeometric(k, urn));
    // 4 is the mode, 3 likelier than 5, 5 likelier than 2.
    const ends = [4, 3, 5, 2].map((k) => p(k));
    let end = 0;
    const found: number[] = [];
    for (const part of ends) {
      found.push(
        drawHypergeometric(urn, () => end + 1e-9),
        drawHypergeometric(urn, () => end + part - 1e-9),
      );
      end += part;
    }
    expect(found).toEqual([4, 4, 3, 3, 5, 5, 2, 2]);
  });

  it('gives the end of a part to the next one, and of equally likely neighbours takes the lower first', () => {
    const urn = { total: 8, marked: 4, drawn: 4 };
    const [middle, beside] = [2, 1].map((k) => Math.exp(logHypergeometric(k, urn)));
    expect(drawHypergeometric(urn, () => middle!)).toBe(1);
    const ratio = middle! / stepRatio(1, urn);
    expect(ratio).toBeCloseTo(beside!, 12);
    expect(drawHypergeometric(urn, () => middle! + ratio)).toBe(3);
    expect(drawHypergeometric(urn, () => middle! + 2 * ratio)).toBe(0);
  });

  it('draws without chance where there is no choice, and comes to an end where rounding leaves some', () => {
    const never = (): number => {
      throw new Error('no chance is needed');
    };
    expect(drawHypergeometric({ total: 5, marked: 5, drawn: 3 }, never)).toBe(3);
    expect(drawHypergeometric({ total: 5, marked: 0, drawn: 3 }, never)).toBe(0);
    expect(drawHypergeometric({ total: 5, marked: 2, drawn: 5 }, never)).toBe(2);
    expect(drawHypergeometric({ total: 30, marked: 12, drawn: 9 }, () => 1)).toBe(4);
    expect(drawHypergeometric({ total: 60_000, marked: 30_000, drawn: 20_000 }, () => 1)).toBe(10_000);
  });

  it('draws by the given chance', () => {
    const urn = { total: 200, marked: 90, drawn: 70 };
    const random = xoshiro128(7);
    let sum = 0;
    for (let i = 0; i < 2000; i++) sum += drawHypergeometric(urn, random);
    // The mean is 31.5, its standard error 0.08.
    expect(Math.abs(sum / 2000 - 31.5)).toBeLessThan(0.3);
  });
});
