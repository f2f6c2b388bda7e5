/** Reading a file in ranges: what planner, readers and their caller say to each other. All of it is plain data. */
import type { ColumnBatch, Field } from '../stats/column.ts';
import type { ByteSpan } from './byte-source.ts';
import type { TableFormat, TableWarning } from './table.ts';

export type RangePlan = {
  readonly path: string;
  readonly format: TableFormat;
  /** Names and guessed types. */
  readonly fields: readonly Field[];
  readonly ranges: readonly ByteSpan[];
  /** About how many bytes of text there are. */
  readonly bytes: number;
};

/** One range being read. */
export type RangeReading<Outcome> = {
  /**
   * The wanted columns in their guessed types; the values of one that turned out to be something else mean nothing.
   * A batch is only valid until the next one is asked for.
   */
  batches(): AsyncIterable<ColumnBatch>;
  /** Complete once all batches have been read. */
  outcome(): Outcome;
};

/** What the whole file says. */
export type Settled<Plan> = {
  /** By this plan, whose fields are the table's, a column is read again that was guessed wrong. */
  readonly plan: Plan;
  /** For each field its place in the first plan's; null where the guess did not know it. */
  readonly origins: readonly (number | null)[];
  readonly rows: number;
  readonly warnings: readonly TableWarning[];
};
