import { type ColumnType, kindOf } from './column.ts';
import {
  type CategoryProfile,
  type ColumnProfile,
  type Distinct,
  type NumberProfile,
  PROFILE_FORMAT,
  type TableProfile,
  type TimeProfile,
  type VectorProfile,
} from './profile.ts';
import { estimatedDistinct, exactDistinct } from './summaries/distinct.ts';
import {
  addNumbers,
  decodeRegisters,
  emptyRegisters,
  type HyperLogLog,
  mergeRegisters,
} from './summaries/hyperloglog.ts';
import { mergeCategories } from './summaries/merge-categories.ts';
import { mergeStoredGrids } from './summaries/merge-grids.ts';
import { mergeVectors } from './summaries/merge-vectors.ts';
import { combineMoments, describeMoments, momentSumsOf, NO_MOMENTS } from './summaries/moments.ts';
import { type Grid, largestGap, STORED_EDGES, storeGrid } from './summaries/point-gap-grid.ts';
import { quantileBins } from './summaries/quantile-bins.ts';
import { describeQuantiles } from './summaries/quantiles.ts';
import { mergeCycles } from './summaries/time-cycles.ts';
import { noTopValues, sharesDoubles, topNumbers } from './summaries/top-values.ts';

type Common = Pick<ColumnProfile, 'name' | 'types' | 'rows' | 'nulls' | 'absent'>;

/** A part in which the column does not exist has its rows here without a value. */
function commonOf(name: string, parts: readonly ColumnProfile[], absent: number): Common {
  const types = new Set(parts.flatMap((part) => part.types));
  return {
    name,
    types: [...types].sort(),
    rows: sum(parts, (part) => part.rows) + absent,
    nulls: sum(parts, (part) => part.nulls) + absent,
    absent: sum(parts, (part) => part.absent) + absent,
  };
}

function sum<T>(parts: readonly T[], of: (part: T) => number): number {
  return parts.reduce((total, part) => total + of(part), 0);
}

/** The smallest (or largest) of the numbers that are there. */
function extreme(values: readonly (number | null)[], pick: (...values: number[]) => number): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : pick(...known);
}

function mergeDistinct(parts: readonly (NumberProfile | TimeProfile)[], grid: Grid): Distinct {
  if (parts.every((part) => part.distinct.registers === null)) {
    if (grid.edges.length <= STORED_EDGES) return exactDistinct(grid.edges.length, null);
    const registers = emptyRegisters();
    addNumbers(registers, grid.edges);
    return exactDistinct(grid.edges.length, registers);
  }
  return estimatedDistinct(numberRegisters(parts), grid.n);
}

/** The union's registers; a part without registers lists every value in its grid. */
function numberRegisters(parts: readonly (NumberProfile | TimeProfile)[]): HyperLogLog {
  const registers = emptyRegisters();
  for (const { distinct, grid } of parts) {
    if (distinct.registers !== null) mergeRegisters(registers, decodeRegisters(distinct.registers));
    else if (grid !== null) addNumbers(registers, new Float64Array(grid.edges));
  }
  return registers;
}

/** Values that are counted by the grid alone, which a text does not have, would be forgotten with it. */
function withRegisters(part: NumberProfile | TimeProfile): Distinct {
  return part.distinct.registers === null ? exactDistinct(part.distinct.value, numberRegisters([part])) : part.distinct;
}

function mergeCollected(parts: readonly (NumberProfile | TimeProfile)[]) {
  const grid = mergeStoredGrids(parts.map((part) => part.grid));
  const distinct = mergeDistinct(parts, grid);
  return {
    min: extreme(
      parts.map((part) => part.min),
      Math.min,
    ),
    max: extreme(
      parts.map((part) => part.max),
      Math.max,
    ),
    distinct,
    top: topNumbers(grid, {
      distinct: distinct.value,
      shared: parts.some(({ top }) => sharesDoubles(top)),
      unseen: largestGap(grid),
    }),
    quantiles: describeQuantiles(grid),
    grid: storeGrid(grid),
    bins: quantileBins(grid),
  };
}

/** Exact bounds of integers, wherever one part has them; a part without them has bounds that a double holds. */
function mergeExact(parts: readonly NumberProfile[]): Pick<NumberProfile, 'exactMin' | 'exactMax'> {
  if (parts.every((part) => part.exactMin === null) || parts.some((part) => part.type !== 'int64')) {
    return { exactMin: null, exactMax: null };
  }
  const bounds = parts.flatMap(({ min, max, exactMin, exactMax }) =>
    min === null || max === null ? [] : [[BigInt(exactMin ?? min), BigInt(exactMax ?? max)] as const],
  );
  const low = bounds.map(([least]) => least).reduce((a, b) => (b < a ? b : a));
  const high = bounds.map(([, most]) => most).reduce((a, b) => (b > a ? b : a));
  return { exactMin: String(low), exactMax: String(high) };
}

