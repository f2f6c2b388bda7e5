import { cellEvidence, readsAs } from '../../formats/csv/types.ts';
import type { Column, ColumnType } from '../../stats/column.ts';
import type { Judgement } from '../../stats/verdict/judgement.ts';
import { readKept } from '../profile/kept-columns.ts';
import type { ColumnOutline } from './column-outline.ts';
import type { SharedColumn } from './compare-part.ts';

/** What of the reference the current table does not have, or has as something else: what no statistic can be made of. */
export type SchemaChange = {
  /** Columns that only the reference has. */
  readonly removed: readonly string[];
  readonly retyped: readonly RetypedColumn[];
};

export type RetypedColumn = {
  readonly name: string;
  readonly reference: ColumnType;
  readonly current: ColumnType;
  /** Cells of the current column that cannot be read as the reference's type; null where both are not of one format. */
  readonly misfits: Misfits | null;
};

type Misfits = { readonly count: number; readonly cells: number; readonly examples: readonly string[] };

const EXAMPLES = 3;

/** The columns that cannot be held against each other, since one side holds another kind of value. */
export function retypedColumns(shared: readonly SharedColumn[], judgement: Judgement): RetypedColumn[] {
  const apart = new Set(judgement.columns.flatMap(({ name, verdict }) => (verdict === 'not_comparable' ? [name] : [])));
  return shared
    .filter(({ name, reference, current }) => apart.has(name) && isRetyped(reference, current))
    .map(({ name, reference, current, rows }) => ({
      name,
      reference: reference.type,
      current: current.type,
      misfits: current.type === 'text' ? misfitsOf(readKept(rows.current, 'text'), reference.type) : null,
    }));
}

/** Numbers of any type are numbers, vectors of another length are other vectors, and nothing at all is of any type. */
export const isRetyped = (a: ColumnOutline, b: ColumnOutline): boolean =>
  b.nulls < b.rows && (a.kind !== b.kind || (a.kind === 'vector' && a.type !== b.type));

function misfitsOf(column: Column, type: ColumnType): Misfits | null {
  if (column.kind !== 'category') return null;
  const counts = new Map<number, number>();
  for (const code of column.codes) if (code >= 0) counts.set(code, (counts.get(code) ?? 0) + 1);
  const misfits = [...counts].filter(([code]) => !fits(column.dictionary[code] ?? '', type));
  const often = misfits.toSorted(([, a], [, b]) => b - a).slice(0, EXAMPLES);
  return {
    count: misfits.reduce((sum, [, count]) => sum + count, 0),
    cells: [...counts.values()].reduce((sum, count) => sum + count, 0),
    examples: often.map(([code]) => (column.dictionary[code] ?? '').slice(0, 100)),
  };
}

function fits(text: string, type: ColumnType): boolean {
  const bytes = Buffer.from(text, 'utf8');
  return readsAs(cellEvidence(bytes, 0, bytes.length), type);
}

/** The judgement with what the schema says: a column that is gone or is something else is drift whatever the others do. */
export function concludeSchema(judgement: Judgement, change: SchemaChange): Judgement {
  const why = whySchema(change);
  if (why === null) return judgement;
  const { dataset } = judgement;
  const reasons = ['schema' as const, ...(dataset.reasons ?? [])];
  return { ...judgement, dataset: { ...dataset, verdict: 'drift', why: `${why} ${dataset.why}`, reasons } };
}

const NAMED = 5;

function whySchema({ removed, retyped }: SchemaChange): string | null {
  const said = [
    ...(removed.length === 0 ? [] : [`gone: ${listedNames(removed)}`]),
    ...(retyped.length === 0 ? [] : [`of another type: ${listedNames(retyped.map(retypedText))}`]),
  ];
  return said.length === 0 ? null : `Columns of the reference are ${said.join('; ')}.`;
}

function retypedText({ name, reference, current, misfits }: RetypedColumn): string {
  if (misfits === null || misfits.count === 0) return `${name} (${reference}, now ${current})`;
  const { count, cells, examples } = misfits;
  const shown = examples.map((text) => JSON.stringify(text)).join(', ');
  return `${name} (${reference}, but ${count} of ${cells} cells are ${shown}${examples.length < EXAMPLES ? '' : ', …'})`;
}

/** The first of them, and how many more there are. */
export const listedNames = (names: readonly string[]): string =>
  names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ` and ${names.length - NAMED} more` : '');
