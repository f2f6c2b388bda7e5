import { encodeArrow } from '../../../formats/arrow/writer.ts';
import { selectRows } from '../../../formats/columns/select-rows.ts';
import type {
  MisfitValue,
  ParsedRecords,
  RecordEncoding,
  RecordOptions,
  Violation,
} from '../../../formats/prediction/record-types.ts';
import { keptViolations, violationsMetadata, withoutRows } from '../../../formats/prediction/violated-rows.ts';
import type { ColumnType } from '../../../stats/column.ts';
import type { VersionRows } from '../../../store/log/version-rows.ts';
import { columnNamed } from '../read-batch.ts';
import { batchRepeats } from '../settle/batch-repeats.ts';
import type { LabelExpectation } from '../settle/typed-labels.ts';
import { eventTimeProblem } from './event-time.ts';
import { namedVersions } from './version-rows.ts';

/** Plain data: it crosses to the compute child as it is. */
export type PrepareOptions = {
  readonly kind: 'predictions' | 'labels';
  readonly encoding: RecordEncoding;
  readonly epochUnit: 's' | 'ms' | 'us' | null;
  /** How numbers and dates of CSV are written; null for plainly. */
  readonly csv: RecordOptions['csv'] | null;
  /** `[column, type]` of the training data, by the names of `record-types.ts`; null when nothing is expected. */
  readonly expected: readonly (readonly [string, ColumnType])[] | null;
  /** Columns that are nothing new although no type is expected of them, by the same names. */
  readonly known: readonly string[];
  /** What labels can be; null when nothing is expected of them. */
  readonly labels: LabelExpectation | null;
  /** Names of the versions that the model has; null when nothing is expected of them. */
  readonly versions: readonly string[] | null;
  readonly maxLineBytes: number;
  readonly maxRows: number;
  readonly maxCells: number;
  /** Refuse rows whose values do not have the expected types. */
  readonly strict: boolean;
  /** Keep the good rows beside bad ones. Otherwise bad ones refuse the batch, and only the first are listed. */
  readonly partial: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
};

export type Rejection = {
  readonly line: number;
  readonly field: string;
  readonly code: string;
  readonly detail: string;
  /** The row as it can be sent again; null where it was not asked for or there was too much to keep. */
  readonly raw: string | null;
};

/** Rows that are stored together as one object and one batch. */
export type PreparedPart = {
  readonly rows: number;
  /** Repeats within the part. */
  readonly duplicates: number;
  readonly conflicts: number;
  readonly violations: readonly Violation[];
  /** Which rows of predictions name which model version. */
  readonly versions: readonly VersionRows[];
  /** Of the event times, in whole milliseconds; null when there is none. */
  readonly minTime: number | null;
  readonly maxTime: number | null;
};

/** What is known of a body once all of it is read. `P` says where the bytes of a part's object are. */
export type Prepared<P> = {
  /** True when bad rows refuse the whole body: it has no parts. */
  readonly refused: boolean;
  readonly parts: readonly (PreparedPart & P)[];
  readonly rejected: readonly Rejection[];
  readonly rejectedTotal: number;
};

/** How many bad rows the refusal of a body lists. */
export const LISTED = 100;
/** How many are kept of one that has more. */
export const MOST_REFUSED = 50_000;

/** The options as the parsers take them. */
export function recordOptions(options: PrepareOptions): RecordOptions {
  return {
    shape: options.kind === 'predictions' ? 'prediction' : 'label',
    ...(options.epochUnit === null ? {} : { epochUnit: options.epochUnit }),
    ...(options.csv && { csv: options.csv }),
    ...(options.expected === null ? {} : { expected: new Map(options.expected) }),
    known: new Set(options.known),
    strict: options.strict,
    maxLineBytes: options.maxLineBytes,
    maxRows: options.maxRows,
    maxCells: options.maxCells,
  };
}

