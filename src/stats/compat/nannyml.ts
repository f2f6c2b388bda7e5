import type { CategoryColumn, NumberColumn } from '../column.ts';
import { isValid } from '../column.ts';
import { jensenShannonDistance } from '../distances/jensen-shannon.ts';
import { type CompatColumn, type CompatFinding, type Tool, withoutScore } from './finding.ts';
import { countInEdges, doaneEdges } from './histogram-edges.ts';
import { moments } from './moments.ts';

const CHUNKS = 10;
/** Standard deviations above the mean of the reference's own chunks. */
const DEVIATIONS = 3;

/**
 * NannyML 0.13.1's univariate drift calculator with nothing but its defaults: both tables in ten chunks in their
 * order (and one of what is left over), the Jensen-Shannon distance (base 2) of each to the whole reference, and an alert above the mean plus three
 * standard deviations of the reference's chunks. Source: its `drift/univariate/methods.py`, `chunk.py`, `thresholds.py`.
 */
export const NANNYML: Tool = {
  version: '0.13.1',
  rule: 'none for the table; a column drifts when one of its chunks does',
  compareColumn,
  drifts: null,
};

function compareColumn({ name, reference, current }: CompatColumn): CompatFinding {
  if (reference.kind === 'time' || current.kind === 'time') return withoutScore(name, 'Dates are not compared.');
  if (reference.kind === 'vector' || current.kind === 'vector') return withoutScore(name, 'Vectors are not compared.');
  if (reference.kind !== current.kind) return withoutScore(name, 'The types of the two sides differ.');
  if (Math.min(reference.length, current.length) < CHUNKS) {
    return withoutScore(name, `Ten chunks need at least ${CHUNKS} rows on each side.`);
  }
  const distanceTo = reference.kind === 'number' ? numberDistance(reference) : textDistance(reference);
  const own = chunksOf(reference.length).map((chunk) => distanceTo(reference, chunk));
  const known = own.filter((value) => value !== null);
  if (known.length === 0) return withoutScore(name, 'The reference has no values.');
  const { mean, std } = moments(Float64Array.from(known));
  const threshold = mean + DEVIATIONS * std;
  const scores = chunksOf(current.length).map((chunk) => distanceTo(current, chunk));
  const alerts = scores.filter((score) => score !== null && score > threshold).length;
  const worst = Math.max(...scores.map((score) => score ?? 0));
  return {
    column: name,
    method: 'jensen_shannon',
    score: worst,
    threshold,
    drift: alerts > 0,
    details: {
      base: 2,
      chunks: scores.length,
      alerts,
      ...Object.fromEntries(scores.map((score, i) => [`chunk_${i}`, score])),
    },
    reason: null,
  };
}

type Chunk = { readonly from: number; readonly to: number };
type Distance = (column: NumberColumn | CategoryColumn, chunk: Chunk) => number | null;

/** Chunks of a tenth of the rows; what is left over is a short one of its own. */
function chunksOf(rows: number): Chunk[] {
  const size = Math.floor(rows / CHUNKS);
  return Array.from({ length: Math.ceil(rows / size) }, (_, i) => ({
    from: i * size,
    to: Math.min(rows, (i + 1) * size),
  }));
}

/** Bins by Doane's rule on the reference; what lies outside of them is one more bin, empty in the reference. */
function numberDistance(reference: NumberColumn): Distance {
  const all = finiteOf(reference, { from: 0, to: reference.length });
  if (all.length === 0) return () => null;
  const edges = doaneEdges(all);
  const expected = countInEdges(all, edges);
  return (column, chunk) => {
    if (column.kind !== 'number') return null;
    const values = finiteOf(column, chunk);
    const counts = countInEdges(values, edges);
    return withLeftOver(expected, counts, values.length);
  };
}

/** Values of the reference; all others together are one more, empty in the reference. */
function textDistance(reference: CategoryColumn): Distance {
  const whole = countRows(reference, { from: 0, to: reference.length });
  const keys = [...whole.keys()];
  const expected = Float64Array.from(whole.values());
  return (column, chunk) => {
    if (column.kind !== 'category' || keys.length === 0) return null;
    const found = countRows(column, chunk);
    let rows = 0;
    for (const count of found.values()) rows += count;
    return withLeftOver(
      expected,
      Float64Array.from(keys, (key) => found.get(key) ?? 0),
      rows,
    );
  };
}

function withLeftOver(expected: Float64Array, counts: Float64Array, rows: number): number | null {
  if (rows === 0) return null;
  const inside = counts.reduce((sum, count) => sum + count, 0);
  // Without any row inside the bins nothing but the extra bin is left, and the two have nothing in common.
  return jensenShannonDistance([...expected, 0], [...counts, rows - inside]);
}

/** Sorted; NaN and nulls are dropped, and so are infinities, on which the tool itself fails. */
function finiteOf(column: NumberColumn, { from, to }: Chunk): Float64Array {
  const values: number[] = [];
  for (let i = from; i < to; i++) {
    const value = column.values[i]!;
    if (isValid(column.valid, i) && Number.isFinite(value)) values.push(value);
  }
  return Float64Array.from(values).sort();
}

function countRows(column: CategoryColumn, { from, to }: Chunk): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = from; i < to; i++) {
    const text = column.dictionary[column.codes[i]!];
    if (text !== undefined) counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return counts;
}
