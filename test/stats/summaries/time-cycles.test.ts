import { describe, expect, it } from 'vitest';
import { mergeProfiles } from '../../../src/stats/merge-profiles.ts';
import { mergeCycles, TimeCycleCounts } from '../../../src/stats/summaries/time-cycles.ts';
import { profileOf, times } from '../columns.ts';

const at = (text: string): number => Date.parse(text);

describe('the cycles of times', () => {
  it('count days of the week and hours in UTC, before 1970 too', () => {
    const column = times([at('2026-11-23T00:00:00Z'), at('2026-11-29T23:59:59Z'), at('1969-12-31T23:00:00Z'), null]);
    const [found] = profileOf({ t: column }).columns;
    const hours = Array.from({ length: 24 }, () => 0);
    hours[0] = 1;
    hours[23] = 2;
    // A Monday, a Sunday and a Wednesday.
    expect(found).toMatchObject({ cycles: { method: 'time-cycles/utc@1', weekdays: [1, 0, 1, 0, 0, 0, 1], hours } });
  });

  it('are those that the calendar has, over four hundred years', () => {
    const values = Array.from({ length: 4000 }, (_, i) => at('1800-01-01T00:00:00Z') + i * 3_155_760_123);
    const [found] = profileOf({ t: times(values) }).columns;
    const weekdays = Array.from({ length: 7 }, () => 0);
    for (const value of values) weekdays[(new Date(value).getUTCDay() + 6) % 7]!++;
    expect(found).toMatchObject({ cycles: { weekdays } });
  });

  it('are those of whole numbers, at every edge of an hour and as far off as times are', () => {
    const hours = [-2_400_000_001, -596_524, -169, -168, -73, -72, -1, 0, 95, 96, 167, 168, 596_523, 2_400_000_001];
    for (const [hour, more] of hours.flatMap((hour) => [0, 1, 3_599_999].map((more) => [hour, more] as const))) {
      const counts = new TimeCycleCounts();
      counts.add(Float64Array.of(hour * 3_600_000 + more), 1);
      const ofWeek = Number((((BigInt(hour) + 72n) % 168n) + 168n) % 168n);
      const { weekdays, hours: ofDay } = counts.state();
      expect([weekdays.indexOf(1), ofDay.indexOf(1)], `${hour}`).toEqual([Math.floor(ofWeek / 24), ofWeek % 24]);
    }
  });

  it('are added up as plain data', () => {
    const [counts, all] = [new TimeCycleCounts(), new TimeCycleCounts()];
    counts.add(Float64Array.of(at('2026-11-24T05:00:00Z'), at('2026-11-24T05:30:00Z'), Number.NaN), 2);
    for (let part = 0; part < 2; part++) all.absorb(structuredClone(counts.state()));
    const hours = Array.from({ length: 24 }, (_, hour) => (hour === 5 ? 4 : 0));
    expect(all.describe('timestamp')).toMatchObject({ weekdays: [0, 4, 0, 0, 0, 0, 0], hours });
    expect(all.describe('date').hours).toBeNull();
  });

  it('merge; dates among points in time are their midnights; none where a part has none', () => {
    const [a, b] = [
      profileOf({ t: times([at('2026-11-23T05:00:00Z')]) }),
      profileOf({ t: times([at('2026-11-24T05:00:00Z')]) }),
    ];
    expect(mergeProfiles(a, b).columns[0]).toMatchObject({ cycles: { weekdays: [1, 1, 0, 0, 0, 0, 0] } });
    const day = { method: 'time-cycles/utc@1', weekdays: [2, 0, 0, 0, 0, 0, 0], hours: null } as const;
    const timed = {
      method: 'time-cycles/utc@1',
      weekdays: [1, 0, 0, 0, 0, 0, 0],
      hours: Array.from({ length: 24 }, () => 0),
    } as const;
    const hours = Array.from({ length: 24 }, (_, hour) => (hour === 0 ? 2 : 0));
    expect(mergeCycles([day, timed])).toEqual({ ...timed, weekdays: [3, 0, 0, 0, 0, 0, 0], hours });
    expect(mergeCycles([day])).toEqual(day);
    for (const lacking of [[], [day, null], [day, undefined]]) expect(mergeCycles(lacking)).toBeNull();
    expect(profileOf({ t: times([null]) }).columns[0]).toMatchObject({ cycles: null });
  });
});
