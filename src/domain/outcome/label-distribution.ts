import type { StoredPerformance } from '../../../schemas/wire/performance.ts';
import type { Task } from '../model/find-task.ts';
import { numberIn } from './outcomes.ts';

/** How labels are spread, over cells that another spread can be held against. Pure. */
export type LabelDistribution = NonNullable<StoredPerformance['label_distribution']>;

/** Labels that have a cell of their own. */
const MOST_LABELS = 50;
const CELLS = 10;
const OTHERS = '(others)';

/**
 * Counts of labels: of each class, or of numbers between the reference's deciles. `like`: the spread whose cells are to
 * be used; without it these labels make their own.
 */
export function labelDistribution(
  task: Task,
  labels: readonly string[],
  like: LabelDistribution | null,
): LabelDistribution {
  if (task !== 'regression') return { edges: null, counts: countClasses(labels, like) };
  const values = Float64Array.from(labels, numberIn).filter(Number.isFinite);
  const edges = like?.edges ?? decilesOf(values);
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  for (const value of values) {
    const cell = edges.filter((edge) => edge <= value).length;
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  return { edges, counts: counts.map((count, i) => ({ label: cellName(edges, i), count })) };
}

function countClasses(labels: readonly string[], like: LabelDistribution | null): LabelDistribution['counts'] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  const order = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([label]) => label);
  const own = like?.counts.map(({ label }) => label) ?? order.slice(0, MOST_LABELS);
  const known = new Set(own);
  const rest = order.filter((label) => !known.has(label)).reduce((sum, label) => sum + (counts.get(label) ?? 0), 0);
  const named = own.filter((label) => label !== OTHERS).map((label) => ({ label, count: counts.get(label) ?? 0 }));
  return rest > 0 || known.has(OTHERS) ? [...named, { label: OTHERS, count: rest }] : named;
}

/** The classes that labels are counted in; none where they are numbers, or not all of them are listed. */
export function classesOf(like: LabelDistribution | null): ReadonlySet<string> {
  const names = like?.edges === null ? like.counts.map(({ label }) => label) : [];
  // One class alone says nothing of what others there are.
  return new Set(names.length < 2 || names.includes(OTHERS) ? [] : names);
}

function decilesOf(values: Float64Array): number[] {
  const sorted = values.toSorted();
  const at = Array.from({ length: CELLS - 1 }, (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / CELLS)] ?? 0);
  return [...new Set(at)];
}

function cellName(edges: readonly number[], cell: number): string {
  const [from, to] = [edges[cell - 1], edges[cell]];
  if (from === undefined) return to === undefined ? 'all' : `below ${to}`;
  return to === undefined ? `from ${from}` : `${from} to ${to}`;
}
