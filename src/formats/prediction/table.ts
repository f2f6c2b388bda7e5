/**
 * Tables with types of their own (Parquet, Arrow) → the columns of logged predictions and labels: the twin, for
 * whole columns, of what `rows.ts` does with cells. The same rows make the same columns in both.
 */
import { TidemarkError } from '../../errors.ts';
import { type Column, type ColumnBatch, type ColumnType, type Field, isVectorType } from '../../stats/column.ts';
import { cellText, convertColumn, isPresent, timesAsText } from '../columns/column-conversion.ts';
import { absentColumn } from '../columns/column-sink.ts';
import { selectRows } from '../columns/select-rows.ts';
import { CELL } from '../json/cells.ts';
import type { RecordProblem } from '../json/record.ts';
import type { TableReader } from '../table.ts';
import { shown } from '../unreadable.ts';
import { isKeptAbsent, timeColumn } from './columns.ts';
import { PredictionFields, SLOT } from './fields.ts';
import { MAX_EXAMPLES, Misfits } from './misfits.ts';
import { recordPath } from './names.ts';
import { columnOrder } from './order.ts';
import { type NamedValue, recordText } from './record-text.ts';
import type { ParsedRecords, RecordOptions, RowViolation } from './record-types.ts';
import { TableCheck } from './table-checks.ts';
import { rowsOf } from './violated-rows.ts';

export class PredictionTable {
  private readonly options: RecordOptions;
  private readonly names: readonly string[];
  /** By position of the table's column: its slot, or -1 when it is none of the sender's. */
  private readonly slots: readonly number[];

  /** Throws `invalid-body` when a column has no place in a record, or cannot be kept. */
  constructor({ fields, warnings }: Pick<TableReader, 'fields' | 'warnings'>, options: RecordOptions) {
    const known = new PredictionFields(options.shape);
    this.options = options;
    for (const { code, column = '' } of warnings) {
      const held = recordPath(column, options.shape) !== null;
      if (held && (code === 'nested-column' || code === 'unsupported-column')) {
        throw invalid(`the column ${shown(column)} does not hold single values; leave it out`);
      }
      if (code === 'no-time-zone' && column === 'timestamp') {
        throw invalid(
          'the times in the column timestamp have no zone; with pandas, df["timestamp"].dt.tz_localize("UTC")',
        );
      }
    }
    this.slots = slotsOf(fields, known);
    this.names = known.names;
  }

  /** The records in some rows of the table. @param first 1-based position of the first of them in the table */
  parse(batch: ColumnBatch, first: number): ParsedRecords {
    const bySlot = this.bySlot(batch);
    const check = new TableCheck(this.options, { columns: bySlot, names: this.names }, batch.rows);
    const problems = check.problems();
    const lines = new Int32Array(batch.rows - problems.size);
    const kept = new Int32Array(lines.length);
    const eventTimes = new Float64Array(lines.length);
    for (let row = 0, at = 0; row < batch.rows; row++) {
      if (problems.has(row)) continue;
      kept[at] = row;
      lines[at] = first + row;
      eventTimes[at++] = check.eventTimes[row]!;
    }
    const good = problems.size === 0 ? batch : selectRows(batch, kept);
    return {
      ...this.columns(this.bySlot(good), { rows: lines.length, eventTimes }),
      eventTimes,
      lines,
      rejected: [...problems].sort(([a], [b]) => a - b).map(([row, problem]) => ({ line: first + row, ...problem })),
    };
  }

  /** A row as a JSON record. @param row position in the batch */
  text(batch: ColumnBatch, row: number): string {
    const values: NamedValue[] = [];
    for (const [slot, column] of this.bySlot(batch).entries()) {
      const text = column === undefined ? null : cellText(column, row);
      if (column === undefined || text === null) continue;
      const plain =
        column.kind === 'vector' ||
        column.type === 'boolean' ||
        (column.kind === 'number' && Number.isFinite(column.values[row]!));
      values.push({ name: this.names[slot]!, json: plain ? text : JSON.stringify(text) });
    }
    return recordText(values);
  }

