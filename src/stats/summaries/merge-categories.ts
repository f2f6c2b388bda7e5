import type { CategoryProfile, Distinct, TextLengths } from '../profile.ts';
import { estimatedDistinct, exactDistinct } from './distinct.ts';
import { addText, decodeRegisters, emptyRegisters, type HyperLogLog, mergeRegisters } from './hyperloglog.ts';
import { mergeShapes } from './text-shapes.ts';
import { ValueCounts } from './value-counts.ts';

type Merged = Omit<CategoryProfile, 'empty' | 'lengths' | 'shapes' | 'distinct' | 'top'>;

/** Of a part with values; booleans, which are texts where other parts are, list all of theirs. */
function lengthsOf({ type, lengths, top }: CategoryProfile): TextLengths | null {
  if (type !== 'boolean') return lengths;
  const rows = top.values.reduce((sum, { count }) => sum + count, 0);
  const each = top.values.map(({ value, count }) => ({ length: String(value).length, count }));
  const mean = each.reduce((sum, { length, count }) => sum + length * count, 0) / rows;
  const all = each.map(({ length }) => length);
  return { min: Math.min(...all), mean, max: Math.max(...all) };
}

/** Null where a part does not know its own. */
function mergeLengths(parts: readonly CategoryProfile[]): TextLengths | null {
  let merged: TextLengths | null = null;
  let rows = 0;
  for (const part of parts) {
    const n = part.rows - part.nulls;
    if (n === 0) continue;
    const lengths = lengthsOf(part);
    if (lengths === null) return null;
    const { min, mean, max } = lengths;
    merged =
      merged === null
        ? lengths
        : {
            min: Math.min(merged.min, min),
            mean: (merged.mean * rows + mean * n) / (rows + n),
            max: Math.max(merged.max, max),
          };
    rows += n;
  }
  return merged;
}

/** A text that a part does not list may have had `unlisted` rows there. */
function mergeCounts(parts: readonly CategoryProfile[]): ValueCounts {
  const counts = new ValueCounts();
  for (const { top } of parts) {
    for (const { value, count } of top.values) counts.add(String(value), count);
    counts.addUnknown(top.rest, Math.min(top.rest, Math.max(top.error, top.unlisted)));
  }
  return counts;
}

function textRegisters(parts: readonly CategoryProfile[]): HyperLogLog {
  const registers = emptyRegisters();
  for (const { distinct, top } of parts) {
    if (distinct.registers !== null) mergeRegisters(registers, decodeRegisters(distinct.registers));
    else for (const { value } of top.values) addText(registers, String(value));
  }
  return registers;
}

/**
 * The union of parts of one column of texts. With `mixed` kinds numbers and texts were hashed differently, so
 * that a value in both counts twice in an estimate of the different ones.
 */
export function mergeCategories(merged: Merged, parts: readonly CategoryProfile[], mixed: boolean): CategoryProfile {
  const counts = mergeCounts(parts);
  const top = counts.describe();
  let distinct: Distinct;
  if (counts.exact) distinct = exactDistinct(counts.distinct, top.complete ? null : textRegisters(parts));
  else distinct = estimatedDistinct(textRegisters(parts), merged.rows - merged.nulls);
  return {
    ...merged,
    empty: parts.reduce((sum, part) => sum + part.empty, 0),
    lengths: mixed || merged.type === 'boolean' ? null : mergeLengths(parts),
    shapes: mixed || merged.type === 'boolean' ? null : mergeShapes(parts.map(({ shapes }) => shapes)),
    distinct,
    top,
  };
}
