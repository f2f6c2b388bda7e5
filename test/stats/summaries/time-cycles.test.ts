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
