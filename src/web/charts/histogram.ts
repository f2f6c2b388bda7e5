import type { Bars, ColumnProfile, PairedShares } from './column-bars.ts';
import { componentBars, pairedComponents } from './component-bars.ts';

const BARS = 26;
const TOP = 6;

/**
 * Bars of a column: one a value where there are few, the most frequent ones of a text, else equal widths between
 * the values that hold nearly all rows; of vectors the size of their components, in their order. Null where there is
 * nothing to draw.
 */
export function barsOf(column: ColumnProfile): Bars | null {
  if (column.kind === 'category') return topBars(column, TOP);
  if (column.kind === 'vector') return componentBars(column, BARS);
  if (column.top.complete && column.distinct.value <= 12) return valueBars(column);
  const grid = column.grid;
  if (grid === null || grid.n === 0) return null;
  const [low, high] = drawnRange(column);
  if (low === null || high === null || !(high > low)) return topBars(column, TOP);
  return { shares: equalWidths(grid, { low, high }), labels: [] };
}

/** As `barsOf`, for both sides at once; null where the two cannot be drawn together. */
export function pairedBarsOf(from: ColumnProfile, to: ColumnProfile): PairedShares | null {
  const listed = [from, to].every(
    (side) => side.kind === 'category' || (side.top.complete && side.distinct.value <= 12),
  );
  if (from.kind === to.kind && listed) return pairedValues(from, to);
  if (from.kind === 'vector' && to.kind === 'vector') return pairedComponents(from, to);
  if (!isRanged(from) || !isRanged(to) || from.kind !== to.kind) return null;
  const ends = [...drawnRange(from), ...drawnRange(to)].filter((end) => end !== null);
  const range = { low: Math.min(...ends), high: Math.max(...ends) };
  if (from.grid === null || to.grid === null || !(range.high > range.low)) return null;
  return { from: equalWidths(from.grid, range), to: equalWidths(to.grid, range), labels: [] };
}

function pairedValues(from: ColumnProfile, to: ColumnProfile): PairedShares | null {
  if (from.rows === 0 || to.rows === 0) return null;
  const shares = (side: ColumnProfile) =>
    new Map(side.top.values.map(({ value, count }) => [String(value), count / side.rows]));
  const [a, b] = [shares(from), shares(to)];
  const share = (text: string): number => Math.max(a.get(text) ?? 0, b.get(text) ?? 0);
  const all = [...new Set([...a.keys(), ...b.keys()])];
  const labels =
    from.kind === 'category'
      ? all.sort((x, y) => share(y) - share(x)).slice(0, TOP)
      : all.sort((x, y) => Number(x) - Number(y));
  if (labels.length === 0) return null;
  return { from: labels.map((text) => a.get(text) ?? 0), to: labels.map((text) => b.get(text) ?? 0), labels };
}

function topBars(column: ColumnProfile, limit: number): Bars | null {
  const shown = column.top.values.slice(0, limit);
  if (shown.length === 0 || column.rows === 0) return null;
  return {
    shares: shown.map(({ count }) => count / column.rows),
    labels: shown.map(({ value }) => String(value)),
  };
}

function valueBars(column: ColumnProfile): Bars | null {
  const values = [...column.top.values].sort((a, b) => Number(a.value) - Number(b.value));
  if (values.length === 0 || column.rows === 0) return null;
  return { shares: values.map(({ count }) => count / column.rows), labels: values.map(({ value }) => String(value)) };
}

const isRanged = (column: ColumnProfile): column is Ranged => column.kind === 'number' || column.kind === 'time';

type Ranged = Extract<ColumnProfile, { kind: 'number' | 'time' }>;

/** From end to end, unless a long thin tail would squeeze the rest into one bar. */
function drawnRange(column: Ranged): [number | null, number | null] {
  const { min, max } = column;
  const quantile = (p: number): number | null =>
    column.quantiles?.values.find((entry) => Math.abs(entry.p - p) < 1e-9)?.value ?? null;
  const low = quantile(0.01);
  const high = quantile(0.99);
  if (min === null || max === null || low === null || high === null) return [min, max];
  const room = 1.5 * (high - low);
  return [low - min > room ? low : min, max - high > room ? high : max];
}

/** Mass of a grid in bars of equal width; what lies outside `[low, high]` falls into the outermost bars. */
export function equalWidths(
  grid: { edges: readonly number[]; at: readonly number[]; between: readonly number[]; n: number },
  range: { low: number; high: number },
): number[] {
  const counts = Array.from({ length: BARS }, () => 0);
  const width = (range.high - range.low) / BARS;
  const barOf = (value: number): number => Math.min(BARS - 1, Math.max(0, Math.floor((value - range.low) / width)));
  const add = (bar: number, count: number): void => {
    counts[bar] = (counts[bar] ?? 0) + count;
  };
  grid.edges.forEach((edge, i) => {
    add(barOf(edge), grid.at[i] ?? 0);
    const next = grid.edges[i + 1];
    const count = grid.between[i] ?? 0;
    if (next === undefined || count === 0) return;
    // Spread evenly over the gap, by the part of it that each bar covers.
    const [first, last] = [barOf(edge), barOf(next)];
    for (let bar = first; bar <= last; bar++) {
      const from = bar === first ? edge : range.low + bar * width;
      const to = bar === last ? next : range.low + (bar + 1) * width;
      add(bar, (count * (to - from)) / (next - edge));
    }
  });
  return counts.map((count) => count / grid.n);
}
