import { TidemarkError } from '../../errors.ts';
import type { ArrowView } from '../../formats/arrow/arrow.ts';
import { rowFilter } from '../../formats/columns/row-filter.ts';
import { type Literal, type Predicate, parsePredicate } from '../../formats/columns/row-predicate.ts';
import { recordPath } from '../../formats/prediction/names.ts';
import type { Column, ColumnType, Field } from '../../stats/column.ts';
import { conform } from '../snapshot/conform.ts';

/** A condition on logged predictions, which holds for batches whatever columns they have. */
export type Condition = {
  /** The columns it speaks of, by the names that batches give them. */
  readonly columns: readonly string[];
  /**
   * 1 for each row for which it is true, else 0. A column that the batch does not have is absent in every row.
   * @throws TidemarkError `invalid-body` where a text stands against a time and is none.
   */
  readonly test: (view: ArrowView) => Uint8Array;
};

/** What a column is compared with; `none` where only its presence is asked for. */
type Against = Literal['kind'] | 'none';

/**
 * Reads a condition in the language of `row-predicate.ts`. Columns are named as in tables that are logged:
 * `prediction`, `score`, `segment`, `features.age` (or `age`), `scores.yes`, `tags.region`. Batches differ in how
 * they type a column, so a number is held against numbers and texts that spell one, a text against texts.
 * @throws TidemarkError `invalid-body`.
 */
export function readCondition(text: string): Condition {
  const predicate = parsePredicate(text);
  const against = new Map<string, Against>();
  visit(predicate, (column, kind) => note(against, column, kind));
  const logged = new Map([...against.keys()].map((column) => [column, loggedName(column)]));
  return { columns: [...new Set(logged.values())], test: (view) => test(view, predicate, { against, logged }) };
}

function loggedName(column: string): string {
  if (column === 'label') {
    throw new TidemarkError(
      'invalid-body',
      'The condition cannot speak of "label": labels come apart from predictions; ask with labels= and label=.',
    );
  }
  const path = recordPath(column, 'prediction') ?? [column];
  const [part = '', name] = path;
  // A segment is kept as a tag of this name.
  if (part === 'segment') return 'tag.segment';
  if (name !== undefined) return `${part.slice(0, -1)}.${name}`;
  return part === 'scores' ? 'score' : part;
}

function note(against: Map<string, Against>, column: string, kind: Against): void {
  const known = against.get(column) ?? 'none';
  if (known !== 'none' && kind !== 'none' && known !== kind) {
    const detail = `it compares "${column.slice(0, 100)}" with a ${known} and with a ${kind}`;
    throw new TidemarkError('invalid-body', `The condition does not fit any column: ${detail}.`, {
      issues: [{ code: 'invalid-condition', detail }],
    });
  }
  against.set(column, kind === 'none' ? known : kind);
}

function visit(predicate: Predicate, see: (column: string, kind: Against) => void): void {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      for (const term of predicate.terms) visit(term, see);
      return;
    case 'not':
      visit(predicate.term, see);
      return;
    case 'compare':
      see(predicate.column, predicate.literal.kind);
      return;
    case 'in':
      for (const literal of predicate.literals) see(predicate.column, literal.kind);
      return;
    default:
      see(predicate.column, 'none');
  }
}

type Bound = { readonly against: ReadonlyMap<string, Against>; readonly logged: ReadonlyMap<string, string> };

function test(view: ArrowView, predicate: Predicate, { against, logged }: Bound): Uint8Array {
  const fields: Field[] = [];
  const columns = new Map<string, Column>();
  for (const [name, kind] of against) {
    const position = view.fields.findIndex((field) => field.name === logged.get(name));
    const type = typeAgainst(view.fields[position]?.type ?? null, kind);
    fields.push({ name, type });
    columns.set(name, conform(position < 0 ? null : view.column(position), view.rows, type));
  }
  const filter = rowFilter(predicate, fields);
  const wanted = filter.columns.flatMap((name) => columns.get(name) ?? []);
  return filter.test({ rows: view.rows, columns: wanted });
}

function typeAgainst(type: ColumnType | null, kind: Against): ColumnType {
  switch (kind) {
    case 'number':
      return type === 'int64' ? 'int64' : 'float64';
    case 'boolean':
      return 'boolean';
    case 'text':
      return type === 'timestamp' || type === 'date' ? type : 'text';
    default:
      return type ?? 'text';
  }
}
