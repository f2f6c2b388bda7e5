import type { Context } from '../../context.ts';
import type { IndexedLabel } from '../../store/log/label-index.ts';
import { countUnsettled, type LoggedBatch } from '../../store/log/prediction-log.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { resolveModel } from '../model/resolve.ts';
import { type LoggedRow, loggedRow } from './logged-row.ts';
import { type LabelledRows, scanBatches, withLabels } from './scan.ts';
import type { Position, Selection } from './selection.ts';

/** A prediction that was found, and where it lies. */
export type FoundPrediction = LoggedRow & {
  readonly label: IndexedLabel | null;
  readonly batch: LoggedBatch;
  readonly row: number;
};

export type SearchPage = {
  readonly items: readonly FoundPrediction[];
  /** Where the next page begins; null when everything has been read. */
  readonly next: Position | null;
  readonly scanned: {
    readonly batches: number;
    readonly rows: number;
    readonly bytes: number;
    /** The page ended because it had read enough, not because it was full. */
    readonly cut: boolean;
    /** Columns of the condition that none of these batches has. */
    readonly unknownColumns: readonly string[];
    /** Batches whose bytes are lost or corrupt. */
    readonly lost: readonly number[];
  };
  /** Accepted and not settled yet, so not searched. */
  readonly unsettled: { readonly batches: number; readonly rows: number };
};

export type Search = {
  readonly model: string;
  readonly selection: Selection;
  readonly newest: boolean;
  readonly after: Position | null;
  readonly limit: number;
};

const LOST_NAMED = 100;

const positionOf = ({ batch, row }: FoundPrediction): Position => ({ sequence: batch.sequence, row });

/** What one page may read: a search for what is rare goes on with the next page instead of holding everybody up. */
const READ = { batches: 2000, rows: 1_000_000, bytes: 256 * 2 ** 20, milliseconds: 5000 };

/**
 * A page of the settled predictions that fit, in the order in which they were taken in (or against it), which later
 * predictions never change.
 * @throws TidemarkError `not-found`, `invalid-body`.
 */
export async function searchPredictions(
  ctx: Pick<Context, 'db' | 'remote' | 'now'>,
  actor: Actor,
  search: Search,
  allowed = READ,
): Promise<SearchPage> {
  requireScope(actor, 'logs:read');
  const { id: modelId } = await resolveModel(ctx.db, actor.projectId, search.model);
  const { selection, newest } = search;
  const page = new Page(search, allowed, ctx.now().getTime());
  const scan = scanBatches(ctx, { modelId, selection, newest, after: search.after, lost: (batch) => page.lose(batch) });
  for await (const scanned of scan) {
    page.open(scanned.batch, scanned.view.fields);
    for await (const found of withLabels(ctx, { modelId, selection, scanned }, page.room)) {
      page.add(found, (row) => ({ ...loggedRow(scanned.view, row), batch: scanned.batch, row }));
      if (page.room === 0) break;
    }
    if (page.room === 0) break;
    page.pass(scanned.batch);
    if (page.readEnough(ctx.now().getTime())) break;
    // Others are served between two batches.
    await new Promise((resolve) => setImmediate(resolve));
  }
  return page.result(await countUnsettled(ctx.db, modelId));
}

class Page {
  readonly #search: Search;
  readonly #allowed: typeof READ;
  readonly #began: number;
  readonly #items: FoundPrediction[] = [];
  readonly #lost: number[] = [];
  readonly #unknown: Set<string>;
  #position: Position | null = null;
  #batches = 0;
  #rows = 0;
  #bytes = 0;
  #cut = false;

  constructor(search: Search, allowed: typeof READ, began: number) {
    this.#search = search;
    this.#allowed = allowed;
    this.#began = began;
    this.#unknown = new Set(search.selection.where?.columns);
  }

  /** Items that are still wanted: one more than asked for tells whether there is a next page. */
  get room(): number {
    return this.#search.limit + 1 - this.#items.length;
  }

  lose({ batchId }: LoggedBatch): void {
    if (this.#lost.length < LOST_NAMED) this.#lost.push(batchId);
  }

  open(batch: LoggedBatch, fields: readonly { readonly name: string }[]): void {
    this.#batches++;
    this.#rows += batch.rows;
    this.#bytes += batch.bytes;
    if (this.#unknown.size > 0) for (const { name } of fields) this.#unknown.delete(name);
  }

  add({ rows, labels }: LabelledRows, item: (row: number) => Omit<FoundPrediction, 'label'>): void {
    for (const [i, row] of rows.subarray(0, this.room).entries()) {
      this.#items.push({ ...item(row), label: labels[i] ?? null });
    }
  }

  /** Nothing is left of the batch. */
  pass({ sequence, rows }: LoggedBatch): void {
    this.#position = { sequence, row: this.#search.newest ? 0 : rows };
  }

  readEnough(now: number): boolean {
    const { batches, rows, bytes, milliseconds } = this.#allowed;
    this.#cut =
      this.#batches >= batches || this.#rows >= rows || this.#bytes >= bytes || now - this.#began >= milliseconds;
    return this.#cut;
  }

  result(unsettled: SearchPage['unsettled']): SearchPage {
    const items = this.#items.slice(0, this.#search.limit);
    const last = this.room === 0 ? items.at(-1) : undefined;
    return {
      items,
      next: last === undefined ? (this.#cut ? this.#position : null) : positionOf(last),
      scanned: {
        batches: this.#batches,
        rows: this.#rows,
        bytes: this.#bytes,
        cut: this.#cut && last === undefined,
        // Nothing can be said of columns where nothing was read.
        unknownColumns: this.#batches === 0 ? [] : [...this.#unknown],
        lost: this.#lost,
      },
      unsettled,
    };
  }
}
