import type { Knowledge } from '../domain/dataset/read.ts';
import { sayWritten } from '../domain/files/written-texts.ts';
import type { ColumnProfile, TimeCycles } from '../stats/profile.ts';
import { formatCount, formatShare } from './format.ts';

type TableSchema = Extract<Knowledge, { state: 'ready' }>['schema'];
type Hint = TableSchema['columns'][number]['hints'][number];

const HINTS: Readonly<Record<Hint, string>> = {
  key: 'a key: no value twice',
  constant: 'constant',
  'near-constant': 'nearly constant',
  codes: 'codes',
  'written-numbers': 'numbers to a person, read as text: write them like 1829.02',
  'written-dates': 'dates to a person, read as text: write them like 2025-12-31',
};
/** Of many rows their values are estimated: one or the other may be there twice. */
const LIKELY_KEY = 'likely a key: about as many values as rows';
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const PATTERNS = 2;
/** A pattern that few of the texts have says little. */
const LEAST_SHARE = 0.1;

/** What each column may be for, by its name: a table may have thousands. */
export function hintsByName({ columns }: TableSchema): ReadonlyMap<string, readonly Hint[]> {
  return new Map(columns.map(({ name, hints }) => [name, hints]));
}

const TYPED: ReadonlySet<string> = new Set(['parquet', 'arrow', 'json', 'ndjson']);

/** Whether it can be said how values are written: not where every file says itself what its values are. */
export const isSayable = (files: readonly { readonly format: string }[]): boolean =>
  files.some(({ format }) => !TYPED.has(format));

/**
 * What stands out in a column, in a few words each: what it may be for, how its texts are written, when its times are.
 * @param sayable whether it can be said how its values are written
 */
export function columnNotes(column: ColumnProfile, hints: readonly Hint[], sayable = true): string[] {
  return [
    ...kindsOf(column),
    ...hints.map((hint) => hintOf(column, hint, sayable)),
    ...patternsOf(column),
    ...cyclesOf(column),
    ...vectorsOf(column),
  ];
}

/** What would read values as the numbers or dates that they are is said where there is something. */
function hintOf(column: ColumnProfile, hint: Hint, sayable: boolean): string {
  if (hint === 'key' && column.distinct.error > 0) return LIKELY_KEY;
  if (hint !== 'written-numbers' && hint !== 'written-dates') return HINTS[hint];
  const what = hint === 'written-numbers' ? 'numbers' : 'dates';
  if (column.kind === 'number') {
    // Of all columns alike it cannot be said: any number might then be a date.
    const how = sayable ? `say dates "${column.name}=%Y%m%d"` : 'write them like 2025-12-31';
    return `dates to a person, read as numbers: ${how}`;
  }
  const mend = sayable && column.kind === 'category' ? sayWritten(column) : null;
  return mend === null ? HINTS[hint] : `${what} to a person, read as text: ${mend}`;
}

/** Files that disagree in the kind of a column make it text, which is seldom what was meant. */
function kindsOf({ kind, type, types }: ColumnProfile): string[] {
  if (kind !== 'category' || types.every((other) => other === type)) return [];
  return [`${types.join(', ')} in different files, so read as text`];
}

function patternsOf(column: ColumnProfile): string[] {
  const shapes = column.kind === 'category' ? column.shapes : null;
  if (shapes === null || shapes === undefined) return [];
  return shapes.patterns
    .slice(0, PATTERNS)
    .filter(({ pattern, count }) => pattern !== '' && count >= LEAST_SHARE * shapes.rows)
    .map(({ pattern, count }) => `${readable(pattern)} ${formatShare(count / shapes.rows)}`);
}

/** A digit alone, of which a pattern says that it is one, is a nine. */
const readable = (pattern: string): string => pattern.replaceAll('9{1}', '9');

function vectorsOf(column: ColumnProfile): string[] {
  if (column.kind !== 'vector') return [];
  const { zeros, nan, infinite } = column;
  const counted = (
    [
      [zeros, zeros === 1 ? 'zero vector' : 'zero vectors'],
      [nan, 'with NaN'],
      [infinite, 'with infinities'],
    ] as const
  ).filter(([count]) => count > 0);
  return ['min, mean and max are of the norm', ...counted.map(([count, what]) => `${formatCount(count)} ${what}`)];
}

function cyclesOf(column: ColumnProfile): string[] {
  const cycles = column.kind === 'time' ? column.cycles : null;
  return cycles === null || cycles === undefined ? [] : [daysOf(cycles), hoursOf(cycles)].filter((part) => part !== '');
}

/** The days that there are none of, which an even spread would have; else the day that has most. */
function daysOf({ weekdays }: TimeCycles): string {
  const total = weekdays.reduce((sum, count) => sum + count, 0);
  const none = WEEKDAYS.filter((_, day) => weekdays[day] === 0);
  if (total >= 50 && none.length > 0 && none.length < WEEKDAYS.length - 1) return `none on ${none.join(', ')}`;
  const most = Math.max(...weekdays);
  return `most on ${WEEKDAYS[weekdays.indexOf(most)]} (${formatShare(most / Math.max(1, total))})`;
}

function hoursOf({ hours }: TimeCycles): string {
  if (hours === null) return '';
  const total = hours.reduce((sum, count) => sum + count, 0);
  const most = Math.max(...hours);
  return `most at ${String(hours.indexOf(most)).padStart(2, '0')} h UTC (${formatShare(most / Math.max(1, total))})`;
}
