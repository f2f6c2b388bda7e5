import { type AlertRule, type Episode, step, type WindowVerdict } from './episode.ts';

/** What the alert machine is fed; times are milliseconds since 1970. */
export type FedWindow = {
  readonly start: number;
  readonly end: number;
  readonly verdict: WindowVerdict;
  readonly driftedColumns: readonly string[];
};

export type SimulatedAlert = {
  readonly from: number;
  readonly firedAt: number;
  readonly resolvedAt: number | null;
  /** Those in most windows first. */
  readonly columns: readonly string[];
};

type Living = { from: number; firedAt: number | null; readonly columns: Map<string, number> };

/** The alerts that fire over windows in order of time. Pure: the machine is the one that fires them in earnest. */
export function simulateAlerts(windows: readonly FedWindow[], rule: AlertRule): SimulatedAlert[] {
  const alerts: SimulatedAlert[] = [];
  let episode: Episode | null = null;
  let living: Living | null = null;
  const close = (resolvedAt: number | null): void => {
    if (living !== null && living.firedAt !== null) {
      const { from, firedAt } = living;
      alerts.push({ from, firedAt, resolvedAt, columns: mostFirst(living.columns) });
    }
    living = null;
  };
  for (const window of windows) {
    const next = step(episode, window.verdict, rule);
    episode = next.episode?.state === 'resolved' ? null : next.episode;
    if (window.verdict === 'drift') {
      living ??= { from: window.start, firedAt: null, columns: new Map() };
      if (episode?.state === 'firing') living.firedAt ??= window.end;
      for (const name of window.driftedColumns) living.columns.set(name, (living.columns.get(name) ?? 0) + 1);
    }
    if (episode === null) close(window.end);
  }
  close(null);
  return alerts;
}

/** Names by how often they were counted, then by name. */
export const mostFirst = (counts: ReadonlyMap<string, number>): string[] =>
  [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).map(([name]) => name);
