/**
 * Types that whoever reads a table asks for, where the ones it would be read with say less: codes that look like
 * numbers are texts, whole numbers measurements. A column is only ever widened: one with a cell that cannot be read as
 * the type is refused rather than read with holes.
 */
import { TidemarkError } from '../../errors.ts';
import { type Column, type ColumnBatch, type ColumnType, type Field, isVectorType } from '../../stats/column.ts';
import type { AskedType, AskedTypes, TableReader } from '../table.ts';
import { convertColumn, timesAsText } from './column-conversion.ts';
import { concatenate } from './concatenate-columns.ts';

/** The fields with the types that were asked for, before it is known whether all cells fit. */
export function fieldsAsAsked(fields: readonly Field[], asked: AskedTypes | undefined): Field[] {
  return fields.map(({ name, type }) => ({ name, type: askedFor(asked, name) ?? type }));
}

type Found = {
  readonly type: ColumnType;
  readonly fits: (type: ColumnType) => boolean;
  readonly stated?: boolean;
  readonly text?: string | undefined;
};

/**
 * The type that a column is read with.
 * @param found its own type, whether all of its cells can be read as another, whether the file states it, whatever the
 *   cells hold, and a cell that is nothing but text, where one is known
 * @throws TidemarkError `unreadable-data` where one cannot.
 */
export function settleType(name: string, found: Found, asked: AskedTypes | undefined): ColumnType {
  const type = askedFor(asked, name);
  if (type === undefined || type === found.type) return found.type;
  if (!isVectorType(found.type) && found.fits(type)) return type;
  const column = `The column ${JSON.stringify(name.slice(0, 100))}`;
  const detail = found.stated
    ? `${column} is of the type ${found.type} by the file itself, which is not read as ${type}.`
    : `${column} holds values that are no ${type}${among(found.text)}: it reads as ${found.type}.`;
  throw new TidemarkError('unreadable-data', `${detail} Ask for that, for text, or for nothing.`);
}

const among = (text: string | undefined): string => (text === undefined ? '' : `, ${JSON.stringify(text)} among them`);

/** A table whose columns have types of their own, with those that were asked for. @throws as `settleType`. */
export function readAsAsked(table: TableReader, asked: AskedTypes | undefined): TableReader {
  const fields = table.fields.map(
    ({ name, type }): Field => ({
      name,
      type: settleType(name, { type, fits: (wider) => widens(type, wider), stated: true }, asked),
    }),
  );
  if (fields.every(({ type }, i) => type === table.fields[i]?.type)) return table;
  const types = new Map(fields.map(({ name, type }) => [name, type]));
  return {
    ...table,
    fields,
    batches: (columns, options) => {
      const wanted = columns ?? fields.map(({ name }) => name);
      return widened(
        table.batches(columns, options),
        wanted.map((name) => types.get(name)),
      );
    },
  };
}

/** @param types by the column's place in a batch */
async function* widened(
  batches: AsyncIterable<ColumnBatch>,
  types: readonly (ColumnType | undefined)[],
): AsyncGenerator<ColumnBatch> {
  for await (const batch of batches) {
    yield { ...batch, columns: batch.columns.map((column, i) => widen(column, types[i] ?? column.type)) };
  }
}

function widen(column: Column, type: ColumnType): Column {
  if (column.type === type) return column;
  if (type !== 'text') return convertColumn(column, type, () => {});
  if (column.kind === 'time') return timesAsText(column);
  if (column.kind === 'category') return { ...column, type };
  return concatenate([{ rows: column.length, column }], type);
}

function widens(type: ColumnType, wider: ColumnType): boolean {
  return wider === 'text' || (type === 'int64' && wider === 'float64') || (type === 'date' && wider === 'timestamp');
}

function askedFor(asked: AskedTypes | undefined, name: string): AskedType | undefined {
  return asked !== undefined && Object.hasOwn(asked, name) ? asked[name] : undefined;
}