function mergeNumbers(common: Common, parts: readonly NumberProfile[]): NumberProfile {
  const moments = parts.map((part) => momentSumsOf(part.moments)).reduce(combineMoments, NO_MOMENTS);
  return {
    kind: 'number',
    ...common,
    type: parts.every((part) => part.type === 'int64') ? 'int64' : 'float64',
    nan: sum(parts, (part) => part.nan),
    positiveInfinity: sum(parts, (part) => part.positiveInfinity),
    negativeInfinity: sum(parts, (part) => part.negativeInfinity),
    finite: sum(parts, (part) => part.finite),
    zeros: sum(parts, (part) => part.zeros),
    negatives: sum(parts, (part) => part.negatives),
    ...mergeExact(parts),
    moments: describeMoments(moments),
    ...mergeCollected(parts),
  };
}

function mergeTimes(common: Common, parts: readonly TimeProfile[]): TimeProfile {
  const type = parts.every((part) => part.type === 'date') ? 'date' : 'timestamp';
  return {
    kind: 'time',
    ...common,
    type,
    ...mergeCollected(parts),
    cycles: mergeCycles(parts.map((part) => part.cycles)),
  };
}

/**
 * What a column whose parts disagree in kind is as text: counts stay true, values of the other kinds are unlisted, and
 * how many there are is left to their registers.
 */
function asText(part: ColumnProfile): CategoryProfile {
  if (part.kind === 'category') return part;
  const rows = part.rows - part.nulls;
  const complete = part.top.complete && part.kind === 'number' && rows === part.finite;
  const values = complete ? part.top.values.map(({ value, count }) => ({ value: String(value), count })) : [];
  return {
    kind: 'category',
    name: part.name,
    type: 'text',
    types: part.types,
    rows: part.rows,
    nulls: part.nulls,
    absent: part.absent,
    empty: 0,
    lengths: null,
    shapes: null,
    distinct: complete || part.kind === 'vector' ? part.distinct : withRegisters(part),
    top: complete ? { ...part.top, values } : noTopValues(rows, rows),
  };
}

function isNumber(part: ColumnProfile): part is NumberProfile {
  return part.kind === 'number';
}

function isTime(part: ColumnProfile): part is TimeProfile {
  return part.kind === 'time';
}

function isVector(part: ColumnProfile): part is VectorProfile {
  return part.kind === 'vector';
}

function mergeColumn(name: string, parts: readonly ColumnProfile[], absent: number): ColumnProfile {
  const [only] = parts;
  if (only !== undefined && parts.length === 1 && absent === 0) return only;
  // A column without any value in one part takes the kind of the others: an empty column has no type of its own.
  const filled = parts.filter((part) => part.rows > part.nulls);
  const common = commonOf(name, parts, absent);
  const deciding = filled.length > 0 ? filled : parts;
  if (deciding.every(isNumber)) return mergeNumbers(common, deciding);
  if (deciding.every(isTime)) return mergeTimes(common, deciding);
  const [first] = deciding;
  // Vectors of one length are of one type.
  if (deciding.every(isVector) && first !== undefined && deciding.every(({ type }) => type === first.type)) {
    const norms = deciding.map(({ norm }) => norm);
    return mergeVectors(common, deciding, mergeNumbers(commonOf('norm', norms, 0), norms));
  }
  const type: ColumnType = deciding.every((part) => part.type === 'boolean') ? 'boolean' : 'text';
  const mixed = deciding.some((part) => kindOf(part.type) !== 'category');
  return mergeCategories({ kind: 'category', ...common, type }, deciding.map(asText), mixed);
}

/**
 * The profile of the union of disjoint parts, such as the files of one version: the union of the columns, in
 * the order of first sight. Types widen: int64 with float64 to float64, date with timestamp to timestamp,
 * anything else (vectors of different lengths too) to text; `types` keeps what the parts said. Counts, minima, maxima are exact, moments to
 * rounding; grids, quantiles and bins are exact when every part lists all its values, else within the stated
 * `rankError`; distinct counts are exact or within their stated error. Merge many parts at once rather than one
 * after the other: the grids' error grows with the number of merges in a row.
 */
export function mergeProfiles(...profiles: readonly TableProfile[]): TableProfile {
  const [only] = profiles;
  if (only !== undefined && profiles.length === 1) return only;
  const parts = new Map<string, ColumnProfile[]>();
  const seenRows = new Map<string, number>();
  for (const profile of profiles) {
    for (const column of profile.columns) {
      const list = parts.get(column.name) ?? [];
      list.push(column);
      parts.set(column.name, list);
      seenRows.set(column.name, (seenRows.get(column.name) ?? 0) + profile.rows);
    }
  }
  const rows = sum(profiles, (profile) => profile.rows);
  const columns = [...parts].map(([name, list]) => mergeColumn(name, list, rows - (seenRows.get(name) ?? 0)));
  return { format: PROFILE_FORMAT, rows, columns };
}
