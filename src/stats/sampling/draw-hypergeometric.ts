import {
  largestDraw,
  logHypergeometric,
  modeOfDraw,
  smallestDraw,
  stepRatio,
  type Urn,
} from '../special/hypergeometric.ts';
import type { Uniform } from './xoshiro128.ts';

/**
 * How many of `drawn` rows are marked, by inversion from the mode outwards, the likelier neighbour first.
 * Cost O(standard deviation).
 */
export function drawHypergeometric(urn: Urn, random: Uniform): number {
  const least = smallestDraw(urn);
  // Without a choice no chance is used up: what is drawn next depends on that.
  if (least >= largestDraw(urn)) return least;
  const mode = modeOfDraw(urn);
  let [below, above] = [mode, mode];
  let pBelow = Math.exp(logHypergeometric(mode, urn));
  let pAbove = pBelow;
  let left = random() - pBelow;
  while (left >= 0) {
    // Past either end the ratios make both of them 0.
    const down = pBelow / stepRatio(below - 1, urn);
    const up = pAbove * stepRatio(above, urn);
    // What rounding leaves of the unit interval is the mode's.
    if (down === 0 && up === 0) return mode;
    if (down >= up) {
      below--;
      pBelow = down;
      left -= down;
      if (left < 0) return below;
    } else {
      above++;
      pAbove = up;
      left -= up;
      if (left < 0) return above;
    }
  }
  return mode;
}
