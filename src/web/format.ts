import type { TableComparison } from '../../schemas/wire/compare.ts';
import type { ComputationProgress } from '../../schemas/wire/computations.ts';
import type { ColumnProfile } from '../stats/profile.ts';
import type { SliceCondition } from '../stats/table/slice-columns.ts';
import type { NeededView } from './report-body.ts';

/** Numbers, sizes and times as people read them. Every function takes what it needs: no clock in here. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

export function formatBytes(size: number): string {
  const unit = size < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(size) / 3));
  const value = size / 1000 ** unit;
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${UNITS[unit]}`;
}

/** Thousands apart by a narrow space: `1 234 567`. */
export function formatCount(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** A statistic to four significant digits; very small ones as a power of ten. */
export function formatNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4)
    return value
      .toExponential(1)
      .replace('e-', ' × 10^−')
      .replace(/\^−(\d+)/, (_, digits) => `⁻${superscript(digits)}`);
  if (size >= 1e6 || Number.isInteger(value)) return size >= 1e9 ? value.toExponential(2) : formatCount(value);
  return String(Number(value.toPrecision(4)));
}

/** A p- or q-value. Zero is one that is too small for a double: no evidence is certainty. */
export const formatP = (value: number | null | undefined): string => (value === 0 ? '< 10⁻³⁰⁰' : formatNumber(value));

/** What lies between two bounds; one number where they look alike. */
export function formatRange(
  lower: number | null,
  upper: number | null,
  format: (value: number | null) => string,
): string {
  const [from, to] = [format(lower), format(upper)];
  return from === to ? from : `${from} to ${to}`;
}

function superscript(digits: string): string {
  return digits.replace(/\d/g, (digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt(Number(digit)));
}

export function formatShare(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const percent = value * 100;
  if (percent === 0) return '0 %';
  return `${percent > 0 && percent < 0.1 ? '< 0.1' : percent.toFixed(percent < 10 ? 1 : 0)} %`;
}

/** `2026-11-24`, and the time of day unless it is midnight (UTC). */
export function formatTime(time: Date | string): string {
  const text = (typeof time === 'string' ? new Date(time) : time).toISOString();
  return text.slice(11, 16) === '00:00' ? text.slice(0, 10) : `${text.slice(0, 10)} ${text.slice(11, 16)}`;
}

/** A point in time from its milliseconds; beyond the years that a calendar writes it stays a number. */
export function formatInstant(milliseconds: number | null): string {
  if (milliseconds === null) return '–';
  return Math.abs(milliseconds) > 8.64e15 ? formatNumber(milliseconds) : formatTime(new Date(Math.floor(milliseconds)));
}

/** A value of a column as people read it: a time as such, a double without what arithmetic left: 0.055241999999999996 is 0.055242. */
export function formatValue(kind: ColumnProfile['kind'], value: string | number): string {
  if (kind === 'time') return formatInstant(Number(value));
  // It has sixteen digits, of which the last say nothing.
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(9))) : String(value);
}

const STEPS: readonly (readonly [number, string])[] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1000, 'second'],
];

/** `3 hours ago`. */
export function formatAge(time: Date, now: Date): string {
  const past = Math.max(0, now.getTime() - time.getTime());
  for (const [size, name] of STEPS) {
    const count = Math.floor(past / size);
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}

/** `28 days`, `1 hour`: a length of time in its largest whole unit. */
export function formatDuration(seconds: number): string {
  for (const [size, name] of STEPS) {
    const count = (seconds * 1000) / size;
    if (Number.isInteger(count) && count >= 1) return `${formatCount(count)} ${name}${count === 1 ? '' : 's'}`;
  }
  return `${formatNumber(seconds)} seconds`;
}

/** The first digits of an oid, enough to tell versions apart. */
export function shortOid(oid: string): string {
  return oid.endsWith('.dir') ? `${oid.slice(0, 8)}….dir` : oid.slice(0, 8);
}

/** A condition as people say it: `age from 45 to below 60`, `country is "de"`, `income is missing`. */
export function conditionText({ column, kind, lower, upper, value }: SliceCondition): string {
  if (kind === 'missing') return `${column} is missing`;
  if (kind === 'value') return `${column} is "${value}"`;
  if (lower === null) return `${column} below ${formatNumber(upper)}`;
  return upper === null
    ? `${column} from ${formatNumber(lower)}`
    : `${column} from ${formatNumber(lower)} to below ${formatNumber(upper)}`;
}

/** What `no drift` does not say where rows are few, with two digits, as rough as the sizes are. */
export function neededText({ columns, reference, window }: NeededView, current: string): string {
  const about = (size: number): string => `about ${formatCount(Number(size.toPrecision(2)))}`;
  const which = columns === 1 ? 'one column' : `${formatCount(columns)} columns`;
  return `In ${which} a change as small as its limit would pass for chance; with ${about(reference)} values of the reference and ${about(window)} of the ${current} none would.`;
}

/** How limits were found out. */
export function calibrationText({ false_alarms, resamples, tail }: CalibrationView): string {
  const how = tail === 'extrapolated' ? `extrapolated from ${resamples} samples` : `by ${resamples} samples`;
  return `Limits at which ${formatNumber(100 * false_alarms)} % of healthy tables alarm, ${how} of the reference:`;
}

type CalibrationView = {
  readonly false_alarms: number;
  readonly resamples: number;
  readonly tail?: string | undefined;
};

/** What another tool says of the table as a whole, and by which rule. */
export function toolVerdict({ drift, reason, rule }: NonNullable<TableComparison['as']>): string {
  if (drift === null) return reason == null ? rule : `undecided: ${reason} (${rule})`;
  return `${drift ? 'drift' : 'no drift'}: ${rule}`;
}

/** What was not judged of the segments; nothing where all were. */
export function leftOutText(left: TableComparison['segments_left_out']): string[] {
  if (left === undefined || left.values === 0) return [];
  const { values, examples, rows } = left;
  const named = examples.map((value) => value ?? '(none)').join(', ') + (values > examples.length ? ', …' : '');
  const which = values === 1 ? 'One more segment is' : `${formatCount(values)} more segments are`;
  return [
    `${which} not judged, with ${formatCount(rows.reference)} rows of the reference and ${formatCount(rows.current)} of the current table: ${named}.`,
  ];
}

/** In which columns the drift of a slice is, and whether in how they go together. */
export const sliceShares = (
  columns: readonly { readonly name: string; readonly share: number }[],
  wholeRows: number | undefined,
): string[] => [
  ...columns.map(({ name, share }) => `${name} ${formatShare(share)}`),
  ...(wholeRows === undefined || wholeRows === 0 ? [] : [`how columns go together ${formatShare(wholeRows)}`]),
];

/** What is said where no slice was found. */
export const NOTHING_TO_EXPLAIN = 'No column drifted, so there is no drift to explain.';
export const NO_SLICE =
  'No group of rows carries it: the drift is everywhere alike, or in nothing that the other columns could name.';

/** How far something is: `reading 1,200 of 4,000 rows`. */
export function progressText({ phase, done, of, unit, rows }: ComputationProgress): string {
  const number = unit === 'bytes' ? formatBytes : formatCount;
  const so = of === null ? number(done) : `${number(done)} of ${number(of)}`;
  const within = rows === undefined ? '' : `, ${formatCount(rows)} rows`;
  return `${phase} ${so}${unit === 'bytes' ? '' : ` ${unit}`}${within}`;
}
