/**
 * Cells → slots and evidence at once, for columns whose types are a guess. Texts and times that are plain are read by
 * the kernels, where the block lies in their memory.
 */
import { CodeSink, type ColumnSink, ValueSink } from '../columns/column-sink.ts';
import type { KernelDictionary } from '../text/kernel-dictionary.ts';
import type { Filling } from './batches.ts';
import type { RecordBlock } from './blocks.ts';
import { CELL } from './cells.ts';
import { fillFromCells, fillNumber, isMissing, respelled } from './columns.ts';
import type { JsonKernels } from './kernels.ts';
import type { JsonSurvey } from './survey.ts';

/** Rows of a batch that stays in a core's own cache, with the dictionaries of its texts. */
const ROWS = 8_192;

type Into<Sink> = { readonly slot: number; readonly sink: Sink; readonly at: number };

/** Fills columns and surveys them. A column that no longer fits its sink is surveyed alone: its slots mean nothing. */
export class SurveyingFill implements Filling {
  readonly rows = ROWS;
  readonly recycle = true;
  private readonly survey: JsonSurvey;
  private readonly kernels: JsonKernels | null;
  private readonly dictionaries: Map<number, KernelDictionary>;

  constructor(survey: JsonSurvey, kernels: JsonKernels | null) {
    this.survey = survey;
    this.kernels = kernels;
    this.dictionaries = new Map(kernels?.dictionaries);
  }

  startBatch(): void {
    for (const dictionary of this.dictionaries.values()) dictionary.startBatch();
  }

  fill(block: RecordBlock, slot: number, sink: ColumnSink, at: number): void {
    const { survey } = this;
    const kernels = this.kernels?.holds(block.buf) === true ? this.kernels : null;
    if (kernels !== null && sink instanceof ValueSink && this.fillValues(block, kernels, { slot, sink, at })) return;
    survey.addSlot(block, slot);
    const dictionary = this.dictionaries.get(slot);
    if (sink instanceof CodeSink && dictionary !== undefined) {
      if (kernels !== null && this.fillTexts(block, { kernels, dictionary }, { slot, sink, at })) return;
      this.giveUp(dictionary, slot, sink);
    }
    if (survey.fits(slot, sink.type)) fillFromCells({ ...block, slot }, sink, { at });
  }

  /** False when it did nothing, because the column holds something that is not plain. */
  private fillValues(block: RecordBlock, kernels: JsonKernels, into: Into<ValueSink>): boolean {
    const { type } = into.sink;
    if (type === 'timestamp' || type === 'date') return this.fillTimes(block, kernels, into);
    this.fillNumbers(block, kernels, into);
    return true;
  }

  private fillNumbers(block: RecordBlock, kernels: JsonKernels, { slot, sink, at }: Into<ValueSink>): void {
    const { buf, cells } = block;
    const odd = kernels.readNumbers({ slot, from: 0, to: cells.rows }, sink.type === 'int64');
    this.survey.addSlot(block, slot, kernels.seenKinds);
    if (!this.survey.fits(slot, sink.type)) return;
    sink.values.set(kernels.values.subarray(0, cells.rows), at);
    for (let k = 0; k < odd; k++) {
      const row = kernels.oddRows[k]!;
      fillNumber({ buf, cells, i: row * cells.stride + slot }, sink, at + row);
    }
  }

  private fillTimes({ cells }: RecordBlock, kernels: JsonKernels, { slot, sink, at }: Into<ValueSink>): boolean {
    const { survey } = this;
    if (survey.isText(slot)) return false;
    const count = kernels.readTimes({ slot, from: 0, to: cells.rows });
    const odd = kernels.oddRows.subarray(0, count);
    for (const row of odd) if (!isMissing(cells.kinds[row * cells.stride + slot]!)) return false;
    survey.note(slot, kernels.seenTimes);
    sink.values.set(kernels.values.subarray(0, cells.rows), at);
    for (const row of odd) sink.setNull(at + row);
    return true;
  }

  /** False when there was no room for a text. */
  private fillTexts(
    block: RecordBlock,
    { kernels, dictionary }: { readonly kernels: JsonKernels; readonly dictionary: KernelDictionary },
    { slot, sink, at }: Into<CodeSink>,
  ): boolean {
    const { buf, cells } = block;
    const to = cells.rows;
    sink.source = dictionary;
    for (let row = 0; row < to; row++) {
      const done = kernels.readTexts({ slot, from: row, to }, dictionary);
      sink.codes.set(kernels.codes.subarray(0, done - row), at + row);
      row = done;
      if (row === to) return true;
      const i = row * cells.stride + slot;
      const odd = cells.kinds[i] === CELL.escaped || cells.kinds[i] === CELL.numbers;
      const code = odd ? dictionary.codeOf(respelled({ buf, cells, i })) : -1;
      if (code < 0) return false;
      sink.codes[at + row] = code;
    }
    return true;
  }

  /** The kernels' dictionary has no more room, or no part in what comes: its codes stay, the sink's own goes on. */
  private giveUp(dictionary: KernelDictionary, slot: number, sink: CodeSink): void {
    dictionary.moveTo(sink.dictionary);
    sink.source = null;
    this.dictionaries.delete(slot);
  }
}
