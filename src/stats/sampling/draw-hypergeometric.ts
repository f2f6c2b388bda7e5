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
  const [least, most] = [smallestDraw(urn), largestDraw(urn)];
  if (least >= most) return least;
  let below = modeOfDraw(urn);
  let above = below;
  let pBelow = Math.exp(logHypergeometric(below, urn));
  let pAbove = pBelow;
  let left = random() - pBelow;
  while (left >= 0 && (below > least || above < most)) {
    const down = below > least ? pBelow / stepRatio(below - 1, urn) : -1;
    const up = above < most ? pAbove * stepRatio(above, urn) : -1;
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
    if (down <= 0 && up <= 0) break;
  }
  return modeOfDraw(urn);
}
