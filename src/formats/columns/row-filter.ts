import { TidemarkError } from '../../errors.ts';
import {
  type CategoryColumn,
  type Column,
  type ColumnBatch,
  type Field,
  isValid,
  isVectorType,
} from '../../stats/column.ts';
import { NOT_A_TIME, readTime } from '../text/time-text.ts';
import { type Comparator, columnsOf, type Literal, type Predicate } from './row-predicate.ts';

/** What a condition is for one row: as in SQL, a comparison with an absent value is neither true nor false. */
const FALSE = 0;
const TRUE = 1;
const UNKNOWN = 2;

/** One answer a row. */
type Answers = Uint8Array;

/** A predicate that fits a table. */
export type RowFilter = {
  /** The columns it reads, in the order in which a batch must hold them. */
  readonly columns: readonly string[];
  /** 1 for each row for which the predicate is true, else 0. */
  readonly test: (batch: ColumnBatch) => Uint8Array;
};

/**
 * Binds a predicate to a table's columns. Numbers compare as numbers, int64 exactly; texts by code points; times with
 * ISO texts. Nothing is converted: a number never equals a text that looks like it.
 * @throws TidemarkError `invalid-body` for an unknown column or a literal of another kind than its column.
 */
export function rowFilter(predicate: Predicate, fields: readonly Field[]): RowFilter {
  const columns = columnsOf(predicate);
  const types = new Map(fields.map((field) => [field.name, field]));
  for (const name of columns) if (!types.has(name)) throw unknownColumn(name, fields);
  const positions = new Map(columns.map((name, i) => [name, i]));
  const run = bind(predicate, { field: (name) => types.get(name)!, position: (name) => positions.get(name)! });
  return {
    columns,
    test: (batch) => run(batch).map((answer) => (answer === TRUE ? 1 : 0)),
  };
}

type Binding = { readonly field: (name: string) => Field; readonly position: (name: string) => number };
type Run = (batch: ColumnBatch) => Answers;

function bind(predicate: Predicate, binding: Binding): Run {
  switch (predicate.kind) {
    case 'and':
    case 'or': {
      const runs = predicate.terms.map((term) => bind(term, binding));
      return (batch) => combine(predicate.kind, runs, batch);
    }
    case 'not': {
      const run = bind(predicate.term, binding);
      return (batch) => run(batch).map((answer) => (answer === UNKNOWN ? UNKNOWN : 1 - answer));
    }
    case 'is-null':
      return absent(binding.position(predicate.column));
    case 'is-nan':
      return notANumber(binding.position(predicate.column));
    case 'in': {
      const tests = predicate.literals.map((literal) => testOf(binding.field(predicate.column), '=', literal));
      return compare(binding.position(predicate.column), anyOf(tests));
    }
    case 'compare': {
      const test = testOf(binding.field(predicate.column), predicate.comparator, predicate.literal);
      return compare(binding.position(predicate.column), test);
    }
  }
}

function combine(kind: 'and' | 'or', runs: readonly Run[], batch: ColumnBatch): Answers {
  const [decided, other] = kind === 'and' ? [FALSE, TRUE] : [TRUE, FALSE];
  const answers = new Uint8Array(batch.rows).fill(other);
  for (const run of runs) {
    const next = run(batch);
    for (let i = 0; i < answers.length; i++) {
      if (next[i] === decided || answers[i] === decided) answers[i] = decided;
      else if (next[i] === UNKNOWN) answers[i] = UNKNOWN;
    }
  }
  return answers;
}

function absent(position: number): Run {
  return (batch) => {
    const column = batch.columns[position]!;
    return Uint8Array.from({ length: batch.rows }, (_, i) => (hasValue(column, i) ? FALSE : TRUE));
  };
}

function notANumber(position: number): Run {
  return (batch) => {
    const column = batch.columns[position]!;
    const nan = (i: number): boolean => column.kind === 'number' && Number.isNaN(column.values[i]);
    return Uint8Array.from({ length: batch.rows }, (_, i) => (hasValue(column, i) ? Number(nan(i)) : UNKNOWN));
  };
}

/** How a literal is held against values of its column's kind. */
type ValueTest = {
  readonly number: (value: number, exact: bigint | null) => boolean;
  readonly text: (value: string) => boolean;
};

function anyOf(tests: readonly ValueTest[]): ValueTest {
  return {
    number: (value, exact) => tests.some((test) => test.number(value, exact)),
    text: (value) => tests.some((test) => test.text(value)),
  };
}

function compare(position: number, test: ValueTest): Run {
  return (batch) => {
    const column = batch.columns[position]!;
    if (column.kind === 'category') return compareTexts(column, test);
    const exact = column.kind === 'number' ? column.exact : null;
    return Uint8Array.from({ length: batch.rows }, (_, i) => {
      if (!isValid(column.valid, i)) return UNKNOWN;
      return test.number(column.values[i]!, exact === null ? null : exact[i]!) ? TRUE : FALSE;
    });
  };
}

