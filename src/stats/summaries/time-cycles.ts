import type { TimeColumn } from '../column.ts';
import type { TimeCycles } from '../profile.ts';

const HOUR = 3_600_000;
const WEEK = 7 * 24;
/** 1970-01-01 was a Thursday, three days into a week that begins on Monday. */
const FIRST_HOUR = 3 * 24;

/** What was counted, as plain data. */
export type CyclesState = { readonly weekdays: Float64Array; readonly hours: Float64Array };

/** Points in time by day of the week and by hour of the day, both in UTC. */
export class TimeCycleCounts {
  readonly #weekdays = new Float64Array(7);
  readonly #hours = new Float64Array(24);

  /** Takes the first `n` of these milliseconds. */
  add(instants: Float64Array, n: number): void {
    const week = new Float64Array(WEEK);
    for (let i = 0; i < n; i++) week[hourOfWeek(instants[i]!)]!++;
    for (let hour = 0; hour < WEEK; hour++) {
      this.#weekdays[Math.floor(hour / 24)]! += week[hour]!;
      this.#hours[hour % 24]! += week[hour]!;
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

/** From 0, the first of Monday. Without `%`, which of doubles takes ten times as long as all of this. */
function hourOfWeek(instant: number): number {
  const hour = Math.floor(instant / HOUR) + FIRST_HOUR;
  return hour - Math.floor(hour / WEEK) * WEEK;
}
