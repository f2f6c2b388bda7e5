import { createHash } from 'node:crypto';
import { TidemarkError } from '../../errors.ts';
import { type Column, type ColumnBatch, type Field, isValid } from '../../stats/column.ts';
import { vectorText } from '../../stats/vector-text.ts';

/** Which part the rows of a group are in, by the value of one column alone. */
export type GroupSplit = {
  readonly column: string;
  /** 1 for each row of the part, else 0; the batch holds the one column. */
  readonly test: (batch: ColumnBatch) => Uint8Array;
};

/**
 * Splits by groups: a value is in `train` when the SHA-256 of seed and value, as a number from 0 to 1, is below the
 * share. So every row of a group is in the same part, in whatever file or version it stands; the share is that of the
 * groups, nearly. Rows without a value are a group of their own.
 * @throws TidemarkError `invalid-body` when there is no such column.
 */
export function groupSplit(
  split: { part: 'train' | 'test'; share: number; seed: number; by: string },
  fields: readonly Field[],
): GroupSplit {
  if (!fields.some(({ name }) => name === split.by)) {
    throw new TidemarkError('invalid-body', `The table has no column "${split.by.slice(0, 100)}" to split by.`);
  }
  const inPart = (value: string): number => {
    const digest = createHash('sha256').update(`${split.seed}\0${value}`).digest();
    const train = digest.readUIntBE(0, 6) / 2 ** 48 < split.share;
    return Number(train === (split.part === 'train'));
  };
  return {
    column: split.by,
    test: ({ rows, columns }) => {
      const [column] = columns;
      const known = new Map<string, number>();
      return Uint8Array.from({ length: rows }, (_, i) => {
        const value = column === undefined ? '' : groupOf(column, i);
        const answer = known.get(value) ?? inPart(value);
        known.set(value, answer);
        return answer;
      });
    },
  };
}

/** A value as text that other values of its column do not have. */
function groupOf(column: Column, i: number): string {
  if (column.kind === 'category') {
    const code = column.codes[i] ?? -1;
    return code < 0 ? '' : `=${column.dictionary[code]}`;
  }
  if (!isValid(column.valid, i)) return '';
  if (column.kind === 'vector') return `=${vectorText(column, i)}`;
  const exact = column.kind === 'number' ? column.exact?.[i] : undefined;
  // -0 and 0 are one value.
  return `=${exact ?? (column.values[i] ?? 0) + 0}`;
}
