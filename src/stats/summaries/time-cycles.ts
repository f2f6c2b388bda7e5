import type { TimeColumn } from '../column.ts';
import type { TimeCycles } from '../profile.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** 1970-01-01 was a Thursday, the fourth day of a week that begins on Monday. */
const FIRST_WEEKDAY = 3;

/** What was counted, as plain data. */
export type CyclesState = { readonly weekdays: Float64Array; readonly hours: Float64Array };

/** Points in time by day of the week and by hour of the day, both in UTC. */
export class TimeCycleCounts {
  readonly #weekdays = new Float64Array(7);
  readonly #hours = new Float64Array(24);

  /** Takes the first `n` of these milliseconds. */
  add(instants: Float64Array, n: number): void {
    for (let i = 0; i < n; i++) {
      const day = Math.floor(instants[i]! / DAY);
      // Far-off years of either sign leave the remainder's sign to be mended.
      this.#weekdays[(((day + FIRST_WEEKDAY) % 7) + 7) % 7]!++;
      this.#hours[Math.floor((instants[i]! - day * DAY) / HOUR) % 24]!++;
    }
  }

  state(): CyclesState {
    return { weekdays: this.#weekdays, hours: this.#hours };
  }

  absorb({ weekdays, hours }: CyclesState): void {
    for (let k = 0; k < 7; k++) this.#weekdays[k]! += weekdays[k]!;
    for (let k = 0; k < 24; k++) this.#hours[k]! += hours[k]!;
  }

  describe(type: TimeColumn['type']): TimeCycles {
    return {
      method: 'time-cycles/utc@1',
      weekdays: [...this.#weekdays],
      // A date has no time of day.
      hours: type === 'date' ? null : [...this.#hours],
    };
  }
}

/** The cycles of all parts together; null where one of them has none to give, as profiles from before there were any. */
export function mergeCycles(parts: readonly (TimeCycles | null | undefined)[]): TimeCycles | null {
  const known = parts.filter((part) => part !== null && part !== undefined);
  if (known.length === 0 || known.length < parts.length) return null;
  const counts = new TimeCycleCounts();
  const timed = known.some(({ hours }) => hours !== null);
  for (const { weekdays, hours } of known) {
    const days = weekdays.reduce((sum, count) => sum + count, 0);
    // Among points in time a date is the midnight that begins it.
    const midnight = Float64Array.of(days, ...Array.from({ length: 23 }, () => 0));
    counts.absorb({
      weekdays: Float64Array.from(weekdays),
      hours: hours === null ? midnight : Float64Array.from(hours),
    });
  }
  return counts.describe(timed ? 'timestamp' : 'date');
}
