import { type CellWriting, columnWriting } from '../../formats/csv/cell-writing.ts';
import { cellEvidence, readsAs } from '../../formats/csv/types.ts';
import type { CsvOptions } from '../../formats/table.ts';
import type { ColumnType } from '../../stats/column.ts';
import type { TextShapes } from '../../stats/profile.ts';
import { TextShapeCounts } from '../../stats/summaries/text-shapes.ts';
import type { Judgement } from '../../stats/verdict/judgement.ts';
import { type KeptColumn, readKept } from '../profile/kept-columns.ts';
import type { ColumnOutline } from './column-outline.ts';
import type { SharedColumn } from './compare-part.ts';
import { type Written, writtenOf, writtenText } from './written-texts.ts';

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
  /** What the texts of one side look like to a person, where the other has that, and what would read them; else null. */
  readonly written: Written | null;
};

type Misfits = { readonly count: number; readonly cells: number; readonly examples: readonly string[] };

const EXAMPLES = 3;

/**
 * The columns that cannot be held against each other, since one side holds another kind of value.
 * @param csv how the current table was read
 */
export function retypedColumns(
  shared: readonly SharedColumn[],
  judgement: Judgement,
  csv: CsvOptions,
): RetypedColumn[] {
  const apart = new Set(judgement.columns.flatMap(({ name, verdict }) => (verdict === 'not_comparable' ? [name] : [])));
  return shared
    .filter(({ name, reference, current }) => apart.has(name) && isRetyped(reference, current))
    .map(({ name, reference, current, rows }) => {
      const types = { name, reference: reference.type, current: current.type };
      if (current.type === 'text') {
        const texts = textsOf(rows.current);
        const writing = columnWriting(name, csv);
        // What was said already mends nothing when it is said again.
        const mended = reference.kind === 'time' ? writing?.dates : writing?.marks;
        const written = mended ? null : writtenOf(shapesOf(texts), reference.kind, [...texts.keys()]);
        return { ...types, misfits: misfitsOf(texts, reference.type, writing), written };
      }
      const texts = reference.type === 'text' ? textsOf(rows.reference) : null;
      const written = texts && writtenOf(shapesOf(texts), current.kind, [...texts.keys()]);
      return { ...types, misfits: null, written };
    });
}

type CountedTexts = ReadonlyMap<string, number>;

function textsOf(kept: KeptColumn): CountedTexts {
  const column = readKept(kept, 'text');
  if (column.kind !== 'category') throw new TypeError('a column of text is one of codes');
  const { codes, dictionary } = column;
  const counts = new Map<number, number>();
  for (const code of codes) if (code >= 0) counts.set(code, (counts.get(code) ?? 0) + 1);
  return new Map(Array.from(counts, ([code, count]) => [dictionary[code] ?? '', count]));
}

function shapesOf(texts: CountedTexts): TextShapes | null {
  const shapes = new TextShapeCounts();
  for (const [text, count] of texts) shapes.add(text, count);
  return shapes.describe();
}

/** Numbers of any type are numbers, vectors of another length are other vectors, and nothing at all is of any type. */
export const isRetyped = (a: ColumnOutline, b: ColumnOutline): boolean =>
  b.nulls < b.rows && (a.kind !== b.kind || (a.kind === 'vector' && a.type !== b.type));

function misfitsOf(texts: CountedTexts, type: ColumnType, writing: CellWriting | null): Misfits {
  const misfits = [...texts].filter(([text]) => !fits(text, type, writing));
  const often = misfits.toSorted(([, a], [, b]) => b - a).slice(0, EXAMPLES);
  return {
    count: misfits.reduce((sum, [, count]) => sum + count, 0),
    cells: [...texts.values()].reduce((sum, count) => sum + count, 0),
    examples: often.map(([text]) => text.slice(0, 100)),
  };
}

function fits(text: string, type: ColumnType, writing: CellWriting | null): boolean {
  const bytes = Buffer.from(text, 'utf8');
  return readsAs(cellEvidence(bytes, 0, bytes.length, writing), type);
}

/** The judgement with what the schema says: a column that is gone or is something else is drift whatever the others do. */
export function concludeSchema(judgement: Judgement, change: SchemaChange): Judgement {
  const why = whySchema(change);
  if (why === null) return judgement;
  const { dataset } = judgement;
  const reasons = ['schema' as const, ...(dataset.reasons ?? [])];
  return {
    ...judgement,
    columns: sayRetyped(judgement.columns, change),
    dataset: { ...dataset, verdict: 'drift', why: `${why} ${dataset.why}`, reasons },
  };
}

/** Columns that cannot be compared say what would make them so. */
export function sayRetyped<Told extends { readonly name: string; readonly why: string }>(
  columns: readonly Told[],
  { retyped }: { readonly retyped: readonly Pick<RetypedColumn, 'name' | 'written'>[] },
): Told[] {
  const written = new Map(retyped.flatMap(({ name, written: found }) => (found === null ? [] : [[name, found]])));
  return columns.map((column) => {
    const found = written.get(column.name);
    return found === undefined ? column : { ...column, why: `${column.why} Its texts ${writtenText(found)}.` };
  });
}

const NAMED = 5;

function whySchema({ removed, retyped }: SchemaChange): string | null {
  const said = [
    ...(removed.length === 0 ? [] : [`gone: ${listedNames(removed)}`]),
    ...(retyped.length === 0 ? [] : [`of another type: ${listedNames(retyped.map(retypedText))}`]),
  ];
  return said.length === 0 ? null : `Columns of the reference are ${said.join('; ')}.`;
}

function retypedText({ name, reference, current, misfits, written }: RetypedColumn): string {
  if (misfits === null || misfits.count === 0) return `${name} (${reference}, now ${current})`;
  const { count, cells, examples } = misfits;
  const shown = examples.map((text) => JSON.stringify(text)).join(', ');
  const mend = written === null ? '' : `, which ${writtenText(written)}`;
  return `${name} (${reference}, but ${count} of ${cells} cells are ${shown}${examples.length < EXAMPLES ? '' : ', …'}${mend})`;
}

/** The first of them, and how many more there are. */
export const listedNames = (names: readonly string[]): string =>
  names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ` and ${names.length - NAMED} more` : '');
