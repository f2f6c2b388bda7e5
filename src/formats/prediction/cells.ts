/** Bodies of columns and of CSV → cells, a row at a time, whatever order their values stand in. */
import { CELL, CellTable } from '../json/cells.ts';
import { rawText } from '../json/columns.ts';
import { type RecordProblem, unescaped } from '../json/record.ts';
import { numberEnd } from '../json/scan.ts';
import { recordText } from './record-text.ts';

/** Called when the table's current row is filled; `problem` is what is wrong with it, as far as it was seen. */
export type TakeRow = (line: number, problem: RecordProblem | null) => void;

/** A body whose rows are read one after another. The bounds of the cells are positions in `buf`. */
export type CellRows = {
  readonly buf: Buffer;
  /** Fills the current row of the table and calls `take`, which counts the row (`cells.rows++`) when it is kept. */
  read(cells: CellTable, take: TakeRow): void;
};

/** The rows at these lines as JSON records, by line, up to `maxBytes` in all. */
export function recordsAt(
  source: CellRows,
  names: readonly string[],
  wanted: { readonly lines: ReadonlySet<number>; readonly maxBytes: number },
): Map<number, string> {
  const found = new Map<number, string>();
  // No row is ever counted, so that each takes the place of the one before.
  const cells = new CellTable(names.length, names.length);
  let bytes = 0;
  source.read(cells, (line) => {
    if (!wanted.lines.has(line) || bytes >= wanted.maxBytes) return;
    const text = recordOf(source.buf, cells, names);
    bytes += Buffer.byteLength(text);
    if (bytes <= wanted.maxBytes) found.set(line, text);
  });
  return found;
}

function recordOf(buf: Buffer, cells: CellTable, names: readonly string[]): string {
  const base = cells.rows * cells.stride;
  return recordText(
    names.flatMap((name, slot) => {
      const i = base + slot;
      const kind = cells.kinds[i]!;
      if (kind === CELL.absent || kind === CELL.null) return [];
      return [{ name, json: jsonOf(buf, cells, i) }];
    }),
  );
}

function jsonOf(buf: Buffer, cells: CellTable, i: number): string {
  const kind = cells.kinds[i]!;
  const raw = rawText(buf, cells, i);
  if (kind === CELL.true || kind === CELL.false || kind === CELL.numbers) return raw;
  if (kind === CELL.escaped) return JSON.stringify(unescaped(buf, cells.starts[i]!, cells.ends[i]!));
  const isNumber = kind >= CELL.integer && kind <= CELL.decimal;
  // CSV also has numbers that JSON spells otherwise, such as `.5`.
  return isNumber && isJsonNumber(raw) ? raw : JSON.stringify(raw);
}

function isJsonNumber(text: string): boolean {
  return numberEnd(Buffer.from(`${text}\n`), 0) === text.length;
}
