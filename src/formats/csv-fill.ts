/**
 * Cells → slots and evidence at once, for a column whose type is a guess. What the kernels find plain is read by
 * them; what they leave out is classified and read cell by cell.
 */
import type { ColumnType } from '../stats/column.ts';
import { CodeSink, type ValueSink } from './column-sink.ts';
import type { FillColumn } from './csv-batches.ts';
import { type CellBlock, fillCells } from './csv-cells.ts';
import type { CsvKernels } from './csv-kernels.ts';
import { type CsvSurvey, isFirst } from './csv-survey.ts';
import { cellEvidence, readsAs, SEEN } from './csv-types.ts';

/** Fills columns and surveys them. A column that no longer fits its sink is surveyed alone: its slots mean nothing. */
export function fillSurveying(survey: CsvSurvey, kernels: CsvKernels | null): FillColumn {
  return (cells, sink, at, block) => {
    const { column, buf } = cells;
    const first = isFirst(block);
    if (kernels?.holds(buf) !== true || sink instanceof CodeSink || !survey.fits(column, sink.type)) {
      survey.addCells(cells, first);
      if (survey.fits(column, sink.type)) fillCells(cells, sink, at);
      return;
    }
    const odd = isTime(sink.type) ? kernels.readTimes(cells) : kernels.readNumbers(cells, sink.type === 'int64');
    sink.values.set(kernels.values.subarray(0, cells.to - cells.from), at);
    const found = fillOdd(cells, kernels.oddRows.subarray(0, odd), { sink, at });
    // Where a text was met, the order of the cells matters to what is told, which the kernels do not keep.
    if ((found.seen & SEEN.text) !== 0) survey.addCells(cells, first);
    else survey.note(column, { ...found, seen: found.seen | kernels.seen });
  };
}

function isTime(type: ColumnType): boolean {
  return type === 'timestamp' || type === 'date';
}

/** Reads the rows that the kernels left out, counted from the block's first; returns their evidence. */
function fillOdd(cells: CellBlock, rows: Int32Array, { sink, at }: { sink: ValueSink; at: number }) {
  const { buf, index, column, from } = cells;
  const { starts, ends, width } = index;
  let seen = 0;
  let questions = 0;
  for (const row of rows) {
    const i = (from + row) * width + column;
    const start = starts[i]!;
    const end = ends[i]! < 0 ? ~ends[i]! : ends[i]!;
    const evidence = cellEvidence(buf, start, end);
    seen |= evidence;
    if (evidence === SEEN.question) questions++;
    if (evidence === 0 || !readsAs(evidence, sink.type)) sink.setNull(at + row);
    else fillCells({ ...cells, from: from + row, to: from + row + 1 }, sink, at + row);
  }
  return { seen, questions };
}
