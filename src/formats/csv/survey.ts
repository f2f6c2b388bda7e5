/** The first pass over a text table: evidence per column, and what a person should be told about it. */
import type { ColumnType, Field } from '../../stats/column.ts';
import { settleType } from '../columns/asked-types.ts';
import type { AskedTypes, TableWarning } from '../table.ts';
import { checkEncoding } from '../text/text-encoding.ts';
import type { Layout, RowBlock } from './blocks.ts';
import type { CellBlock } from './cells.ts';
import { cellEvidence, columnTypeOf, isMixed, readsAs, SEEN } from './types.ts';

/** Throws `unreadable-data` at the first byte of the block that is no text. */
export function checkBlock({ buf, start, length, offset }: RowBlock): void {
  checkEncoding(buf.subarray(start, start + length), offset);
}

/** Per column: evidence bits, and how many cells hold only a question mark. */
export type CsvEvidence = {
  readonly evidence: Int32Array;
  readonly questions: Float64Array;
  /** The first plain text of each column that has one, by the column's place. */
  readonly texts: ReadonlyMap<number, string>;
};

/** Of a text that is told of, so many bytes are shown. */
const SHOWN = 40;

/** What people and spreadsheets put where there is no value, and what no reader takes for such unless it is said. */
const NO_VALUE = /^(?:[-–—.*]+|#?n\.?\/?a\.?|<na>|nat|nil|missing|unknown|#(?:null|div\/0|value|ref|num)!|#name\?)$/i;

function mixedText(text: string | undefined): string {
  const such = text === undefined ? '' : `, "${text}" among them`;
  const mend = NO_VALUE.test(text?.trim() ?? '') ? ` Say missing "${text?.trim()}" if it stands for no value.` : '';
  return `The column holds values of several types${such}, so all of it reads as text.${mend}`;
}

export class CsvSurvey {
  private readonly evidence: Int32Array;
  private readonly questions: Float64Array;
  private readonly texts = new Map<number, string>();

  constructor(width: number) {
    this.evidence = new Int32Array(width);
    this.questions = new Float64Array(width);
  }

  /** What was found so far. */
  found(): CsvEvidence {
    return { evidence: this.evidence, questions: this.questions, texts: this.texts };
  }

  /** Takes what was found in the rows that come next. As within a survey, nothing but text matters after text. */
  absorb({ evidence, questions, texts }: CsvEvidence): void {
    for (const [i, text] of texts) if (!this.texts.has(i)) this.texts.set(i, text);
    for (let i = 0; i < evidence.length; i++) {
      this.evidence[i]! |= (this.evidence[i]! & SEEN.text) === 0 ? evidence[i]! : evidence[i]! & SEEN.question;
      this.questions[i]! += questions[i]!;
    }
  }

  /** True once a plain text was among the cells. */
  isText(column: number): boolean {
    return (this.evidence[column]! & SEEN.text) !== 0;
  }

  /** True when all cells so far can be read as the type: as themselves, or as its absent values. */
  fits(column: number, type: ColumnType): boolean {
    return readsAs(this.evidence[column]!, type);
  }

  add(block: RowBlock): void {
    const { buf, index, from, writings } = block;
    checkBlock(block);
    for (let column = 0; column < index.width; column++) {
      const writing = writings?.[column] ?? null;
      this.addCells({ buf, index, column, from, to: index.rows, writing }, block.isFirst);
    }
  }

  /**
   * Takes some cells of a column. In the file's first block all cells count, so that a word above numbers is told;
   * later, what stands behind the first text does not, so that it does not matter where blocks end.
   */
  addCells(cells: CellBlock, first: boolean): void {
    // A column with one text in it is text, so from the next block on only question marks remain to be counted.
    if ((this.evidence[cells.column]! & SEEN.text) !== 0) this.countQuestions(cells);
    else this.classify(cells, first);
  }

  /** Takes the evidence of some cells that another reader has found, when no text was among them. */
  note(column: number, { seen, questions }: { readonly seen: number; readonly questions: number }): void {
    this.evidence[column]! |= seen;
    this.questions[column]! += questions;
  }

  typeOf(column: number): ColumnType {
    return columnTypeOf(this.evidence[column]!);
  }

  /** The columns as they are read. @throws TidemarkError `unreadable-data` for one that does not fit the type asked for. */
  fields(names: readonly string[], asked: AskedTypes | undefined): Field[] {
    return names.map((name, i) => {
      const found = { type: this.typeOf(i), fits: (type: ColumnType) => this.fits(i, type), text: this.texts.get(i) };
      return { name, type: settleType(name, found, asked) };
    });
  }

  /** @param writings how cells are written, by the column's place; null where all of them plainly */
  warnings(fields: readonly Field[], writings: Layout['writings']): TableWarning[] {
    const warnings: TableWarning[] = [];
    for (const [i, { name, type }] of fields.entries()) {
      const seen = this.evidence[i]!;
      if (this.questions[i]! > 0) {
        const detail = 'Cells that hold only a question mark read as absent.';
        warnings.push({ code: 'missing-marks', column: name, count: this.questions[i]!, detail });
      }
      const said = writings?.[i]?.said ?? null;
      if (said !== null && type !== 'date' && type !== 'timestamp' && seen !== 0) {
        warnings.push({ code: 'unread-dates', column: name, detail: this.whyUnread(i, said, type) });
      } else if (isMixed(seen)) {
        warnings.push({ code: 'mixed-types', column: name, detail: mixedText(this.texts.get(i)) });
      }
      if (type === 'float64' && (seen & SEEN.bigInteger) !== 0) {
        const detail = 'Integers beyond 2^53 stand among decimals and are rounded to the nearest double.';
        warnings.push({ code: 'rounded-integers', column: name, detail });
      }
      if (type === 'timestamp' && (seen & SEEN.localTime) !== 0) {
        warnings.push({ code: 'no-time-zone', column: name, detail: 'Times without a zone read as UTC.' });
      }
    }
    return warnings;
  }

  private whyUnread(column: number, said: string, type: ColumnType): string {
    const text = this.texts.get(column);
    const other = text === undefined ? 'Not all of its values are dates' : `"${text}" is no date`;
    return `${other} as "${said}" says that they are written, so all of the column reads as ${type}.`;
  }

  private classify({ buf, index, column, from, to, writing }: CellBlock, first: boolean): void {
    const { starts, ends, width } = index;
    let seen = this.evidence[column]!;
    let questions = 0;
    let row = from;
    for (; row < to && (first || (seen & SEEN.text) === 0); row++) {
      const i = row * width + column;
      const stop = ends[i]!;
      const found = cellEvidence(buf, starts[i]!, stop < 0 ? ~stop : stop, writing);
      if (found === SEEN.question) questions++;
      if (found === SEEN.text && !this.texts.has(column)) {
        this.texts.set(column, buf.toString('utf8', starts[i]!, Math.min(stop < 0 ? ~stop : stop, starts[i]! + SHOWN)));
      }
      seen |= found;
    }
    this.evidence[column] = seen;
    this.questions[column]! += questions;
    this.countQuestions({ buf, index, column, from: row, to, writing });
  }

  private countQuestions({ buf, index, column, from, to }: CellBlock): void {
    const { starts, ends, width } = index;
    let questions = 0;
    for (let i = from * width + column; i < to * width; i += width) {
      const start = starts[i]!;
      const stop = ends[i]!;
      if ((stop < 0 ? ~stop : stop) - start === 1 && buf[start] === 63) questions++;
    }
    this.questions[column]! += questions;
  }
}
