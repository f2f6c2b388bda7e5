import { batchRows } from '../../formats/batch-plan.ts';
import { absentColumn } from '../../formats/column-sink.ts';
import { gatherBatches } from '../../formats/gather-batches.ts';
import { PredictionTable } from '../../formats/prediction-table.ts';
import type { TableEncoding } from '../../formats/record-types.ts';
import { openTable } from '../../formats/table-reader.ts';
import { tooLarge } from '../../formats/unreadable.ts';
import type { ColumnBatch, Field } from '../../stats/column.ts';
import {
  LISTED,
  type Prepared,
  type PreparedPart,
  type PrepareOptions,
  prepareRecords,
  type Rejection,
  recordOptions,
} from './prepare-records.ts';
import { KEPT_BYTES, storable } from './raw-records.ts';

export type TableOptions = PrepareOptions & { readonly encoding: TableEncoding };

/** Takes the bytes of a part's object and says where they are from then on. */
export type KeepPart<P> = (arrow: Uint8Array) => Promise<P>;

/** Bytes of memory that a native reader may take. */
const READER_BYTES = 512 * 1024 ** 2;

/**
 * Turns a table file into what is stored of it, in parts of some ten thousand rows: memory does not depend on how
 * many there are. A part's bytes are handed on as soon as they are made; nobody looks at them before the last one.
 * @throws TidemarkError `unreadable-data`, `invalid-body` for columns that have no place in a record, `too-large`.
 */
export async function prepareTable<P>(file: string, options: TableOptions, keep: KeepPart<P>): Promise<Prepared<P>> {
  const given = recordOptions(options);
  const reader = await openTable(file, { format: options.encoding, memoryBytes: READER_BYTES });
  try {
    const table = new PredictionTable(reader, given);
    const collected = new Collected<P>(options.partial);
    let row = 0;
    for await (const batch of gatherBatches(reader.fields, reader.batches(), batchRows(reader.fields.length))) {
      if (row + batch.rows > options.maxRows) {
        throw tooLarge(`The table holds more than ${options.maxRows} rows; send fewer at a time.`);
      }
      await collected.add({ table, batch, first: row + 1 }, options, keep);
      row += batch.rows;
    }
    if (row === 0) await collected.add({ table, batch: noRows(reader.fields), first: 1 }, options, keep);
    return collected.result();
  } finally {
    await reader.close();
  }
}

type Rows = { readonly table: PredictionTable; readonly batch: ColumnBatch; readonly first: number };

class Collected<P> {
  readonly #partial: boolean;
  readonly #parts: (PreparedPart & P)[] = [];
  readonly #rejected: Rejection[] = [];
  #total = 0;
  #rawBytes = 0;

  constructor(partial: boolean) {
    this.#partial = partial;
  }

  get #refused(): boolean {
    return this.#total > 0 && !this.#partial;
  }

  async add({ table, batch, first }: Rows, options: TableOptions, keep: KeepPart<P>): Promise<void> {
    const { part, encode, rejected } = prepareRecords(table.parse(batch, first), options);
    this.#total += rejected.length;
    if (this.#refused) {
      this.#rejected.push(...rejected.slice(0, Math.max(0, LISTED - this.#rejected.length)));
      return;
    }
    for (const rejection of rejected)
      this.#rejected.push(this.#withRaw(rejection, () => table.text(batch, rejection.line - first)));
    // Rows that were all refused leave nothing to store beside what the first part stores.
    if (part.rows > 0 || this.#parts.length === 0) this.#parts.push({ ...part, ...(await keep(encode())) });
  }

  result(): Prepared<P> {
    const refused = this.#refused;
    return { refused, parts: refused ? [] : this.#parts, rejected: this.#rejected, rejectedTotal: this.#total };
  }

  #withRaw(rejection: Rejection, text: () => string): Rejection {
    if (this.#rawBytes >= KEPT_BYTES) return rejection;
    const raw = storable(text());
    this.#rawBytes += Buffer.byteLength(raw);
    return { ...rejection, raw };
  }
}

function noRows(fields: readonly Field[]): ColumnBatch {
  return { rows: 0, columns: fields.map(({ type }) => absentColumn(type, 0)) };
}
