/** What makes the rows of a typed table acceptable: the twin, for whole columns, of `checks.ts`. */
import type { CategoryColumn, Column } from '../../stats/column.ts';
import { isPresent } from '../columns/column-conversion.ts';
import type { RecordProblem } from '../json/record.ts';
import { readTime, ZONED_TIME } from '../text/time-text.ts';
import {
  epochProblem,
  isScore,
  MAX_ID_BYTES,
  missing,
  NOTHING_SAID,
  notFinite,
  textTimeProblem,
  wrong,
} from './checks.ts';
import { SLOT } from './fields.ts';
import type { RecordOptions } from './record-types.ts';

type Columns = readonly (Column | undefined)[];

export class TableCheck {
  /** In milliseconds, row by row; NaN where a row has none, or none that can be read. */
  readonly eventTimes: Float64Array;
  private readonly options: RecordOptions;
  private readonly columns: Columns;
  private readonly rows: number;
  private readonly names: readonly string[];
  private readonly found = new Map<number, RecordProblem>();

  /** @param columns by slot, as the names are */
  constructor(
    options: RecordOptions,
    { columns, names }: { columns: Columns; names: readonly string[] },
    rows: number,
  ) {
    this.options = options;
    this.names = names;
    this.columns = columns;
    this.rows = rows;
    this.eventTimes = new Float64Array(rows).fill(Number.NaN);
  }

  /** The first problem of each row that has one. */
  problems(): ReadonlyMap<number, RecordProblem> {
    this.checkTexts();
    this.checkIds(this.columns[SLOT.id]);
    this.checkTimes(this.columns[SLOT.timestamp]);
    this.checkVersions(this.columns[SLOT.modelVersion]);
    this.checkSubjects();
    return this.found;
  }

  private note(row: number, problem: RecordProblem): void {
    if (!this.found.has(row)) this.found.set(row, problem);
  }

  /** Nothing that is stored may hold U+0000. */
  private checkTexts(): void {
    for (const column of this.columns) {
      if (column?.kind !== 'category' || !column.dictionary.some((text) => text.includes('\0'))) continue;
      eachText(column, (row, text) => {
        if (!text.includes('\0')) return;
        this.note(row, { code: 'invalid-text', detail: 'a text holds \\u0000, which cannot be stored' });
      });
    }
  }

  private checkIds(column: Column | undefined): void {
    for (let row = 0; row < this.rows; row++) {
      if (column === undefined || !isPresent(column, row)) this.note(row, missing('prediction_id'));
      else if (!isName(column)) this.note(row, wrong('prediction_id', 'must be a text or an integer'));
    }
    if (column?.type !== 'text') return;
    const isWrong = column.dictionary.map((id) => id === '' || tooLong(id));
    if (!isWrong.includes(true)) return;
    eachText(column, (row, _text, code) => {
      if (isWrong[code] === true) this.note(row, wrong('prediction_id', `must have 1 to ${MAX_ID_BYTES} bytes`));
    });
  }

  private checkTimes(column: Column | undefined): void {
    const out = new Float64Array(1);
    for (let row = 0; row < this.rows; row++) {
      if (column === undefined || !isPresent(column, row)) {
        if (this.options.shape === 'prediction') this.note(row, missing('timestamp'));
        continue;
      }
      const problem = this.timeProblem(column, row, out);
      if (problem === null) this.eventTimes[row] = out[0]!;
      else this.note(row, problem);
    }
  }

  private timeProblem(column: Column, row: number, out: Float64Array): RecordProblem | null {
    if (column.kind === 'number') return epochProblem(column.values[row]!, this.options.epochUnit, out);
    if (column.kind === 'time') {
      out[0] = column.values[row]!;
      // A day is no point in time: which one it is depends on the zone that nobody named.
      return column.type === 'timestamp' ? null : { code: 'no-zone', field: 'timestamp', detail: 'a date is no time' };
    }
    if (column.kind === 'vector' || column.type === 'boolean')
      return wrong('timestamp', 'must be an RFC 3339 text or a number');
    const text = column.dictionary[column.codes[row]!]!;
    const bytes = Buffer.from(text, 'utf8');
    const found = readTime(bytes, 0, bytes.length, out);
    return found === ZONED_TIME ? null : textTimeProblem(found, text);
  }

  private checkVersions(column: Column | undefined): void {
    if (column === undefined || isName(column)) return;
    for (let row = 0; row < this.rows; row++) {
      if (isPresent(column, row)) this.note(row, wrong('model_version', 'must be a text or an integer'));
    }
  }

  private checkSubjects(): void {
    const { shape } = this.options;
    const column = this.columns[shape === 'label' ? SLOT.label : SLOT.prediction];
    const scores = shape === 'label' ? [] : this.columns.filter((_, slot) => isScore(this.names[slot] ?? ''));
    const isScored = (row: number): boolean =>
      scores.some((score) => score?.kind === 'number' && isPresent(score, row) && Number.isFinite(score.values[row]!));
    for (let row = 0; row < this.rows; row++) {
      if (column === undefined || !isPresent(column, row)) {
        if (shape === 'label') this.note(row, missing(shape));
        else if (!isScored(row)) this.note(row, NOTHING_SAID);
      } else if (column.kind === 'number' && !Number.isFinite(column.values[row]!)) this.note(row, notFinite(shape));
    }
  }
}

const isName = ({ type }: Column): boolean => type === 'text' || type === 'int64';

/** A character has three bytes at most; half of a pair has two of its four. */
const tooLong = (text: string): boolean =>
  text.length * 3 > MAX_ID_BYTES && Buffer.byteLength(text, 'utf8') > MAX_ID_BYTES;

function eachText(column: CategoryColumn, take: (row: number, text: string, code: number) => void): void {
  for (let row = 0; row < column.length; row++) {
    const code = column.codes[row]!;
    if (code >= 0) take(row, column.dictionary[code]!, code);
  }
}
