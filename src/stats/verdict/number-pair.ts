import { WassersteinSum } from '../distances/wasserstein.ts';
import { type CombinedRanks, CombinedRanksSums } from '../hypothesis-tests/combined-ranks.ts';
import { LargestDifferences } from '../hypothesis-tests/kolmogorov-smirnov.ts';
import { type WalkPooled, walkPooled } from '../summaries/pooled-blocks.ts';
import { type PooledValues, pooledValues } from '../summaries/pooled-values.ts';
import type { Cells } from './cells.ts';
import type { NumberSample } from './samples.ts';

/** Both sides of a column of numbers, in cells as well. */
export type NumberPair = {
  readonly r: NumberSample;
  readonly w: NumberSample;
  readonly cells: Cells;
  /** The usable values of both put together, once for all measures that want them so. */
  readonly pooled: (part: 'sorted' | 'finite') => PooledValues;
  /** What the standard measures say of them, found on one walk over both; not for a side without usable values. */
  readonly walked: () => Walked;
};

type Walked = {
  readonly differences: LargestDifferences;
  readonly ranks: CombinedRanks | null;
  /** Of the finite ones. */
  readonly wasserstein: number;
};

/** `walk`: what goes through both. */
export function numberPair(
  { r, w, cells }: Pick<NumberPair, 'r' | 'w' | 'cells'>,
  walk: WalkPooled = walkPooled,
): NumberPair {
  const known: { sorted?: PooledValues; finite?: PooledValues; walked?: Walked } = {};
  const allFinite = r.finite.length === r.sorted.length && w.finite.length === w.sorted.length;
  const pooled = (part: 'sorted' | 'finite'): PooledValues => {
    const of = allFinite ? 'finite' : part;
    known[of] ??= pooledValues(r[of], w[of]);
    return known[of];
  };
  const walked = (): Walked => {
    known.walked ??= walkBoth({ r, w, allFinite }, walk);
    return known.walked;
  };
  return { r, w, cells, pooled, walked };
}

type Sides = { readonly r: NumberSample; readonly w: NumberSample; readonly allFinite: boolean };

function walkBoth({ r, w, allFinite }: Sides, walk: WalkPooled): Walked {
  const differences = new LargestDifferences({ n: r.sorted.length, m: w.sorted.length });
  const ranks = new CombinedRanksSums(r.sorted, w.sorted, walk);
  const wasserstein = new WassersteinSum();
  walk(r.sorted, w.sorted, [differences, ...ranks.visitors, ...(allFinite ? [wasserstein] : [])]);
  if (!allFinite) walk(r.finite, w.finite, [wasserstein]);
  return { differences, ranks: ranks.finish(), wasserstein: wasserstein.distance };
}
