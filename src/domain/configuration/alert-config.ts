import type { MonitorChange, MonitorConfig } from '../../../schemas/wire/monitors.ts';
import type { ErrorIssue } from '../../errors.ts';
import { durationWithin } from '../window/duration.ts';

const SHORTEST_REPEAT = 300;

/** What a request asks for of alerts, on top of what was. Wrong lengths of time are added to the issues. */
export function alertOf(
  base: MonitorConfig['alert'],
  given: MonitorChange['alert'],
  issues: ErrorIssue[],
): MonitorConfig['alert'] {
  const chosen = <T>(now: T | null | undefined, before: T | undefined): T | undefined =>
    now === undefined ? before : (now ?? undefined);
  const repeat = given?.repeat_every;
  const bounds = { pointer: '/alert/repeat_every', least: SHORTEST_REPEAT };
  const seconds =
    typeof repeat === 'string' || typeof repeat === 'number' ? durationWithin(repeat, bounds, issues) : repeat;
  const length = (given: string | number | null | undefined, pointer: string): number | null | undefined =>
    typeof given === 'string' || typeof given === 'number'
      ? durationWithin(given, { pointer, least: 1 }, issues)
      : given;
  const optional = {
    fire_seconds: chosen(length(given?.fire_for, '/alert/fire_for'), base.fire_seconds),
    resolve_seconds: chosen(length(given?.resolve_for, '/alert/resolve_for'), base.resolve_seconds),
    // Null says never, so it is kept.
    no_data_after: given?.no_data_after === undefined ? base.no_data_after : given.no_data_after,
    error_after: given?.error_after === undefined ? base.error_after : given.error_after,
    schema_after: given?.schema_after === undefined ? base.schema_after : given.schema_after,
    volume_after: given?.volume_after === undefined ? base.volume_after : given.volume_after,
    freshness_after: given?.freshness_after === undefined ? base.freshness_after : given.freshness_after,
    performance_after: given?.performance_after === undefined ? base.performance_after : given.performance_after,
    estimate_after: chosen(given?.estimate_after, base.estimate_after),
    fire_within: chosen(given?.fire_within, base.fire_within),
    escalate_after: chosen(given?.escalate_after, base.escalate_after),
    repeat_seconds: chosen(seconds, base.repeat_seconds),
  };
  const alert = {
    fire_after: given?.fire_after ?? base.fire_after,
    resolve_after: given?.resolve_after ?? base.resolve_after,
    minimum_drifted_columns: given?.minimum_drifted_columns ?? base.minimum_drifted_columns,
    // What was not chosen is not there.
    ...(JSON.parse(JSON.stringify(optional)) as Partial<typeof optional>),
  };
  if (alert.fire_within !== undefined && alert.fire_within < alert.fire_after) {
    const detail = `must be at least fire_after, ${alert.fire_after}`;
    issues.push({ code: 'out-of-range', pointer: '/alert/fire_within', detail });
  }
  return alert;
}
