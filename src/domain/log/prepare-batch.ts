import { encodeArrow } from '../../formats/arrow-writer.ts';
import { parseRecords } from '../../formats/prediction-rows.ts';
import type { ParsedRecords, RecordEncoding, Violation } from '../../formats/record-types.ts';
import type { ColumnType } from '../../stats/column.ts';
import { batchRepeats } from './batch-repeats.ts';
import { type EventTimeProblem, eventTimeProblem } from './event-time.ts';
import { rawRecords } from './raw-records.ts';
import { selectRows } from './select-rows.ts';

/** Plain data: it crosses to the compute child as it is. */
export type PrepareOptions = {
  readonly kind: 'predictions' | 'labels';
  readonly encoding: RecordEncoding;
  readonly epochUnit: 's' | 'ms' | 'us' | null;
  /** `[column, type]` of the training data, by the names of `record-types.ts`; null when nothing is expected. */
  readonly expected: readonly (readonly [string, ColumnType])[] | null;
  readonly maxLineBytes: number;
  readonly maxRows: number;
  readonly maxCells: number;
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
  /** The row as it was sent; null where it was not asked for or there was too much to keep. */
  readonly raw: string | null;
};

export type PreparedBatch = {
  /** True when bad rows refuse the whole batch: it has no rows and no object. */
  readonly refused: boolean;
  /** Rows of the object. */
  readonly rows: number;
  readonly rejected: readonly Rejection[];
  readonly rejectedTotal: number;
  /** Repeats within the batch. */
  readonly duplicates: number;
  readonly conflicts: number;
  readonly violations: readonly Violation[];
  /** Of the event times, in whole milliseconds; null when there is none. */
  readonly minTime: number | null;
  readonly maxTime: number | null;
  /** The object's bytes: an Arrow IPC stream. Null in a batch that is refused. */
  readonly arrow: Uint8Array | null;
};

/** How many bad rows a refused batch lists. */
const LISTED = 100;

/**
 * Turns a body into what is stored of it. Pure: the same body, options and time give the same bytes.
 * @throws TidemarkError `too-large` past a limit, `invalid-body` when a JSON list is broken as such.
 */
export function prepareBatch(bytes: Uint8Array, options: PrepareOptions): PreparedBatch {
  const parsed = parseRecords(bytes, options.encoding, {
    shape: options.kind === 'predictions' ? 'prediction' : 'label',
    ...(options.epochUnit === null ? {} : { epochUnit: options.epochUnit }),
    ...(options.expected === null ? {} : { expected: new Map(options.expected) }),
    maxLineBytes: options.maxLineBytes,
    maxRows: options.maxRows,
    maxCells: options.maxCells,
  });
  const { kept, misdated } = checkTimes(parsed, options.now);
  const rejected = [...parsed.rejected.map(plain), ...misdated].sort((a, b) => a.line - b.line);
  const refused = rejected.length > 0 && !options.partial;
  const batch = kept === null ? parsed.batch : selectRows(parsed.batch, kept);
  const repeats = batchRepeats(options.kind, parsed.fields, batch);
  const listed = refused ? rejected.slice(0, LISTED) : rejected;
  return {
    refused,
    rows: refused ? 0 : batch.rows,
    rejected: refused ? listed : withRaw(listed, bytes, options),
    rejectedTotal: rejected.length,
    ...repeats,
    violations: parsed.violations,
    ...timeSpan(parsed.eventTimes, kept),
    arrow: refused ? null : encodeArrow(parsed.fields, batch),
  };
}

function plain(record: ParsedRecords['rejected'][number]): Rejection {
  return { line: record.line, field: record.field ?? '', code: record.code, detail: record.detail, raw: null };
}

function withRaw(rejected: readonly Rejection[], bytes: Uint8Array, options: PrepareOptions): Rejection[] {
  if (rejected.length === 0) return [];
  const raw = rawRecords(bytes, options, new Set(rejected.map(({ line }) => line)));
  return rejected.map((rejection) => ({ ...rejection, raw: raw.get(rejection.line) ?? null }));
}

/** `kept` is null when every event time will do. */
function checkTimes(parsed: ParsedRecords, now: number): { kept: Int32Array | null; misdated: Rejection[] } {
  const misdated: Rejection[] = [];
  const kept: number[] = [];
  parsed.eventTimes.forEach((time, row) => {
    const problem = eventTimeProblem(time, now);
    if (problem === null) kept.push(row);
    else misdated.push(misdatedRow(parsed.lines[row] ?? 0, problem));
  });
  return { kept: misdated.length === 0 ? null : Int32Array.from(kept), misdated };
}

function misdatedRow(line: number, problem: EventTimeProblem): Rejection {
  return { line, field: 'timestamp', ...problem, raw: null };
}

/** Cut to whole milliseconds, as event times are indexed. */
function timeSpan(times: Float64Array, kept: Int32Array | null): { minTime: number | null; maxTime: number | null } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  const take = (time: number): void => {
    if (time < least) least = time;
    if (time > most) most = time;
  };
  if (kept === null) times.forEach(take);
  else for (const row of kept) take(times[row] ?? Number.NaN);
  return Number.isFinite(least)
    ? { minTime: Math.floor(least), maxTime: Math.floor(most) }
    : { minTime: null, maxTime: null };
}
