import type { EpisodeRow, Evidence } from '../../store/alert/alerts.ts';
import { configOf, type MonitorConfig } from '../configuration/config.ts';
import { usualSeconds } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';
import type { AlertRule, Episode } from './episode.ts';

/** What a monitor's configuration says of its alerts. */
export type Rule = AlertRule & {
  /** Breaching windows in a row that make an alert critical; null: none do. */
  readonly escalateAfter: number | null;
  readonly repeatSeconds: number | null;
};

/** What is wrong with the data of a monitor, rather than that it drifts. */
export type Trouble = 'no_data' | 'error' | 'broken_schema' | 'unusual_volume' | 'late_data';

/** The rule that a report was made under. */
export const ruleOf = ({ revision }: Evidence): Rule => ruleFrom(configOf(revision));

type AlertConfig = Pick<MonitorConfig, 'alert' | 'window_seconds' | 'windowing'>;

/** A length of time is so many windows as it takes to fill it; where rows make windows, those are counted. */
export function ruleFrom({ alert, ...windows }: AlertConfig): Rule {
  const length = usualSeconds(windowingOf(windows));
  const filling = (seconds: number | undefined): number | null =>
    seconds === undefined || length === null ? null : Math.max(1, Math.ceil(seconds / length));
  const lasting = filling(alert.fire_seconds);
  return {
    fireAfter: lasting ?? alert.fire_after,
    fireWithin: lasting ?? alert.fire_within ?? alert.fire_after,
    resolveAfter: filling(alert.resolve_seconds) ?? alert.resolve_after,
    escalateAfter: alert.escalate_after ?? null,
    repeatSeconds: alert.repeat_seconds ?? null,
  };
}

/** When performance raises an alert: that of labels as drift does unless somebody chose, an estimate only by choice. */
export function performanceRule(config: AlertConfig, target: 'performance' | 'estimate'): Rule | null {
  const rule = ruleFrom(config);
  const { performance_after, estimate_after = null } = config.alert;
  if (target === 'performance' && performance_after === undefined) return rule;
  const after = target === 'performance' ? performance_after : estimate_after;
  return after == null ? null : { ...rule, fireAfter: after, fireWithin: after };
}

/** A window that is unusual by chance is rare, and two in a row are nothing that chance makes. */
const STANDARD_AFTER: Readonly<Record<Exclude<Trouble, 'no_data'>, number>> = {
  error: 1,
  broken_schema: 1,
  unusual_volume: 2,
  late_data: 2,
};

const DAY_SECONDS = 86_400;
const FEWEST_SILENT = 2;

/** Windows without data by which a feed has stopped: a pause is shorter than a day. Null where rows make windows. */
function silenceOf(windows: Pick<MonitorConfig, 'window_seconds' | 'windowing'>): number | null {
  const length = usualSeconds(windowingOf(windows));
  return length === null ? null : Math.max(FEWEST_SILENT, Math.ceil(DAY_SECONDS / length));
}

/** Windows in a row with this trouble that raise an alert; null: none do. */
export function troubleAfter({ alert, ...windows }: AlertConfig, trouble: Trouble): number | null {
  if (trouble === 'no_data') return alert.no_data_after === undefined ? silenceOf(windows) : alert.no_data_after;
  const chosen = {
    error: alert.error_after,
    broken_schema: alert.schema_after,
    unusual_volume: alert.volume_after,
    late_data: alert.freshness_after,
  }[trouble];
  return chosen === undefined ? STANDARD_AFTER[trouble] : chosen;
}

/** Rows from before the windows were kept one by one had so many breaches in a row. */
export function machineOf({ id, state, streak, recent }: EpisodeRow): Episode {
  if (state === 'no_data' || state === 'error') throw new Error(`episode ${id} is about no drift`);
  return { state, streak, recent: state === 'pending' && recent === '' ? 'x'.repeat(streak) : recent };
}