  private bySlot({ columns }: ColumnBatch): readonly (Column | undefined)[] {
    const bySlot: (Column | undefined)[] = this.names.map(() => undefined);
    for (const [i, slot] of this.slots.entries()) if (slot >= 0) bySlot[slot] = columns[i]!;
    return bySlot;
  }

  private columns(
    bySlot: readonly (Column | undefined)[],
    { rows, eventTimes }: { readonly rows: number; readonly eventTimes: Float64Array },
  ): Pick<ParsedRecords, 'rows' | 'fields' | 'batch' | 'violations' | 'misfits'> {
    const fields: Field[] = [];
    const columns: Column[] = [];
    const violations: RowViolation[] = [];
    const misfits = new Misfits(violations, this.options.strict === true);
    const keep = (name: string, column: Column): void => {
      fields.push({ name, type: column.type });
      columns.push(column);
    };
    keep('prediction_id', textColumn(bySlot[SLOT.id] ?? absentColumn('text', rows)));
    const times = timeColumn(eventTimes);
    if (times !== null) keep('timestamp', times);
    const isUsed = (slot: number): boolean => bySlot[slot] !== undefined && rows > 0;
    for (const { name, slot, expected, unexpected } of columnOrder({
      names: this.names,
      options: this.options,
      isUsed,
    })) {
      const column = bySlot[slot];
      if (column === undefined) {
        if (isKeptAbsent(expected)) keep(name, absentColumn(expected, rows));
        if (rows > 0) violations.push({ column: name, code: 'missing', count: rows, examples: [], rows: null });
        continue;
      }
      if (unexpected) violations.push({ column: name, code: 'unexpected', ...present(column) });
      if (slot === SLOT.modelVersion) keep(name, textColumn(column));
      else keep(name, typed(column, { name, type: expected ?? wantedType(name, column), misfits }));
    }
    return { rows, fields, batch: { rows, columns }, violations, misfits: [...misfits.byRow.values()] };
  }
}

/** Without an expectation a time is the text that another sender would have written; a score is a number. */
function wantedType(name: string, column: Column): ColumnType {
  if (name === 'score' || name.startsWith('score.')) return 'float64';
  return column.kind === 'time' ? 'text' : column.type;
}

function typed(column: Column, into: { name: string; type: ColumnType; misfits: Misfits }): Column {
  const { name, type, misfits } = into;
  if (column.kind === 'time' && type === 'text') return timesAsText(column);
  return misfits.collect(name, type, (misfit) => convertColumn(column, type, misfit));
}

/** Ids and versions: an integer's digits are its text. The checks have let nothing else through. */
function textColumn(column: Column): Column {
  if (column.type === 'text') return column;
  const texts = new Map<string, number>();
  const codes = new Int32Array(column.length).fill(-1);
  for (let row = 0; row < column.length; row++) {
    const text = cellText(column, row);
    if (text === null) continue;
    const code = texts.get(text) ?? texts.size;
    texts.set(text, code);
    codes[row] = code;
  }
  return { kind: 'category', type: 'text', length: column.length, codes, dictionary: [...texts.keys()] };
}

function present(column: Column): Pick<RowViolation, 'count' | 'examples' | 'rows'> {
  const rows: number[] = [];
  for (let row = 0; row < column.length; row++) if (isPresent(column, row)) rows.push(row);
  const examples = rows.slice(0, MAX_EXAMPLES).map((row) => shown(cellText(column, row)!, 100));
  return { count: rows.length, examples, rows: rowsOf(rows, column.length) };
}

function slotsOf(fields: readonly Field[], known: PredictionFields): number[] {
  const taken = new Map<number, string>();
  return fields.map(({ name, type }) => {
    const path = recordPath(name, known.shape);
    if (path === null) return -1;
    const slot: number | RecordProblem = known.slotOf(path, isVectorType(type) ? CELL.numbers : CELL.null);
    if (typeof slot !== 'number') throw invalid(slot.detail);
    const other = taken.get(slot);
    if (other !== undefined) throw invalid(`the columns ${shown(other)} and ${shown(name)} name the same thing`);
    taken.set(slot, name);
    return slot;
  });
}

function invalid(what: string): TidemarkError {
  return new TidemarkError('invalid-body', `The table cannot be taken: ${what}.`);
}
