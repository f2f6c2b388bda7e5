import { describe, expect, it } from 'vitest';
import { instantShape } from '../../../schemas/wire/shapes.ts';

const problemsOf = (text: string): string[] | undefined =>
  instantShape.safeParse(text).error?.issues.map(({ message }) => message);

describe('a point in time on the wire', () => {
  it('has its zone, and a year of four digits', () => {
    for (const text of ['2026-01-31T09:00:00Z', '2026-01-31T09:00:00.5+02:00']) {
      expect(problemsOf(text)).toBeUndefined();
    }
    expect(problemsOf('0000-12-31T23:59:59Z')).toEqual(['must lie in the years 0100 to 9999 of UTC']);
    // Read back from the database it would be a day of 1999.
    expect(problemsOf('0099-12-31T23:59:59Z')).toEqual(['must lie in the years 0100 to 9999 of UTC']);
    expect(problemsOf('0100-01-01T00:00:00Z')).toBeUndefined();
  });

  it('is asked for in one sentence where a text is none', () => {
    for (const text of ['2026-01-31', '2026-01-31T09:00:00', 'latest']) {
      expect(problemsOf(text)).toEqual(['must be a time with its zone, such as 2026-01-31T09:00:00Z']);
    }
  });
});
