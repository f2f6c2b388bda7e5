import { areDistinct } from '../../../formats/text/text-dictionary.ts';
import type { Column, ColumnBatch, Field } from '../../../stats/column.ts';
import { contentHashes } from '../prepare/row-hash.ts';
import { columnNamed } from '../read-batch.ts';
import { labelTexts, textsOf } from './settling-rows.ts';

/**
 * Rows that repeat an id of their own batch: known at once, and counted again by the settlement in the same
 * way. A prediction with other values is a conflict; another label of the same id is a revision, no repeat.
 */
export function batchRepeats(
  kind: 'predictions' | 'labels',
  fields: readonly Field[],
  batch: ColumnBatch,
): { duplicates: number; conflicts: number } {
  const table = { fields, batch };
  const column = columnNamed(table, 'prediction_id');
  if (areAllNew(column)) return { duplicates: 0, conflicts: 0 };
  const ids = textsOf(column, batch.rows);
  if (new Set(ids).size === ids.length) return { duplicates: 0, conflicts: 0 };
  return kind === 'predictions'
    ? repeatedPredictions(ids, contentHashes(fields, batch))
    : repeatedLabels(ids, labelTexts(columnNamed(table, 'label'), batch.rows));
}

/** True where no id comes twice, and that can be told without a look at the ids: so it nearly always is. */
function areAllNew(column: Column | null): boolean {
  if (column?.kind !== 'category' || !areDistinct(column.dictionary)) return false;
  const { codes, dictionary, length } = column;
  const seen = new Uint8Array(dictionary.length);
  for (let row = 0; row < length; row++) {
    const code = codes[row] ?? -1;
    if (code < 0 || seen[code] === 1) return false;
    seen[code] = 1;
  }
  return true;
}

function repeatedPredictions(ids: readonly (string | null)[], contents: BigInt64Array) {
  const first = new Map<string | null, bigint>();
  let duplicates = 0;
  let conflicts = 0;
  ids.forEach((id, row) => {
    const content = contents[row] ?? 0n;
    const winner = first.get(id);
    if (winner === undefined) first.set(id, content);
    else if (winner === content) duplicates++;
    else conflicts++;
  });
  return { duplicates, conflicts };
}

function repeatedLabels(ids: readonly (string | null)[], labels: readonly (string | null)[]) {
  const latest = new Map<string | null, string | null>();
  let duplicates = 0;
  ids.forEach((id, row) => {
    const label = labels[row] ?? null;
    if (latest.get(id) === label) duplicates++;
    else latest.set(id, label);
  });
  return { duplicates, conflicts: 0 };
}
