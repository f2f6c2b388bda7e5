/**
 * JSON records in one pass, in ranges that can be read apart and at once: columns and types are guessed from a
 * sample, and what the records themselves say decides which columns are read again. The answer is that of
 * `openJson`, which reads everything twice and in order.
 */
import type { ColumnBatch } from '../../stats/column.ts';
import { connects, lineRanges, rangeCount } from '../byte-ranges.ts';
import { type ByteSpan, byteSource, bytesFrom, EVERYTHING, plainBytes } from '../byte-source.ts';
import { fieldsAsAsked } from '../columns/asked-types.ts';
import { checkNames } from '../columns/batch-plan.ts';
import type { AskedTypes, TableLimits } from '../table.ts';
import type { RangePlan, RangeReading, Settled } from '../table-ranges.ts';
import { jsonBatches, type WantedSlot } from './batches.ts';
import { type RecordBlock, RecordBlocks } from './blocks.ts';
import { SurveyingFill } from './fill.ts';
import { guessFields } from './guess.ts';
import { jsonKernels, releaseJsonKernels } from './kernels.ts';
import { JsonSurvey, type SlotEvidence } from './survey.ts';

/** How a table of records is read in ranges; plain data. A list of records is one range. */
export type JsonPlan = RangePlan & {
  readonly kind: 'json';
  readonly format: 'ndjson' | 'json';
  readonly limits: TableLimits;
  readonly asked?: AskedTypes | undefined;
};

/** What one range holds besides its columns; plain data. */
export type JsonOutcome = {
  readonly kind: 'json';
  readonly rows: number;
  /** The byte behind the last record. */
  readonly end: number;
  /** The columns met, in order of first appearance, with their evidence. */
  readonly found: readonly { readonly name: string; readonly evidence: SlotEvidence }[];
};

type JsonFile = Pick<JsonPlan, 'path' | 'format' | 'limits' | 'asked'>;

/** Plans the reading; the guess is in `fields`. */
export async function planJson({ path, format, limits, asked }: JsonFile): Promise<JsonPlan> {
  const source = byteSource(path, limits.inflatedBytes);
  const lines = format === 'ndjson' && source.compression === 'none';
  const fields = fieldsAsAsked(await guessFields({ source, format, limits }, lines ? path : null), asked);
  const ranges = lines ? lineRanges(path, source.size, rangeCount(source.size, fields.length)) : [EVERYTHING];
  return { kind: 'json', path, format, limits, fields, ranges, bytes: plainBytes(source), asked };
}

/** Reads the wanted columns of one range. Throws `unreadable-data`, with places counted from the range's start. */
export function readJsonRange(
  plan: JsonPlan,
  span: ByteSpan,
  wanted: readonly number[],
  kernels = plan.format === 'ndjson' ? jsonKernels(plan.fields) : null,
): RangeReading<JsonOutcome> {
  const { path, format, limits, fields } = plan;
  const source = span.start === 0 ? byteSource(path, limits.inflatedBytes) : bytesFrom(path, span.start);
  const names = fields.map(({ name }) => name);
  const blocks = new RecordBlocks({ source, format, limits, span, names, kernels });
  const survey = new JsonSurvey();
  const filled = new Set(wanted);
  let rows = 0;
  const surveyed = async function* (): AsyncGenerator<RecordBlock> {
    for await (const block of blocks.read()) {
      for (let slot = 0; slot < blocks.names.length; slot++) if (!filled.has(slot)) survey.addSlot(block, slot);
      rows += block.cells.rows;
      yield block;
    }
  };
  const released = async function* (batches: AsyncGenerator<ColumnBatch>): AsyncGenerator<ColumnBatch> {
    yield* batches;
    if (kernels !== null) releaseJsonKernels(kernels, fields);
  };
  const columns = wanted.map((slot): WantedSlot => ({ slot, type: fields[slot]!.type }));
  return {
    batches: () => released(jsonBatches(surveyed(), columns, new SurveyingFill(survey, kernels))),
    outcome: () => {
      const found = blocks.met.map((slot) => ({ name: blocks.names[slot]!, evidence: survey.found(slot) }));
      return { kind: 'json', rows, end: blocks.end, found };
    },
  };
}

/**
 * What all ranges together say, in their order: the columns as they first appear. Null when one does not end where
 * the next begins. Throws `unreadable-data` for names that are no columns' names.
 */
export function settleJson(plan: JsonPlan, outcomes: readonly JsonOutcome[]): Settled<JsonPlan> | null {
  const survey = new JsonSurvey();
  const slots = new Map<string, number>();
  let rows = 0;
  for (const [i, outcome] of outcomes.entries()) {
    const next = plan.ranges[i + 1];
    if (next !== undefined && !connects(plan.path, outcome.end, next.start)) return null;
    rows += outcome.rows;
    for (const { name, evidence } of outcome.found) {
      const slot = slots.get(name) ?? slots.size;
      slots.set(name, slot);
      survey.absorb(slot, evidence);
    }
  }
  const names = [...slots.keys()];
  checkNames(names, plan.limits.columns);
  const fields = survey.fields(names, plan.asked);
  const known = new Map(plan.fields.map(({ name }, position) => [name, position]));
  const origins = fields.map(({ name }) => known.get(name) ?? null);
  return { plan: { ...plan, fields }, origins, rows, warnings: survey.warnings(names, fields) };
}
