import type { Bars, ColumnProfile, PairedShares } from './column-bars.ts';

type Vectors = Extract<ColumnProfile, { kind: 'vector' }>;

/** Root mean squares of the components, neighbours together where there are more than fit. */
function sizes({ components }: Vectors, most: number): number[] {
  if (components === null) return [];
  const squares = components.mean.map((mean, j) => (mean ?? 0) ** 2 + (components.variance?.[j] ?? 0));
  const bars = Math.min(most, squares.length);
  return Array.from({ length: bars }, (_, bar) => {
    const part = squares.slice(
      Math.floor((bar * squares.length) / bars),
      Math.floor(((bar + 1) * squares.length) / bars),
    );
    return Math.sqrt(part.reduce((sum, square) => sum + square, 0) / part.length);
  });
}

/** A bar for each component or for some neighbours: their share of the size of all. Null without a finite vector that is not 0. */
export function componentBars(column: Vectors, most: number): Bars | null {
  const bars = sizes(column, most);
  const total = bars.reduce((sum, size) => sum + size, 0);
  return total > 0 && Number.isFinite(total) ? { shares: bars.map((size) => size / total), labels: [] } : null;
}

const PAIRED = 26;

/** Both sides on one scale; null where the vectors have not one length. */
export function pairedComponents(from: Vectors, to: Vectors): PairedShares | null {
  if (from.dimension !== to.dimension) return null;
  const [a, b] = [sizes(from, PAIRED), sizes(to, PAIRED)];
  const total = Math.max(...[a, b].map((bars) => bars.reduce((sum, size) => sum + size, 0)));
  if (!(total > 0) || !Number.isFinite(total)) return null;
  return { from: a.map((size) => size / total), to: b.map((size) => size / total), labels: [] };
}
