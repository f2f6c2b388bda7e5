import { readAlerts } from '../../../domain/alert/alerts.ts';
import type { Visit } from '../../page.tsx';

export type AlertItem = Awaited<ReturnType<typeof readAlerts>>['items'][number];

/** States of an alert that somebody may have to do something about, the most urgent first. */
const LIVING = ['firing', 'error', 'no_data', 'recovering', 'pending'] as const;

/** Alerts that are not resolved, the most urgent first. */
export async function openAlerts(visit: Visit, model?: string): Promise<AlertItem[]> {
  const pages = await Promise.all(
    LIVING.map((state) => readAlerts(visit.ctx, visit.actor, { state, model, limit: 50 })),
  );
  return pages.flatMap(({ items }) => items);
}

/** The most urgent living alert of each model. */
export async function livingAlerts(visit: Visit): Promise<ReadonlyMap<string, AlertItem>> {
  return new Map((await openAlerts(visit)).reverse().map((alert) => [alert.model, alert]));
}
