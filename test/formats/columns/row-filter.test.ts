import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowFilter } from '../../../src/formats/columns/row-filter.ts';
import { type Literal, type Predicate, parsePredicate } from '../../../src/formats/columns/row-predicate.ts';
import type { Column, Field } from '../../../src/stats/column.ts';
import { integers, numbers, texts, times } from '../../stats/columns.ts';

/** The rows that a condition takes of a table. */
function taken(condition: string, table: Readonly<Record<string, Column>>): number[] {
  const fields = Object.entries(table).map(([name, { type }]): Field => ({ name, type }));
  const filter = rowFilter(parsePredicate(condition), fields);
  const rows = Object.values(table)[0]?.length ?? 0;
  const answers = filter.test({ rows, columns: filter.columns.map((name) => table[name]!) });
  return [...answers.keys()].filter((row) => answers[row] === 1);
}

const TABLE = {
  age: numbers([30, 17, null, 45, Number.NaN]),
  id: integers([9007199254740993n, 9007199254740992n, 3n, null, -5n]),
  plan: texts(['pro', 'basic', null, "it's", '𝒳']),
  zip: texts(['01234', '1234', '01234', '', null]),
  paid: texts(['true', 'false', null, 'true', 'false'], 'boolean'),
  at: times([Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 2, 10), null, Date.UTC(2025, 0, 1), 0]),
  'odd "name"': numbers([1, 2, 3, 4, 5]),
};

describe('a condition', () => {
  it.each<[string, number[]]>([
    ['age >= 30', [0, 3]],
    ['age < 30', [1]],
    ['not age < 30', [0, 3, 4]],
    ['age != 30', [1, 3, 4]],
    ['age = 30.0', [0]],
    ['age is null', [2]],
    ['age is not null and age is not nan', [0, 1, 3]],
    ['age is nan', [4]],
    ['age > -1e2 and age <= .3e2', [0, 1]],
    ['id = 9007199254740993', [0]],
    ['id >= 9007199254740993', [0]],
    ['id < 9007199254740993', [1, 2, 4]],
    ['id in (3, -5, 9007199254740993)', [0, 2, 4]],
    ['id > 2.5', [0, 1, 2]],
    ["plan = 'it''s'", [3]],
    ["plan > 'pro'", [4]],
    ["plan in ('pro', 'basic')", [0, 1]],
    ["plan not in ('pro', 'basic')", [3, 4]],
    ["not plan = 'pro'", [1, 3, 4]],
    ["zip = '01234'", [0, 2]],
    ["zip = ''", [3]],
    ['paid = true', [0, 3]],
    ['paid != true', [1, 4]],
    ["at >= '2026-01-01'", [0, 1]],
    ["at = '2026-01-02T11:00:00+01:00'", [1]],
    ["at < '1970-01-01 00:00:00.001'", [4]],
    ['"odd ""name""" > 4', [4]],
    ['"age" = 17 OR (plan IS NULL AND NOT zip = \'1234\')', [1, 2]],
    // Neither true nor false, whatever stands beside it, unless that decides.
    ["age < 30 or plan = 'pro'", [0, 1]],
    ["age is null or (age > 1 and plan = 'nothing')", [2]],
    ['not (age > 1 and id > 100)', [2, 4]],
  ])('%s', (condition, rows) => {
    expect(taken(condition, TABLE)).toEqual(rows);
  });

  it.each([
    ['', 'at character 1: a column was expected at the end'],
    ['age', 'at character 4: a comparison, "in" or "is" was expected at the end'],
    ['age >', 'at character 6: a number, a text in single quotes, true or false was expected at the end'],
    ['age > 3 age < 4', 'at character 9: "and", "or" or the end was expected instead of age'],
    ['(age > 3', 'at character 9: ")" was expected at the end'],
    ['age not > 3', 'at character 9: "in" was expected instead of >'],
    ["plan = 'open", 'at character 8: "\'open" means nothing here, a quote that is not closed'],
    [
      "home.dest = 'x'",
      'at character 5: ".dest = \'x" means nothing here; the name of a column that is no plain word stands in double quotes: "home.dest"',
    ],
    ['größe > 3', 'in double quotes: "größe"'],
    ['öl > 3', 'in double quotes: "öl"'],
    ['age-years > 3', 'in double quotes: "age-years"'],
    ['age > 3; drop table x', 'at character 8: ";'],
    ['age > 3 -- x', 'at character 9: "-- x'],
    ['and > 3', 'at character 1: a column was expected instead of and'],
    ['age in ()', 'at character 9: a number'],
    ['age = null', 'at character 7: a number, a text in single quotes, true or false was expected instead of null'],
    [`${'('.repeat(101)}age > 3${')'.repeat(101)}`, 'more than 100 conditions stand in each other'],
    [`${'not '.repeat(5000)}age > 3`, 'more than 100 conditions stand in each other'],
    [`age in (${Array.from({ length: 10_001 }, () => '1').join(',')})`, 'a list has more than 10000 values'],
    ['nothing = 3', 'there is no column "nothing" (known: age, id, plan'],
    ["age = '30'", 'the column "age" holds numbers; write the value without quotes'],
    ['zip = 1234', 'the column "zip" holds text; write the value in single quotes'],
    ['paid > true', 'the column "paid" is true or false, which have no order'],
    ["paid = 'true'", 'the column "paid" holds true and false'],
    ["at > 'yesterday'", 'the column "at" holds times, and "yesterday" is none'],
    ['at > 2026', 'the column "at" holds times'],
  ])('is refused with the place and the way out (%#)', (condition, says) => {
    expect(() => taken(condition, TABLE)).toThrow(says);
    expect(() => taken(condition, TABLE)).toThrow(expect.objectContaining({ code: 'invalid-body' }));
  });

  it('takes the rows that a simple reading row by row takes', () => {
    const literal = fc.integer({ min: -3, max: 3 }).map((n): Literal => ({ kind: 'number', text: String(n) }));
    const column = fc.constantFrom('a', 'b');
    const { tree } = fc.letrec<{ tree: Predicate }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.record({
          kind: fc.constant('compare' as const),
          column,
          comparator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
          literal,
        }),
        fc.record({ kind: fc.constant('is-null' as const), column }),
        fc.record({
          kind: fc.constant('in' as const),
          column,
          literals: fc.array(literal, { minLength: 1, maxLength: 3 }),
        }),
        fc.record({ kind: fc.constant('not' as const), term: tie('tree') }),
        fc.record({
          kind: fc.constantFrom('and', 'or'),
          terms: fc.array(tie('tree'), { minLength: 2, maxLength: 3 }),
        }),
      ) as fc.Arbitrary<Predicate>,
    }));
    const cells = fc.array(fc.option(fc.integer({ min: -3, max: 3 }), { nil: null, freq: 4 }), {
      minLength: 20,
      maxLength: 20,
    });
    fc.assert(
      fc.property(tree, cells, cells, (predicate, a, b) => {
        const expected = a.flatMap((_, i) => (simple(predicate, { a: a[i]!, b: b[i]! }) === true ? [i] : []));
        expect(taken(written(predicate), { a: numbers(a), b: numbers(b) })).toEqual(expected);
      }),
    );
  });
});

