import { concatenate } from '../../formats/columns/concatenate-columns.ts';
import { type CategoryColumn, type Column, isValid, type NumberColumn, type TimeColumn } from '../../stats/column.ts';
import { asCategories } from '../../stats/verdict/samples.ts';

export type SegmentSides<T = Column> = { readonly reference: T; readonly current: T };

/** What tells segments apart: a text of each row, null for rows without a value. */
export type SegmentValues = SegmentSides<CategoryColumn> & {
  /** The texts in an order of their own, where they have one: that of ranges and of time. */
  readonly order: readonly string[] | null;
};

/** Ranges of a column with more different numbers than segments are judged. */
const RANGES = 10;

/**
 * A value of each row to tell segments by. Numbers of which there are more than `most` are told by the tenth of the
 * reference that they lie in; times by themselves, or by the day, month or year, whichever makes no more than that.
 */
export function segmentValues({ reference, current }: SegmentSides, most: number): SegmentValues {
  if (reference.kind === 'number' && current.kind === 'number') return ofNumbers({ reference, current }, most);
  if (reference.kind === 'time' && current.kind === 'time') return ofTimes({ reference, current }, most);
  return { reference: textsOf(reference), current: textsOf(current), order: null };
}

function textsOf(column: Column): CategoryColumn {
  if (column.kind === 'category') return column;
  if (column.kind === 'number') return asCategories(column);
  // A column made as text is one.
  return concatenate([{ rows: column.length, column }], 'text') as CategoryColumn;
}

function ofNumbers(sides: SegmentSides<NumberColumn>, most: number): SegmentValues {
  const plain = { reference: asCategories(sides.reference), current: asCategories(sides.current) };
  const different = new Set([...plain.reference.dictionary, ...plain.current.dictionary]);
  if (different.size <= most) return { ...plain, order: null };
  const edges = tenthsOf(sides.reference) ?? tenthsOf(sides.current) ?? [];
  const dictionary = Array.from({ length: edges.length + 1 }, (_, i) => rangeText(edges[i - 1], edges[i]));
  const inRanges = (column: NumberColumn): CategoryColumn =>
    coded(column, dictionary, (value) => (Number.isNaN(value) ? -1 : edges.filter((edge) => edge <= value).length));
  return { reference: inRanges(sides.reference), current: inRanges(sides.current), order: dictionary };
}

/** Lower ends of the ranges but the first; null without values. */
function tenthsOf({ values, valid, length }: NumberColumn): number[] | null {
  const used = values.subarray(0, length).filter((value, i) => isValid(valid, i) && !Number.isNaN(value));
  if (used.length === 0) return null;
  const sorted = used.sort();
  const edges = new Set<number>();
  for (let k = 1; k < RANGES; k++) {
    const edge = sorted[Math.floor((k * sorted.length) / RANGES)];
    if (edge !== undefined && edge > (sorted[0] ?? edge)) edges.add(edge);
  }
  return [...edges];
}

function rangeText(lower: number | undefined, upper: number | undefined): string {
  const told = (edge: number): string => String(Number(edge.toPrecision(6)));
  if (lower === undefined) return upper === undefined ? 'any number' : `below ${told(upper)}`;
  return upper === undefined ? `from ${told(lower)}` : `from ${told(lower)} to below ${told(upper)}`;
}

/** Characters of a point in time that tell it, the day, the month and the year. */
const PRECISIONS = [24, 10, 7, 4] as const;

function ofTimes(sides: SegmentSides<TimeColumn>, most: number): SegmentValues {
  for (const characters of PRECISIONS) {
    const texts = [sides.reference, sides.current].map((column) => timesIn(column, characters));
    const different = [...new Set(texts.flatMap(({ dictionary }) => dictionary))];
    const [reference, current] = texts;
    if (reference === undefined || current === undefined) break;
    if (different.length <= most || characters === 4) return { reference, current, order: different.sort() };
  }
  throw new Error('two sides give two columns');
}

/** As ISO 8601 writes them, as far as that is needed; beyond the years of a calendar there is none. */
function timesIn(column: TimeColumn, characters: number): CategoryColumn {
  const dictionary: string[] = [];
  const known = new Map<string, number>();
  return coded(column, dictionary, (value) => {
    const time = new Date(value);
    if (Number.isNaN(time.getTime())) return -1;
    const text = textOf(time, characters, column.type);
    const code = known.get(text) ?? dictionary.length;
    if (code === dictionary.length) dictionary.push(text);
    known.set(text, code);
    return code;
  });
}

function textOf(time: Date, characters: number, type: TimeColumn['type']): string {
  const iso = time.toISOString();
  // Years beyond four digits begin with a sign and two more.
  const longer = iso.length - 24;
  return iso.slice(0, longer + (type === 'date' ? Math.min(characters, 10) : characters));
}

function coded(
  { values, valid, length }: NumberColumn | TimeColumn,
  dictionary: readonly string[],
  codeOf: (value: number) => number,
): CategoryColumn {
  const codes = Int32Array.from({ length }, (_, i) => (isValid(valid, i) ? codeOf(values[i] ?? Number.NaN) : -1));
  return { kind: 'category', type: 'text', length, codes, dictionary };
}
