import { decodeArrow } from '../../../formats/arrow/arrow.ts';
import type { BatchKind } from '../../../store/log/batches.ts';
import type { IndexRows } from '../../../store/log/prediction-index.ts';
import { bigints, words } from '../../../store/postgres/array-literal.ts';
import type { ColumnValues } from '../prepare/column-values.ts';
import { type SettlingRows, settlingRows } from '../settle/settling-rows.ts';
import { bySortedHash, slices } from '../settle/sorted-hashes.ts';

/** A batch, and the bytes that are stored of it. */
export type EncodedBatch = { readonly id: number; readonly kind: BatchKind; readonly object: Uint8Array };

/** What settlement needs of a batch once its rows are arranged; entry `i` belongs to row `i`. */
export type ArrangedBatch = {
  /** Whole milliseconds since 1970; NaN where a label came without a time. */
  readonly times: Float64Array<ArrayBuffer>;
  readonly contents: BigInt64Array<ArrayBuffer>;
  readonly labels: ArrangedLabels;
  readonly columns: readonly ColumnValues[];
};

/** The rows that have a label; entry `i` of each belongs together. */
type ArrangedLabels = {
  readonly rows: Int32Array<ArrayBuffer>;
  readonly idHashes: readonly string[];
  readonly texts: readonly string[];
};

/** A row by the position of its batch among those being settled. */
export type Place = { readonly batch: number; readonly row: number };

/** Rows for one index statement, in the order of the index. */
export type IndexSlice = {
  readonly index: IndexRows;
  readonly batches: Int32Array<ArrayBuffer>;
  readonly rows: Int32Array<ArrayBuffer>;
};

export type Arranged = {
  readonly batches: readonly ArrangedBatch[];
  /** The first prediction of each id. */
  readonly slices: readonly IndexSlice[];
  /** The others, each with the first of its id. */
  readonly later: readonly (Place & { readonly idHash: string; readonly first: Place })[];
};

/** Rows of one index statement. */
const SLICE = 50_000;

/**
 * Takes batches that come one after another down to what is indexed of them. Pure.
 * @param known columns whose values need not be counted any more
 */
export function arrangeBatches(encoded: readonly EncodedBatch[], known: ReadonlySet<string>): Arranged {
  const batches = encoded.map(({ id, kind, object }) => ({ id, kind, ...settlingRows(decodeArrow(object), known) }));
  const first = new Map<string, Place>();
  const later: Arranged['later'][number][] = [];
  batches.forEach(({ kind, idHashes }, batch) => {
    if (kind !== 'predictions') return;
    idHashes.forEach((idHash, row) => {
      const winner = first.get(idHash);
      if (winner === undefined) first.set(idHash, { batch, row });
      else later.push({ batch, row, idHash, first: winner });
    });
  });
  const arranged = [...slices(bySortedHash([...first.keys()]), SLICE)].map((idHashes) => {
    return sliceOf(idHashes, { first, batches });
  });
  return { batches: batches.map(arrangedBatch), slices: arranged, later };
}

function arrangedBatch({ times, contents, labels, idHashes, columns }: SettlingRows): ArrangedBatch {
  const rows = Int32Array.from(labels.flatMap((label, row) => (label === null ? [] : [row])));
  const texts = labels.filter((label) => label !== null);
  return {
    times,
    contents,
    labels: { rows, idHashes: Array.from(rows, (row) => idHashes[row] ?? ''), texts },
    columns,
  };
}

type Given = {
  readonly first: ReadonlyMap<string, Place>;
  readonly batches: readonly (SettlingRows & { readonly id: number })[];
};

function sliceOf(idHashes: readonly string[], { first, batches }: Given): IndexSlice {
  const places = idHashes.map((idHash) => first.get(idHash) ?? NOWHERE);
  const index = {
    count: places.length,
    idHashes: words(idHashes),
    batchIds: bigints(places.map(({ batch }) => batches[batch]?.id ?? 0)),
    rows: bigints(places.map(({ row }) => row)),
    times: bigints(places.map(({ batch, row }) => batches[batch]?.times[row] ?? 0)),
    contents: bigints(places.map(({ batch, row }) => batches[batch]?.contents[row] ?? 0n)),
  };
  return {
    index,
    batches: Int32Array.from(places, ({ batch }) => batch),
    rows: Int32Array.from(places, ({ row }) => row),
  };
}

/** Never looked up: each hash comes from the map itself. */
const NOWHERE: Place = { batch: 0, row: 0 };

/** Hexadecimal digits of an MD5. */
const HASH_LENGTH = 32;

/** The id hash at a position of a slice. */
export function idHashAt({ index }: IndexSlice, position: number): string {
  // Behind the opening brace, with a comma after each.
  const at = 1 + position * (HASH_LENGTH + 1);
  return index.idHashes.slice(at, at + HASH_LENGTH);
}
