/**
 * Delimited text in one pass, in ranges that can be read apart and at once. Types are guessed from a sample; the
 * reading itself finds out whether every cell fits, and a column whose whole says otherwise is read again as what
 * it is. The answer is that of `openCsv`, which reads everything twice and in order.
 */
import type { ColumnBatch, Field } from '../../stats/column.ts';
import { connects, lineRanges, rangeCount } from '../byte-ranges.ts';
import { type ByteSpan, byteSource, bytesFrom, EVERYTHING, plainBytes } from '../byte-source.ts';
import { fieldsAsAsked } from '../columns/asked-types.ts';
import type { AskedTypes, CsvOptions, TableLimits } from '../table.ts';
import type { RangePlan, RangeReading, Settled } from '../table-ranges.ts';
import { csvBatches, type WantedColumn } from './batches.ts';
import { type Layout, type RowBlock, rowBlocks } from './blocks.ts';
import { SurveyingFill } from './fill.ts';
import { guessTypes } from './guess.ts';
import { csvKernels, releaseCsvKernels } from './kernels.ts';
import { layoutOf } from './layout.ts';
import { checkRagged, raggedWarning } from './ragged.ts';
import { CsvScanner } from './scan.ts';
import { type CsvEvidence, CsvSurvey, checkBlock } from './survey.ts';

/** How a text table is read in ranges; plain data. */
export type CsvPlan = RangePlan & {
  readonly kind: 'csv';
  readonly layout: Omit<Layout, 'source'>;
  readonly asked?: AskedTypes | undefined;
};

/** What one range holds besides its columns; plain data. */
export type CsvOutcome = CsvEvidence & {
  readonly kind: 'csv';
  /** Rows with the header among them. */
  readonly rows: number;
  readonly ragged: number;
  readonly firstRagged: number;
  /** The byte behind the last row. */
  readonly end: number;
};

type CsvFile = {
  readonly path: string;
  readonly format: 'csv' | 'tsv';
  readonly options: CsvOptions;
  readonly limits: TableLimits;
  readonly asked?: AskedTypes | undefined;
};

/** Plans the reading; the guess is in `fields`. Throws `unreadable-data`. */
export async function planCsv({ path, format, options, limits, asked }: CsvFile): Promise<CsvPlan> {
  const source = byteSource(path, limits.inflatedBytes);
  const whole = await layoutOf({ source, format, options, limits });
  const plain = source.compression === 'none';
  const types = await guessTypes(whole, plain ? path : null);
  const { source: _, ...layout } = whole;
  const guessed = layout.header.names.map((name, i): Field => ({ name, type: types[i]! }));
  const fields = fieldsAsAsked(guessed, asked);
  const ranges = plain ? lineRanges(path, source.size, rangeCount(source.size, fields.length)) : [EVERYTHING];
  return { kind: 'csv', path, format, fields, ranges, bytes: plainBytes(source), layout, asked };
}

/** Reads the wanted columns of one range. Throws `unreadable-data`, with places counted from the range's start. */
export function readCsvRange(
  plan: CsvPlan,
  span: ByteSpan,
  wanted: readonly number[],
  kernels = csvKernels(plan.fields),
): RangeReading<CsvOutcome> {
  const { path } = plan;
  const { limits, dialect } = plan.layout;
  const source = span.start === 0 ? byteSource(path, limits.inflatedBytes) : bytesFrom(path, span.start);
  const scanner = new CsvScanner(dialect, limits, kernels);
  const survey = new CsvSurvey(plan.fields.length);
  let end = span.start;
  const surveyed = async function* (): AsyncGenerator<RowBlock> {
    for await (const block of rowBlocks({ ...plan.layout, source }, scanner, span)) {
      checkBlock(block);
      end = block.offset + block.length;
      yield block;
    }
  };
  const released = async function* (batches: AsyncGenerator<ColumnBatch>): AsyncGenerator<ColumnBatch> {
    yield* batches;
    if (kernels !== null) releaseCsvKernels(kernels, plan.fields);
  };
  const columns = wanted.map((position): WantedColumn => ({ position, type: plan.fields[position]!.type }));
  return {
    batches: () => released(csvBatches(surveyed(), columns, new SurveyingFill(survey, kernels))),
    outcome: () => {
      const { rows, ragged, firstRagged } = scanner;
      return { kind: 'csv', rows, ragged, firstRagged, end, ...survey.found() };
    },
  };
}

/** What a range says of columns that were read apart: each reading has evidence of its own columns alone. */
export function joinCsvOutcomes(one: CsvOutcome, other: CsvOutcome): CsvOutcome {
  return {
    ...one,
    evidence: one.evidence.map((seen, i) => seen | other.evidence[i]!),
    questions: one.questions.map((count, i) => count + other.questions[i]!),
    texts: new Map([...one.texts, ...other.texts]),
  };
}

/**
 * What all ranges together say, in their order. Null when one does not end where the next begins: a line end
 * inside quotes was taken for one between rows. Throws `unreadable-data` for too many ragged rows.
 */
export function settleCsv(plan: CsvPlan, outcomes: readonly CsvOutcome[]): Settled<CsvPlan> | null {
  const { header, writings } = plan.layout;
  const survey = new CsvSurvey(plan.fields.length);
  const total = { rows: 0, ragged: 0, firstRagged: 0 };
  for (const [i, outcome] of outcomes.entries()) {
    const next = plan.ranges[i + 1];
    if (next !== undefined && !connects(plan.path, outcome.end, next.start)) return null;
    survey.absorb(outcome);
    if (total.firstRagged === 0 && outcome.ragged > 0) total.firstRagged = total.rows + outcome.firstRagged;
    total.ragged += outcome.ragged;
    total.rows += outcome.rows;
  }
  const rows = total.rows - (header.present ? 1 : 0);
  checkRagged(total, rows, plan.fields.length);
  const fields = survey.fields(header.names, plan.asked);
  const warnings = [...header.warnings, ...survey.warnings(fields, writings), ...raggedWarning(total, fields.length)];
  return { plan: { ...plan, fields }, origins: fields.map((_, i) => i), rows, warnings };
}
