import type { JudgedBin } from './judgement.ts';

/** Rows of both sides in the same cells. */
export type Cells = {
  readonly labels: readonly string[];
  readonly r: readonly number[];
  readonly w: readonly number[];
};

export function cellsOfBins(bins: readonly JudgedBin[]): Cells {
  return {
    labels: bins.map((bin) => bin.label),
    r: bins.map((bin) => bin.reference),
    w: bins.map((bin) => bin.window),
  };
}

export function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

export function usedCells({ r, w }: Cells): number {
  return r.filter((count, i) => count + w[i]! > 0).length;
}
