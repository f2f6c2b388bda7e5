import type { EpisodeRow, Evidence } from '../../store/alerts.ts';
import { configOf, type MonitorConfig } from '../monitor/config.ts';
import type { AlertRule, Episode } from './episode.ts';

/** What a monitor's configuration says of its alerts. */
export type Rule = AlertRule & {
  /** Breaching windows in a row that make an alert critical; null: none do. */
  readonly escalateAfter: number | null;
  readonly repeatSeconds: number | null;
};

/** The rule that a report was made under. */
export const ruleOf = ({ revision }: Evidence): Rule => ruleFrom(configOf(revision).alert);

export function ruleFrom(alert: MonitorConfig['alert']): Rule {
  return {
    fireAfter: alert.fire_after,
    fireWithin: alert.fire_within ?? alert.fire_after,
    resolveAfter: alert.resolve_after,
    escalateAfter: alert.escalate_after ?? null,
    repeatSeconds: alert.repeat_seconds ?? null,
  };
}

/** Rows from before the windows were kept one by one had so many breaches in a row. */
export const machineOf = ({ state, streak, recent }: EpisodeRow): Episode => ({
  state,
  streak,
  recent: state === 'pending' && recent === '' ? 'x'.repeat(streak) : recent,
});