/** Each different text is tested once a batch. */
function compareTexts({ codes, dictionary }: CategoryColumn, test: ValueTest): Answers {
  const known = new Uint8Array(dictionary.length).fill(UNKNOWN);
  return Uint8Array.from(codes, (code) => {
    if (code < 0) return UNKNOWN;
    if (known[code] === UNKNOWN) known[code] = test.text(dictionary[code]!) ? TRUE : FALSE;
    return known[code]!;
  });
}

const NEVER: ValueTest = { number: () => false, text: () => false };

function testOf({ name, type }: Field, comparator: Comparator, literal: Literal): ValueTest {
  if ((type === 'int64' || type === 'float64') && literal.kind === 'number')
    return numberTest(comparator, literal.text);
  if (type === 'text' && literal.kind === 'text') return textTest(comparator, literal.text);
  if (type === 'boolean' && literal.kind === 'boolean') {
    if (comparator !== '=' && comparator !== '!=') throw misfit(name, 'is true or false, which have no order');
    return textTest(comparator, String(literal.value));
  }
  if ((type === 'timestamp' || type === 'date') && literal.kind === 'text') {
    return timeTest(name, comparator, literal.text);
  }
  if (isVectorType(type)) throw misfit(name, 'holds vectors, which are compared with nothing but NULL');
  const wanted = {
    int64: 'numbers; write the value without quotes',
    float64: 'numbers; write the value without quotes',
    text: 'text; write the value in single quotes',
    boolean: 'true and false; write one of them without quotes',
    timestamp: "times; write the value like '2026-01-31T10:00:00Z'",
    date: "dates; write the value like '2026-01-31'",
  };
  throw misfit(name, `holds ${wanted[type]}`);
}

/** What the sign of a difference says; NaN differs from everything and is not in order with anything. */
function holds(comparator: Comparator, sign: number): boolean {
  switch (comparator) {
    case '=':
      return sign === 0;
    case '!=':
      return sign !== 0;
    case '<':
      return sign < 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    case '>=':
      return sign >= 0;
  }
}

function numberTest(comparator: Comparator, text: string): ValueTest {
  const literal = Number(text);
  const whole = /^-?\d+$/.test(text) ? BigInt(text) : null;
  const sign = (value: number, exact: bigint | null): number => {
    // Beyond 2^53 doubles no longer tell integers apart.
    if (whole !== null && exact !== null) return exact < whole ? -1 : exact > whole ? 1 : 0;
    if (whole !== null && Number.isSafeInteger(value)) return signOfWhole(value, whole, literal);
    return value < literal ? -1 : value > literal ? 1 : value === literal ? 0 : Number.NaN;
  };
  return { ...NEVER, number: (value, exact) => holds(comparator, sign(value, exact)) };
}

function signOfWhole(value: number, whole: bigint, literal: number): number {
  if (Number.isSafeInteger(literal)) return Math.sign(value - literal);
  return BigInt(value) < whole ? -1 : 1;
}

function textTest(comparator: Comparator, text: string): ValueTest {
  // UTF-8 keeps the order of code points, which UTF-16 does not.
  const bytes = Buffer.from(text);
  const ordered = (value: string): boolean => holds(comparator, Buffer.compare(Buffer.from(value), bytes));
  const equal = (value: string): boolean => (value === text) === (comparator === '=');
  return { ...NEVER, text: comparator === '=' || comparator === '!=' ? equal : ordered };
}

function timeTest(name: string, comparator: Comparator, text: string): ValueTest {
  const bytes = Buffer.from(text);
  const out = new Float64Array(1);
  if (readTime(bytes, 0, bytes.length, out) === NOT_A_TIME) {
    throw misfit(
      name,
      `holds times, and ${JSON.stringify(text.slice(0, 40))} is none; write it like '2026-01-31T10:00:00Z'`,
    );
  }
  const literal = out[0]!;
  return { ...NEVER, number: (value) => holds(comparator, Math.sign(value - literal)) };
}

function hasValue(column: Column, i: number): boolean {
  return column.kind === 'category' ? column.codes[i]! >= 0 : isValid(column.valid, i);
}

function unknownColumn(name: string, fields: readonly Field[]): TidemarkError {
  const known = fields.slice(0, 20).map((field) => field.name);
  const more = fields.length > known.length ? ', …' : '';
  const detail = `there is no column "${name.slice(0, 100)}" (known: ${known.join(', ').slice(0, 500)}${more})`;
  return new TidemarkError('invalid-body', `The condition does not fit the table: ${detail}.`, {
    issues: [{ code: 'unknown-column', detail }],
  });
}

function misfit(name: string, detail: string): TidemarkError {
  const message = `The condition does not fit the table: the column "${name.slice(0, 100)}" ${detail}.`;
  return new TidemarkError('invalid-body', message, { issues: [{ code: 'invalid-condition', detail }] });
}