/** The rows among the parsed ones that can be kept, and why the others cannot. */
export function prepareRecords(
  parsed: ParsedRecords,
  options: Pick<PrepareOptions, 'kind' | 'now'>,
): { readonly part: PreparedPart; readonly encode: () => Uint8Array; readonly rejected: readonly Rejection[] } {
  const all = extremesOf(parsed.eventTimes);
  const { kept, unfit } = allGood(parsed, all, options.now) ? ALL : checkRows(parsed, options.now);
  const rejected = [...parsed.rejected.map(plain), ...unfit].sort((a, b) => a.line - b.line);
  const batch = kept === null ? parsed.batch : selectRows(parsed.batch, kept);
  const times =
    kept === null ? all : extremesOf(Float64Array.from(kept, (row) => parsed.eventTimes[row] ?? Number.NaN));
  const violations = kept === null ? parsed.violations : keptViolations(parsed.violations, kept);
  const part = {
    rows: batch.rows,
    ...batchRepeats(options.kind, parsed.fields, batch),
    violations: withoutRows(violations),
    versions:
      options.kind === 'predictions'
        ? namedVersions(columnNamed({ fields: parsed.fields, batch }, 'model_version'))
        : [],
    ...timeSpan(times),
  };
  const metadata = violationsMetadata(violations, batch.rows);
  return { part, encode: () => encodeArrow(parsed.fields, batch, metadata && { metadata }), rejected };
}

function plain(record: ParsedRecords['rejected'][number]): Rejection {
  return { line: record.line, field: record.field ?? '', code: record.code, detail: record.detail, raw: null };
}

/** `kept`: null when every row will do. */
type Checked = { readonly kept: Int32Array | null; readonly unfit: readonly Rejection[] };

const ALL: Checked = { kept: null, unfit: [] };

/** What holds for the first and the last event holds for those between. */
function allGood({ misfits }: ParsedRecords, { least, most }: Extremes, now: number): boolean {
  if (misfits.length > 0) return false;
  return least > most || (eventTimeProblem(least, now) === null && eventTimeProblem(most, now) === null);
}

function checkRows(parsed: ParsedRecords, now: number): Checked {
  const misfits = new Map(parsed.misfits.map((misfit) => [misfit.row, misfit]));
  const unfit: Rejection[] = [];
  const kept: number[] = [];
  parsed.eventTimes.forEach((time, row) => {
    const problem = eventTimeProblem(time, now);
    const misfit = misfits.get(row);
    const line = parsed.lines[row] ?? 0;
    if (problem !== null) unfit.push({ line, field: 'timestamp', ...problem, raw: null });
    else if (misfit !== undefined) unfit.push({ line, ...misfitProblem(misfit), raw: null });
    else kept.push(row);
  });
  return { kept: unfit.length === 0 ? null : Int32Array.from(kept), unfit };
}

/** Numbers and dates to a person. */
const WRITTEN = /^-?\d{1,4}[\d.,'/ -]*[,/.]\d+$/;

function misfitProblem({ column, expected, value }: MisfitValue): Pick<Rejection, 'field' | 'code' | 'detail'> {
  const field = column.replace(/^(feature|score|tag)(?=\.|$)/, '$1s');
  const unlike = (): string => {
    if (column === 'label') return 'which no label of the training data is';
    if (column === 'model_version') return 'which no version of the model is called';
    return `where the training data has the type ${expected}`;
  };
  const how = WRITTEN.test(value) ? '; of CSV, ?decimal= and ?dates= say how numbers and dates are written' : '';
  const detail = `${field} is "${value}", ${unlike()}; the model is strict${how}`;
  return { field, code: column === 'model_version' ? 'unknown-version' : 'wrong-type', detail };
}

/** The first and the last event time; infinite where there is none, which is told by NaN. */
type Extremes = { readonly least: number; readonly most: number };

function extremesOf(times: Float64Array): Extremes {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time < least) least = time;
    if (time > most) most = time;
  }
  return { least, most };
}

/** Cut to whole milliseconds, as event times are indexed. */
function timeSpan({ least, most }: Extremes): Pick<PreparedPart, 'minTime' | 'maxTime'> {
  return least > most ? { minTime: null, maxTime: null } : { minTime: Math.floor(least), maxTime: Math.floor(most) };
}
