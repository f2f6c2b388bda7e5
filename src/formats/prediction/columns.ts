/** Accepted records' cells → the columns of a batch, and what of them broke an expectation. */
import {
  type Column,
  type ColumnType,
  dimensionOf,
  type Field,
  isVectorType,
  type TimeColumn,
} from '../../stats/column.ts';
import { absentColumn } from '../columns/column-sink.ts';
import { CELL, type CellTable } from '../json/cells.ts';
import { type CellColumn, columnOfCells, kindsOf, type Misfit, rawText, typeOfCells } from '../json/columns.ts';
import { TextDictionary } from '../text/text-dictionary.ts';
import { shown, tooLarge } from '../unreadable.ts';
import { SLOT } from './fields.ts';
import { MAX_EXAMPLES, Misfits } from './misfits.ts';
import { columnOrder } from './order.ts';
import type { MisfitValue, RecordOptions, RowViolation } from './record-types.ts';
import { rowsOf } from './violated-rows.ts';

export type AcceptedCells = {
  readonly buf: Buffer;
  readonly cells: CellTable;
  /** Column names by slot. */
  readonly names: readonly string[];
  readonly eventTimes: readonly number[];
  readonly options: RecordOptions;
};

export type PredictionColumns = {
  readonly fields: readonly Field[];
  readonly columns: readonly Column[];
  readonly violations: readonly RowViolation[];
  readonly misfits: readonly MisfitValue[];
};

/**
 * Columns in a fixed order: the id, the time, then the named parts, scores, features and tags, expected ones
 * first and in the order of the expectation, then the others in the order of first appearance.
 */
export function predictionColumns(from: AcceptedCells): PredictionColumns {
  const fields: Field[] = [];
  const columns: Column[] = [];
  const violations: RowViolation[] = [];
  const misfits = new Misfits(violations, from.options.strict === true);
  const room = new VectorRoom(from);
  const keep = (name: string, column: Column): void => {
    fields.push({ name, type: column.type });
    columns.push(column);
  };
  keep('prediction_id', typedColumn(from, SLOT.id, 'text', misfits));
  const times = timeColumn(from.eventTimes);
  if (times !== null) keep('timestamp', times);
  const isUsed = (slot: number): boolean => used(from.cells, slot);
  for (const { name, slot, expected, unexpected } of columnOrder({ ...from, isUsed })) {
    if (slot < 0) {
      if (isKeptAbsent(expected)) keep(name, absentColumn(expected, from.cells.rows));
      violations.push({ column: name, code: 'missing', count: from.cells.rows, examples: [], rows: null });
      continue;
    }
    const cellColumn: CellColumn = { buf: from.buf, cells: from.cells, slot };
    if (unexpected) {
      violations.push({ column: name, code: 'unexpected', ...present(cellColumn) });
    } else if (expected !== undefined && name.startsWith('feature.')) {
      const rows = rowsWhere(cellColumn, (kind) => kind === CELL.absent);
      if (rows === null || rows.length > 0) {
        const count = rows?.length ?? from.cells.rows;
        violations.push({ column: name, code: 'missing', count, examples: [], rows });
      }
    }
    const type = expected ?? (name.startsWith('score') ? 'float64' : typeOfValues(cellColumn));
    room.take(type);
    const strict = expected !== undefined || name.startsWith('score');
    keep(name, strict ? typedColumn(from, slot, type, misfits) : columnOfCells(cellColumn, type, dictionary()));
  }
  const broken = violations.filter(({ count }) => count > 0);
  return { fields, columns, violations: broken, misfits: [...misfits.byRow.values()] };
}

/** Doubles round integers beyond 2^53, which labels are told apart by: beside fractions they are kept as texts. */
function typeOfValues(column: CellColumn): ColumnType {
  const type = typeOfCells(column);
  const rounds = column.slot === SLOT.label && type === 'float64';
  return rounds && (kindsOf(column) & (1 << CELL.bigInteger)) !== 0 ? 'text' : type;
}

/** Expected vectors that nobody sent would be many bytes of nothing; their absence is counted all the same. */
export function isKeptAbsent(expected: ColumnType | undefined): expected is ColumnType {
  return expected !== undefined && !isVectorType(expected);
}

/** A vector takes as much room as so many cells. */
class VectorRoom {
  private readonly rows: number;
  private readonly most: number;
  private used = 0;

  constructor({ cells, options }: AcceptedCells) {
    this.rows = cells.rows;
    this.most = options.maxCells ?? 2 ** 24;
  }

  take(type: ColumnType): void {
    if (!isVectorType(type)) return;
    this.used += this.rows * dimensionOf(type);
    if (this.used > this.most) {
      throw tooLarge(`The vectors of the records hold more than ${this.most} numbers; send fewer at a time.`);
    }
  }
}

function dictionary(): { readonly dictionary: TextDictionary } {
  return { dictionary: new TextDictionary() };
}

/** A column of a given type; cells that do not fit are told to `misfits`. An id's digits are its text. */
function typedColumn(from: AcceptedCells, slot: number, type: ColumnType, misfits: Misfits): Column {
  const cellColumn: CellColumn = { buf: from.buf, cells: from.cells, slot };
  if (slot === SLOT.id || slot === SLOT.modelVersion) return columnOfCells(cellColumn, 'text', dictionary());
  const make = (misfit: Misfit): Column => columnOfCells(cellColumn, type, { ...dictionary(), misfit });
  return misfits.collect(from.names[slot]!, type, make);
}

function used(cells: CellTable, slot: number): boolean {
  const { kinds, stride, rows } = cells;
  for (let i = slot; i < rows * stride; i += stride) if (kinds[i] !== CELL.absent) return true;
  return false;
}

function rowsWhere({ cells, slot }: CellColumn, wanted: (kind: number) => boolean): Int32Array | null {
  const { kinds, stride, rows } = cells;
  const found: number[] = [];
  for (let row = 0, i = slot; row < rows; row++, i += stride) if (wanted(kinds[i]!)) found.push(row);
  return rowsOf(found, rows);
}

function present(column: CellColumn): Pick<RowViolation, 'count' | 'examples' | 'rows'> {
  const { buf, cells, slot } = column;
  const rows = rowsWhere(column, (kind) => kind !== CELL.absent);
  const count = rows?.length ?? cells.rows;
  const examples = Array.from({ length: Math.min(count, MAX_EXAMPLES) }, (_, i) => {
    const row = rows === null ? i : rows[i]!;
    return shown(rawText(buf, cells, row * cells.stride + slot), 100);
  });
  return { count, examples, rows };
}

/** Event times as a column; `null` when no row has one. */
export function timeColumn(eventTimes: ArrayLike<number>): TimeColumn | null {
  const length = eventTimes.length;
  const values = new Float64Array(length);
  let missing = 0;
  for (let i = 0; i < length; i++) {
    const time = eventTimes[i]!;
    if (Number.isNaN(time)) missing++;
    else values[i] = time;
  }
  if (missing === length) return null;
  if (missing === 0) return { kind: 'time', type: 'timestamp', length, values, valid: null };
  const valid = new Uint8Array((length + 7) >> 3);
  for (let i = 0; i < length; i++) if (!Number.isNaN(eventTimes[i]!)) valid[i >> 3]! |= 1 << (i & 7);
  return { kind: 'time', type: 'timestamp', length, values, valid };
}
