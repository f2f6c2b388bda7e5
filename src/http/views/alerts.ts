import type { z } from 'zod';
import type { alertDetail, alertView, silenceView } from '../../../schemas/wire/alerts.ts';
import type { AlertRecord } from '../../domain/alert/alerts.ts';
import { evidenceOf } from '../../domain/alert/evidence.ts';
import { holds, recurrenceOf } from '../../domain/alert/recurrence.ts';
import type { readSilences } from '../../domain/alert/silences.ts';
import { silenceMatchers } from '../../domain/alert/tell.ts';
import { formatDuration } from '../../domain/window/duration.ts';
import { viewRun } from './retraining.ts';
import { viewDelivery } from './webhooks.ts';

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export const viewAlert = (row: AlertRecord['alert']): z.infer<typeof alertView> => ({
  id: row.id,
  fingerprint: row.fingerprint,
  model: row.model,
  monitor: row.monitor,
  target: row.target,
  state: row.state,
  severity: row.severity,
  flapping: row.flapping,
  streak: row.streak,
  from: row.from.toISOString(),
  through: row.through.toISOString(),
  fired_at: iso(row.firedAt),
  resolved_at: iso(row.resolvedAt),
  acknowledged_at: iso(row.acknowledgedAt),
  acknowledged_by: row.acknowledgedBy,
  assigned_to: row.assignedTo,
  muted_until: iso(row.mutedUntil),
  notified_at: iso(row.notifiedAt),
  evidence: evidenceOf(row),
  created_at: row.createdAt.toISOString(),
});

export const viewAlertDetail = ({ alert, events, runs, messages }: AlertRecord): z.infer<typeof alertDetail> => ({
  ...viewAlert(alert),
  events: events.map((event) => ({
    at: event.at.toISOString(),
    // Only `note` and `moveEpisode` write events, and they take states of the machine.
    from: event.fromState as AlertRecord['alert']['state'] | null,
    to: event.toState as AlertRecord['alert']['state'],
    reason: event.reason,
    author: event.author,
    report: event.reportId,
    detail: event.detail as Record<string, unknown>,
  })),
  runs: runs.map(viewRun),
  messages: messages.map(viewDelivery),
});

type Silence = Awaited<ReturnType<typeof readSilences>>[number];

function viewRecurrence(row: Silence): z.infer<typeof silenceView>['recurring'] {
  const recurs = recurrenceOf(row);
  return recurs === null
    ? null
    : { schedule: recurs.schedule, duration: formatDuration(recurs.seconds), zone: recurs.zone };
}

export const viewSilence = (row: Silence, now: Date): z.infer<typeof silenceView> => ({
  id: row.id,
  matchers: silenceMatchers(row),
  starts_at: row.startsAt.toISOString(),
  ends_at: row.endsAt.toISOString(),
  recurring: viewRecurrence(row),
  state: row.endsAt <= now ? 'ended' : holds(row, now) ? 'active' : 'pending',
  author: row.author,
  comment: row.comment,
  created_at: row.createdAt.toISOString(),
});
