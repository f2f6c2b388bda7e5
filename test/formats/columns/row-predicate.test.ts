import { describe, expect, it } from 'vitest';
import { isTidemarkError } from '../../../src/errors.ts';
import { parsePredicate } from '../../../src/formats/columns/row-predicate.ts';

/** What is said of a condition that cannot be; null where it can. */
function refusalOf(text: string): string | null {
  try {
    parsePredicate(text);
    return null;
  } catch (error) {
    if (!isTidemarkError(error, 'invalid-body')) throw error;
    return error.message;
  }
}

/** Seconds of the processor: what others do on the machine does not count. */
function secondsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** About as long as a condition may be. */
const LONG = 99_990;

describe('conditions that want more than the language has', () => {
  it.each(['(a+)+$', "name ~ '(a+)+$'", "name like '%a%'", "name regexp '(a|aa)+b'", 'sleep(10)', "name = 'a' ; drop"])(
    '%s is refused, with the place',
    (text) => {
      expect(refusalOf(text)).toMatch(/character \d+/);
    },
  );

  it('a pattern between quotes is a text like any other', () => {
    expect(parsePredicate("name = '(a+)+$'")).toEqual({
      kind: 'compare',
      column: 'name',
      comparator: '=',
      literal: { kind: 'text', text: '(a+)+$' },
    });
  });

  it('what would go on for ever in a pattern is read in no time, and refused', () => {
    const hostile = [
      `'${"''".repeat(LONG / 2)}`,
      `name = '${"''".repeat(LONG / 2 - 5)}`,
      `"${'""'.repeat(LONG / 2)}`,
      `${'a'.repeat(LONG)}!`,
      `name = ${'1'.repeat(LONG - 20)}x`,
      `name = ${'.1'.repeat(LONG / 2 - 20)}`,
      '('.repeat(LONG),
      'not '.repeat(LONG / 4),
      `a in (${'1,'.repeat(LONG / 2 - 10)}`,
      ' '.repeat(LONG),
    ];
    for (const text of hostile) {
      const seconds = secondsOf(() => expect(refusalOf(text)).not.toBeNull());
      expect(seconds).toBeLessThan(2);
    }
  });

  it('is bounded in length, in depth and in what it lists', () => {
    expect(refusalOf(`a = '${'x'.repeat(100_000)}'`)).toContain('longer than');
    expect(refusalOf(`${'('.repeat(101)}a = 1${')'.repeat(101)}`)).toContain('stand in each other');
    expect(refusalOf(`${'('.repeat(99)}a = 1${')'.repeat(99)}`)).toBeNull();
    expect(refusalOf(`a in (${Array.from({ length: 10_001 }, () => 1).join(',')})`)).not.toBeNull();
  });
});
