/**
 * Which rows of a batch broke an expectation, as its object keeps them beside the columns: a value that does not fit is
 * null among them, and so is one that was sent as null. A window holds some of a batch's rows, and is told of theirs alone.
 */
import type { RowViolation, Violation } from './record-types.ts';

/** Of the schema of a batch's object; absent where no row broke anything. */
const KEY = 'tidemark.violations';

/** `rows`: one bit a row in base64, least significant first; null: every row. */
type Stored = Pick<Violation, 'column' | 'code' | 'examples'> & { readonly rows: string | null };

/** Rows in order as a violation has them. @param of rows of the batch */
export const rowsOf = (rows: ArrayLike<number>, of: number): Int32Array | null =>
  rows.length === of ? null : Int32Array.from(rows);

/** How many rows broke what, without which. */
export const withoutRows = (violations: readonly RowViolation[]): Violation[] =>
  violations.map(({ column, code, count, examples }) => ({ column, code, count, examples }));

/** The violations of the rows that are kept of a batch, as if there had been no others. @param kept in order */
export function keptViolations(violations: readonly RowViolation[], kept: Int32Array): RowViolation[] {
  return violations.flatMap((violation): RowViolation[] => {
    const { rows: broken, examples: all } = violation;
    const rows: number[] = [];
    const examples: string[] = [];
    let next = 0;
    kept.forEach((row, place) => {
      if (broken !== null) while (next < broken.length && broken[next]! < row) next++;
      if (broken !== null && broken[next] !== row) return;
      rows.push(place);
      // The first examples are those of the first rows.
      const example = all[broken === null ? row : next];
      if (example !== undefined) examples.push(example);
    });
    return rows.length === 0 ? [] : [{ ...violation, count: rows.length, examples, rows: rowsOf(rows, kept.length) }];
  });
}

/** What an object is to keep of them with its schema; undefined where there is nothing to keep. */
export function violationsMetadata(
  violations: readonly RowViolation[],
  rows: number,
): ReadonlyMap<string, string> | undefined {
  if (violations.length === 0) return undefined;
  const stored = violations.map(
    ({ column, code, examples, rows: broken }): Stored => ({
      column,
      code,
      examples,
      rows: broken && bitmapOf(broken, rows),
    }),
  );
  return new Map([[KEY, JSON.stringify(stored)]]);
}

function bitmapOf(rows: Int32Array, of: number): string {
  const bits = new Uint8Array((of + 7) >> 3);
  for (const row of rows) bits[row >> 3]! |= 1 << (row & 7);
  return Buffer.from(bits).toString('base64');
}

/** What `violationsMetadata` kept; null where nothing was. @param rows of the batch */
export function storedViolations(metadata: ReadonlyMap<string, string>, rows: number): RowViolation[] | null {
  const text = metadata.get(KEY);
  if (text === undefined) return null;
  // The digest of the object's bytes was checked, and nothing else writes this key into one.
  const stored = JSON.parse(text) as readonly Stored[];
  return stored.map(({ rows: bitmap, ...violation }) => {
    const broken = bitmap === null ? null : bitsSet(Buffer.from(bitmap, 'base64'), rows);
    return { ...violation, count: broken?.length ?? rows, rows: broken };
  });
}

function bitsSet(bits: Uint8Array, of: number): Int32Array {
  const rows: number[] = [];
  for (let row = 0; row < of; row++) if (((bits[row >> 3] ?? 0) >> (row & 7)) & 1) rows.push(row);
  return Int32Array.from(rows);
}