/** Three-valued logic by its definition; null stands for unknown. */
function simple(predicate: Predicate, row: Record<string, number | null>): boolean | null {
  switch (predicate.kind) {
    case 'not': {
      const inner = simple(predicate.term, row);
      return inner === null ? null : !inner;
    }
    case 'and':
    case 'or': {
      const decided = predicate.kind === 'or';
      const answers = predicate.terms.map((term) => simple(term, row));
      if (answers.includes(decided)) return decided;
      return answers.includes(null) ? null : !decided;
    }
    case 'is-null':
      return row[predicate.column] === null;
    case 'in': {
      const value = row[predicate.column];
      return value === null
        ? null
        : predicate.literals.some((one) => one.kind === 'number' && Number(one.text) === value);
    }
    case 'compare': {
      const value = row[predicate.column];
      if (value === null || value === undefined || predicate.literal.kind !== 'number') return null;
      const other = Number(predicate.literal.text);
      const answers = {
        '=': value === other,
        '!=': value !== other,
        '<': value < other,
        '<=': value <= other,
        '>': value > other,
        '>=': value >= other,
      };
      return answers[predicate.comparator];
    }
    default:
      return null;
  }
}

function written(predicate: Predicate): string {
  switch (predicate.kind) {
    case 'not':
      return `not (${written(predicate.term)})`;
    case 'and':
    case 'or':
      return predicate.terms.map((term) => `(${written(term)})`).join(` ${predicate.kind} `);
    case 'is-null':
      return `${predicate.column} is null`;
    case 'in':
      return `${predicate.column} in (${predicate.literals.map((one) => (one.kind === 'number' ? one.text : '')).join(', ')})`;
    case 'compare':
      return `${predicate.column} ${predicate.comparator} ${predicate.literal.kind === 'number' ? predicate.literal.text : ''}`;
    default:
      return '';
  }
}
