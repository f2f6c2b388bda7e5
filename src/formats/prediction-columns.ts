/** Accepted records' cells → the columns of a batch, and what of them broke an expectation. */
import type { Column, ColumnType, Field, TimeColumn } from '../stats/column.ts';
import { absentColumn } from './column-sink.ts';
import { columnTypeOf } from './csv-types.ts';
import { CELL, type CellTable } from './json-cells.ts';
import { type CellColumn, columnOfCells, evidenceOf, rawText } from './json-columns.ts';
import { SLOT } from './prediction-fields.ts';
import type { RecordOptions, Violation } from './record-types.ts';
import { TextDictionary } from './text-dictionary.ts';
import { shown } from './unreadable.ts';

const MAX_EXAMPLES = 5;

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
  readonly ids: readonly string[];
  readonly violations: readonly Violation[];
};

/**
 * Columns in a fixed order: the id, the time, then the named parts, scores, features and tags, expected ones
 * first and in the order of the expectation, then the others in the order of first appearance.
 */
export function predictionColumns(from: AcceptedCells): PredictionColumns {
  const fields: Field[] = [];
  const columns: Column[] = [];
  const violations: Violation[] = [];
  const keep = (name: string, column: Column): void => {
    fields.push({ name, type: column.type });
    columns.push(column);
  };
  const idColumn = typedColumn(from, SLOT.id, 'text', []);
  keep('prediction_id', idColumn);
  const times = timeColumn(from.eventTimes);
  if (times !== null) keep('timestamp', times);
  for (const { name, slot, expected } of columnOrder(from)) {
    if (slot < 0) {
      keep(name, absentColumn(expected ?? 'text', from.cells.rows));
      violations.push({ column: name, code: 'missing', count: from.cells.rows, examples: [] });
      continue;
    }
    const cellColumn: CellColumn = { buf: from.buf, cells: from.cells, slot };
    if (expected === undefined && isUnexpected(name, from.options)) {
      violations.push({ column: name, code: 'unexpected', ...present(cellColumn) });
    } else if (expected !== undefined && name.startsWith('feature.')) {
      const count = from.cells.rows - countOf(cellColumn, (kind) => kind !== CELL.absent);
      if (count > 0) violations.push({ column: name, code: 'missing', count, examples: [] });
    }
    const type = expected ?? (name.startsWith('score') ? 'float64' : columnTypeOf(evidenceOf(cellColumn)));
    const strict = expected !== undefined || name.startsWith('score');
    keep(name, strict ? typedColumn(from, slot, type, violations) : columnOfCells(cellColumn, type, dictionary()));
  }
  return { fields, columns, ids: idsOf(idColumn), violations: violations.filter(({ count }) => count > 0) };
}

function dictionary(): { readonly dictionary: TextDictionary } {
  return { dictionary: new TextDictionary() };
}

/** A column of a given type; cells that do not fit are counted in `violations`. An id's digits are its text. */
function typedColumn(from: AcceptedCells, slot: number, type: ColumnType, violations: Violation[]): Column {
  const cellColumn: CellColumn = { buf: from.buf, cells: from.cells, slot };
  if (slot === SLOT.id || slot === SLOT.modelVersion) return columnOfCells(cellColumn, 'text', dictionary());
  const examples: string[] = [];
  let count = 0;
  const misfit = (_row: number, raw: string): void => {
    count++;
    if (examples.length < MAX_EXAMPLES) examples.push(shown(raw, 100));
  };
  const column = columnOfCells(cellColumn, type, { ...dictionary(), misfit });
  if (count > 0) violations.push({ column: from.names[slot]!, code: 'type', count, examples });
  return column;
}

type Planned = { readonly name: string; readonly slot: number; readonly expected: ColumnType | undefined };

const GROUPS = ['model_version', 'prediction', 'score', 'label', 'feature.', 'tag.'] as const;

function columnOrder({ names, cells, options }: AcceptedCells): Planned[] {
  const slots = new Map(names.map((name, slot) => [name, slot]));
  const expected = options.expected ?? NOTHING;
  const planned: Planned[] = [];
  const add = (name: string, slot: number, type: ColumnType | undefined): void => {
    if (name !== 'prediction_id' && name !== 'timestamp') planned.push({ name, slot, expected: type });
  };
  for (const [name, type] of expected) {
    const slot = slots.get(name) ?? -1;
    // Only a feature that nobody sent deserves a column: a label or score may simply not be there.
    const due = options.shape === 'prediction' && name.startsWith('feature.');
    if (due || (slot >= 0 && used(cells, slot))) add(name, slot, type);
  }
  for (const [slot, name] of names.entries()) if (!expected.has(name) && used(cells, slot)) add(name, slot, undefined);
  return planned.sort((a, b) => groupOf(a.name) - groupOf(b.name));
}

const NOTHING: ReadonlyMap<string, ColumnType> = new Map();

function groupOf(name: string): number {
  return GROUPS.findIndex((group) => name === group || name.startsWith(group.endsWith('.') ? group : `${group}.`));
}

function isUnexpected(name: string, { expected }: RecordOptions): boolean {
  return expected !== undefined && name.startsWith('feature.');
}

function used(cells: CellTable, slot: number): boolean {
  const { kinds, stride, rows } = cells;
  for (let i = slot; i < rows * stride; i += stride) if (kinds[i] !== CELL.absent) return true;
  return false;
}

function countOf({ cells, slot }: CellColumn, wanted: (kind: number) => boolean): number {
  let count = 0;
  for (let i = slot; i < cells.rows * cells.stride; i += cells.stride) if (wanted(cells.kinds[i]!)) count++;
  return count;
}

function present({ buf, cells, slot }: CellColumn): Pick<Violation, 'count' | 'examples'> {
  const examples: string[] = [];
  let count = 0;
  for (let i = slot; i < cells.rows * cells.stride; i += cells.stride) {
    if (cells.kinds[i] === CELL.absent) continue;
    if (count++ < MAX_EXAMPLES) examples.push(shown(rawText(buf, cells, i), 100));
  }
  return { count, examples };
}

function timeColumn(eventTimes: readonly number[]): TimeColumn | null {
  const length = eventTimes.length;
  const values = Float64Array.from(eventTimes, (time) => (Number.isNaN(time) ? 0 : time));
  const missing = eventTimes.filter((time) => Number.isNaN(time)).length;
  if (missing === length) return null;
  if (missing === 0) return { kind: 'time', type: 'timestamp', length, values, valid: null };
  const valid = new Uint8Array((length + 7) >> 3);
  for (let i = 0; i < length; i++) if (!Number.isNaN(eventTimes[i]!)) valid[i >> 3]! |= 1 << (i & 7);
  return { kind: 'time', type: 'timestamp', length, values, valid };
}

function idsOf(column: Column): string[] {
  if (column.kind !== 'category') return [];
  return Array.from(column.codes, (code) => column.dictionary[code]!);
}
