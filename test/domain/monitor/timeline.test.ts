import { describe, expect, it } from 'vitest';
import { basisOf, inForceAt, takingOverAfter } from '../../../src/domain/monitor/timeline.ts';

const at = (day: number | null): Date | null => (day === null ? null : new Date(day * 86_400_000));
const made = (days: readonly (number | null)[]) =>
  days.map((day, i) => ({ revision: i + 1, effectiveFrom: at(day) })).toReversed();
const number = (found: { revision: number } | null) => found?.revision ?? null;

describe('the configurations of a monitor over time', () => {
  // The second is of day 10, the third of day 20, the fourth of day 15.
  const revisions = made([null, 10, 20, 15]);

  it('have the newest of those in force that have begun', () => {
    expect([null, 9, 10, 14, 15, 20, 99].map((day) => number(inForceAt(revisions, at(day))))).toEqual([
      ...[1, 1, 2, 2, 4, 4, 4],
    ]);
  });

  it('take over where no newer one is in force by then', () => {
    const later = (day: number | null) => takingOverAfter(revisions, at(day)).map(number);
    expect(later(null)).toEqual([2, 4]);
    expect(later(10)).toEqual([4]);
    expect(later(15)).toEqual([]);
    expect(takingOverAfter(made([null, 30, 20]), at(0)).map(number)).toEqual([3]);
    expect(takingOverAfter(made([null, 20, 30]), at(0)).map(number)).toEqual([2, 3]);
  });

  it('were made on what was in force without them', () => {
    const basis = (revision: number, day: number | null) =>
      number(basisOf(revisions, { revision, effectiveFrom: at(day) }));
    expect([basis(1, null), basis(2, 10), basis(3, 20), basis(4, 15)]).toEqual([null, 1, 2, 2]);
  });
});
