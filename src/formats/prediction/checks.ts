/** What makes one record acceptable, beyond its shape: an id, an event time, and what it is about: a prediction or scores. */

import { CELL, type CellTable } from '../json/cells.ts';
import { isMissing, rawText } from '../json/columns.ts';
import type { RecordProblem } from '../json/record.ts';
import { decimalValue } from '../text/decimal.ts';
import { NOT_A_TIME, readTime, ZONED_TIME } from '../text/time-text.ts';
import { shown } from '../unreadable.ts';
import { SLOT } from './fields.ts';
import type { RecordOptions } from './record-types.ts';

export const MAX_ID_BYTES = 512;
/** Years 0001 to 9999, the range of RFC 3339. */
const FIRST_TIME = -62_135_596_800_000;
const LAST_TIME = 253_402_300_799_999;
const PER_UNIT = { s: 1000, ms: 1, us: 0.001 } as const;

export class RecordCheck {
  private readonly options: RecordOptions;
  private readonly names: readonly string[];
  private readonly time = new Float64Array(1);

  /** @param names of the columns by slot; more may come */
  constructor(options: RecordOptions, names: readonly string[]) {
    this.options = options;
    this.names = names;
  }

  /** The event time of the row checked last, in milliseconds; NaN when it has none. */
  get eventTime(): number {
    return this.time[0]!;
  }

  /** Checks the table's current row. */
  problemOf(buf: Buffer, cells: CellTable): RecordProblem | null {
    const base = cells.rows * cells.stride;
    return (
      idProblem(cells, base + SLOT.id) ??
      this.timeProblem(buf, cells, base + SLOT.timestamp) ??
      versionProblem(cells, base + SLOT.modelVersion) ??
      this.subjectProblem(cells, base)
    );
  }

  private timeProblem(buf: Buffer, cells: CellTable, i: number): RecordProblem | null {
    const kind = cells.kinds[i]!;
    const start = cells.starts[i]!;
    const end = cells.ends[i]!;
    if (kind === CELL.text) {
      const found = readTime(buf, start, end, this.time);
      return found === ZONED_TIME ? null : textTimeProblem(found, rawText(buf, cells, i));
    }
    if (kind === CELL.integer || kind === CELL.decimal) {
      return epochProblem(decimalValue(buf, start, end), this.options.epochUnit, this.time);
    }
    if (!isMissing(kind)) return wrong('timestamp', 'must be an RFC 3339 text or a number');
    this.time[0] = Number.NaN;
    return this.options.shape === 'label' ? null : missing('timestamp');
  }

  private subjectProblem(cells: CellTable, base: number): RecordProblem | null {
    const { shape } = this.options;
    const kind = cells.kinds[base + (shape === 'label' ? SLOT.label : SLOT.prediction)]!;
    if (kind === CELL.special) return notFinite(shape);
    if (!isMissing(kind)) return null;
    if (shape === 'label') return missing(shape);
    const scored = this.names.some((name, slot) => isScore(name) && NUMBERS.has(cells.kinds[base + slot]!));
    return scored ? null : NOTHING_SAID;
  }
}

const NUMBERS: ReadonlySet<number> = new Set([CELL.integer, CELL.decimal, CELL.bigInteger, CELL.hugeInteger]);

/** A ranking has scores and nothing else; so may have what decides by them. */
export const NOTHING_SAID: RecordProblem = {
  code: 'missing-field',
  field: 'prediction',
  detail: 'prediction is missing, and there is no score in its place',
};

export const isScore = (name: string): boolean => name === 'score' || name.startsWith('score.');

/** Reads a numeric timestamp of that unit into `out[0]`, in milliseconds. */
export function epochProblem(value: number, unit: RecordOptions['epochUnit'], out: Float64Array): RecordProblem | null {
  const detail = 'a numeric timestamp needs a declared unit: s, ms or us';
  if (unit === undefined) return { code: 'no-unit', field: 'timestamp', detail };
  out[0] = unit === 'us' ? value / 1000 : value * PER_UNIT[unit];
  if (out[0] >= FIRST_TIME && out[0] <= LAST_TIME) return null;
  return wrong('timestamp', `lies outside the years 1 to 9999 when read in ${unit}`);
}

/** Dates to a person. */
const NUMBERED = /^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}/;

/** What is wrong with a text that `readTime` found to be something else than a time with a zone. */
export function textTimeProblem(found: number, raw: string): RecordProblem {
  const text = shown(raw, 40);
  if (found === NOT_A_TIME) {
    const how = NUMBERED.test(raw) ? '; of CSV, ?dates=day-first or month-first reads dates of other writings' : '';
    return wrong('timestamp', `${text} is not an RFC 3339 time such as 2024-05-01T10:00:00Z${how}`);
  }
  return { code: 'no-zone', field: 'timestamp', detail: `${text} has no zone; end it with Z or an offset` };
}

function idProblem(cells: CellTable, i: number): RecordProblem | null {
  const kind = cells.kinds[i]!;
  if (kind === CELL.absent || kind === CELL.null) return missing('prediction_id');
  if (kind === CELL.decimal || kind === CELL.true || kind === CELL.false) {
    return wrong('prediction_id', 'must be a text or an integer');
  }
  const bytes = cells.ends[i]! - cells.starts[i]!;
  if (bytes > 0 && bytes <= MAX_ID_BYTES) return null;
  return wrong('prediction_id', `must have 1 to ${MAX_ID_BYTES} bytes`);
}

function versionProblem(cells: CellTable, i: number): RecordProblem | null {
  const kind = cells.kinds[i]!;
  const bad = kind === CELL.decimal || kind === CELL.true || kind === CELL.false;
  return bad ? wrong('model_version', 'must be a text or an integer') : null;
}

export function missing(field: string): RecordProblem {
  return { code: 'missing-field', field, detail: `${field} is missing` };
}

export function wrong(field: string, what: string): RecordProblem {
  return { code: 'invalid-value', field, detail: `${field} ${what}` };
}

/** JSON has no such numbers, and nothing can be judged by them. */
export function notFinite(field: string): RecordProblem {
  return wrong(field, 'is NaN or infinite; leave the cell empty and send the row without it');
}
