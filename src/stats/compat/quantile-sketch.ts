/** A value, what it weighs, and the least and the largest rank that its last row may have among all. */
type Entry = { readonly value: number; readonly weight: number; readonly least: number; readonly most: number };

/** A third of TFDV's default error of 0.01: its sketch is made in three steps. */
const ERROR = 0.01 / 3;
/** Entries of a level of the sketch, by that error and the 2^32 values that it is made to hold. */
const SIZE = 5701;

/** Quantiles, and how many values are not above each. */
export type CountedQuantiles = { readonly values: Float64Array; readonly counts: Float64Array };

/**
 * Quantiles of `values`, of which none is NaN, in the order of their rows: the ends and what lies `parts` equal steps
 * between them, as the sketch finds them that TFX keeps of a column. Up to 5,701 different values they are exact, and
 * the order is all the same. Source: tfx_bsl 1.16.1, `sketches/weighted_quantiles_stream.h` (Greenwald and Khanna 2001;
 * Zhang and Wang 2007). Cost O(n log n).
 */
export function sketchedQuantiles(values: Float64Array, parts: number): CountedQuantiles {
  const levels: Entry[][] = [];
  for (let start = 0; start < values.length; start += 2 * SIZE) {
    put(levels, compress(entriesOf(values.slice(start, start + 2 * SIZE).sort())));
  }
  return quantilesOf(compress(levels.reduce(merge, [])), parts);
}

function entriesOf(sorted: Float64Array): Entry[] {
  const entries: Entry[] = [];
  for (let start = 0; start < sorted.length; ) {
    const value = sorted[start]!;
    let end = start + 1;
    while (end < sorted.length && sorted[end] === value) end++;
    entries.push({ value, weight: end - start, least: start, most: end });
    start = end;
  }
  return entries;
}

/** Puts a block into the lowest level that has room for it; a level that is full goes up with it. */
function put(levels: Entry[][], block: Entry[]): void {
  let carried = block;
  for (let level = 0; ; level++) {
    const held = levels[level] ?? [];
    carried = merge(carried, held);
    if (held.length === 0 || carried.length <= SIZE + 1) {
      levels[level] = carried;
      return;
    }
    carried = compress(carried);
    levels[level] = [];
  }
}

/** The ranks that values below an entry take, and that it and those below it take, as far as is certain. */
const below = ({ most, weight }: Entry): number => most - weight;
const upTo = ({ least, weight }: Entry): number => least + weight;

/** Both in the order of their values; what is the same value becomes one entry. */
function merge(a: Entry[], b: Entry[]): Entry[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
  const merged: Entry[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    if (x !== undefined && y !== undefined && x.value === y.value) {
      const sum = { weight: x.weight + y.weight, least: x.least + y.least, most: x.most + y.most };
      merged.push({ value: x.value, ...sum });
      [i, j] = [i + 1, j + 1];
    } else if (y === undefined || (x !== undefined && x.value < y.value)) {
      merged.push(among(x!, b, j));
      i++;
    } else {
      merged.push(among(y, a, i));
      j++;
    }
  }
  return merged;
}

/** An entry among those of another summary, of which the one at `next` is the first with a larger value. */
function among(entry: Entry, others: readonly Entry[], next: number): Entry {
  const least = next === 0 ? 0 : upTo(others[next - 1]!);
  const most = next === others.length ? others[next - 1]!.most : below(others[next]!);
  return { ...entry, least: entry.least + least, most: entry.most + most };
}

/** Some `SIZE` of the entries, the ends among them, no further from each other than the error allows. */
function compress(entries: Entry[]): Entry[] {
  if (entries.length <= SIZE) return entries;
  const allowed = entries[entries.length - 1]!.most * Math.max(1 / SIZE, ERROR);
  const kept = [entries[0]!];
  // Entries are passed over as evenly as whole numbers allow.
  let passed = 0;
  for (let at = 0; at + 1 < entries.length; ) {
    const from = upTo(entries[at]!);
    let next = at + 1;
    for (; next < entries.length && passed < entries.length; next++) {
      if (below(entries[next]!) - from > allowed) break;
      passed += SIZE;
    }
    at = Math.max(at + 1, next - 1);
    kept.push(entries[at]!);
    passed -= entries.length;
  }
  return kept;
}

function quantilesOf(entries: readonly Entry[], parts: number): CountedQuantiles {
  const values = new Float64Array(parts + 1);
  const counts = new Float64Array(parts + 1);
  const total = entries[entries.length - 1]?.most ?? 0;
  let at = 0;
  for (let rank = 0; rank <= parts; rank++) {
    const twice = 2 * ((rank * total) / parts);
    while (at + 1 < entries.length && twice >= entries[at + 1]!.least + entries[at + 1]!.most) at++;
    const [here, next] = [entries[at]!, entries[at + 1]];
    const found = next === undefined || twice < upTo(here) + below(next) ? here : next;
    values[rank] = found.value;
    counts[rank] = found.most;
  }
  return { values, counts };
}
