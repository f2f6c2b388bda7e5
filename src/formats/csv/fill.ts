/**
 * Cells → slots and evidence at once, for columns whose types are a guess. What the kernels find plain is read by
 * them; what they leave out is classified and read cell by cell.
 */
import type { ColumnType } from '../../stats/column.ts';
import { CodeSink, type ColumnSink, ValueSink } from '../columns/column-sink.ts';
import type { KernelDictionary } from '../text/kernel-dictionary.ts';
import type { Filling } from './batches.ts';
import type { RowBlock } from './blocks.ts';
import { type CellWriting, mayBeNumber } from './cell-writing.ts';
import { type CellBlock, fillCells } from './cells.ts';
import type { CsvKernels } from './kernels.ts';
import type { CsvSurvey } from './survey.ts';
import { cellEvidence, readsAs, SEEN } from './types.ts';

/** Rows of a batch that stays in a core's own cache, with the dictionaries of its texts. */
const ROWS = 8_192;

/** Fills columns and surveys them. A column that no longer fits its sink is surveyed alone: its slots mean nothing. */
export class SurveyingFill implements Filling {
  readonly rows = ROWS;
  readonly recycle = true;
  private readonly survey: CsvSurvey;
  private readonly kernels: CsvKernels | null;
  private readonly dictionaries: Map<number, KernelDictionary>;

  constructor(survey: CsvSurvey, kernels: CsvKernels | null) {
    this.survey = survey;
    this.kernels = kernels;
    this.dictionaries = new Map(kernels?.dictionaries);
  }

  startBatch(): void {
    for (const dictionary of this.dictionaries.values()) dictionary.startBatch();
  }

  fill(cells: CellBlock, sink: ColumnSink, at: number, block: RowBlock): void {
    const { survey, kernels } = this;
    const { column, buf } = cells;
    const first = block.isFirst;
    const dictionary = this.dictionaries.get(column);
    if (kernels?.holds(buf) === true) {
      if (sink instanceof CodeSink && dictionary !== undefined && !namesMissing(cells.writing)) {
        this.fillTexts(cells, { sink, at, first, kernels, dictionary });
        return;
      }
      if (sink instanceof ValueSink && isPlain(cells.writing, sink.type) && survey.fits(column, sink.type)) {
        this.fillValues(cells, { sink, at, first, kernels });
        return;
      }
    }
    if (sink instanceof CodeSink && dictionary !== undefined) this.giveUp(dictionary, column, sink);
    survey.addCells(cells, first);
    if (survey.fits(column, sink.type)) fillCells(cells, sink, at);
  }

  private fillValues(cells: CellBlock, { sink, at, first, kernels }: ValuesInto): void {
    const isTime = isTimeType(sink.type);
    const odd = isTime ? kernels.readTimes(cells) : kernels.readNumbers(cells, sink.type === 'int64');
    const seen = isTime ? kernels.seenTimes : kernels.seenNumbers;
    const rows = cells.to - cells.from;
    sink.values.set(kernels.values.subarray(0, rows), at);
    sink.setNulls(isTime ? kernels.rowsWithoutTime(rows) : kernels.rowsWithoutNumber(rows), at);
    const found = fillOdd(cells, kernels.oddRows.subarray(0, odd), { sink, at });
    // Where a text was met, the order of the cells matters to what is told, which the kernels do not keep.
    if ((found.seen & SEEN.text) !== 0) this.survey.addCells(cells, first);
    else this.survey.note(cells.column, { ...found, seen: found.seen | seen });
  }

  private fillTexts(cells: CellBlock, { sink, at, first, kernels, dictionary }: TextsInto): void {
    const { column, from, to } = cells;
    // Until a text has been seen, the cells are looked at for what else they may be, question marks among it.
    const known = this.survey.isText(column);
    if (!known) this.survey.addCells(cells, first);
    sink.source = dictionary;
    let questions = 0;
    for (let row = from; row < to; ) {
      const done = kernels.readTexts({ ...cells, from: row }, dictionary);
      questions += kernels.questions;
      sink.codes.set(kernels.codes.subarray(0, done - row), at + row - from);
      row = done;
      if (row === to) break;
      const code = dictionary.quotedCode(cells, row);
      if (code < 0) {
        const rest = { ...cells, from: row };
        if (known) this.survey.addCells(rest, first);
        this.giveUp(dictionary, column, sink);
        fillCells(rest, sink, at + row - from);
        break;
      }
      sink.codes[at + row - from] = code;
      row++;
    }
    if (known) this.survey.note(column, { seen: 0, questions });
  }

  /** The kernels' dictionary has no more room, or no part in what comes: its codes stay, the sink's own goes on. */
  private giveUp(dictionary: KernelDictionary, column: number, sink: CodeSink): void {
    dictionary.moveTo(sink.dictionary);
    sink.source = null;
    this.dictionaries.delete(column);
  }
}

type ValuesInto = {
  readonly sink: ValueSink;
  readonly at: number;
  readonly first: boolean;
  readonly kernels: CsvKernels;
};
type TextsInto = Omit<ValuesInto, 'sink'> & { readonly sink: CodeSink; readonly dictionary: KernelDictionary };

/** The kernels know of a point before decimals alone, and of dates as ISO 8601 has them. */
function isPlain(writing: CellWriting | null, type: ColumnType): boolean {
  if (writing === null) return true;
  if (namesMissing(writing)) return false;
  if (isTimeType(type)) return writing.dates === null;
  return writing.marks === null && (writing.dates === null || !mayBeNumber(writing.dates));
}

/** Whether it says which words stand for no value, of which the kernels know nothing. */
const namesMissing = (writing: CellWriting | null): boolean => writing !== null && writing.missing.length > 0;

function isTimeType(type: ColumnType): boolean {
  return type === 'timestamp' || type === 'date';
}

/** Reads the rows that the kernels left out, counted from the block's first; returns their evidence. */
function fillOdd(cells: CellBlock, rows: Int32Array, { sink, at }: { sink: ValueSink; at: number }) {
  const { buf, index, column, from, writing } = cells;
  const { starts, ends, width } = index;
  let seen = 0;
  let questions = 0;
  for (const row of rows) {
    const i = (from + row) * width + column;
    const start = starts[i]!;
    const end = ends[i]! < 0 ? ~ends[i]! : ends[i]!;
    const evidence = cellEvidence(buf, start, end, writing);
    seen |= evidence;
    if (evidence === SEEN.question) questions++;
    if (evidence === 0 || !readsAs(evidence, sink.type)) sink.setNull(at + row);
    else fillCells({ ...cells, from: from + row, to: from + row + 1 }, sink, at + row);
  }
  return { seen, questions };
}
