import type { AlertEvidence, EventType, KnownEvent } from '../../../schemas/wire/events.ts';
import { type Adapter, basic, bearer, below, json } from './adapter.ts';
import { judge } from './answer.ts';
import { textOf } from './event-text.ts';

/** A firing alert is told again after so long. Alertmanager forgets what it holds when it is started anew. */
const RESEND_SECONDS = 60;

/** An alert that is no longer told ends after so many times that; a few may go astray. */
const PATIENCE = 5;

type Alert = {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt?: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
};

/**
 * `POST /api/v2/alerts`: 200, however often it is told. A firing alert carries the time at which it ends by itself,
 * and is told again well before; a resolved one carries the time at which it ended.
 */
export const alertmanager: Adapter<'alertmanager'> = {
  events: ['alert.firing', 'alert.escalated', 'alert.resolved', 'webhook.test'],
  usual: ['alert.firing', 'alert.escalated', 'alert.resolved'],
  repeatable: true,
  follows: true,
  step: (call, [answer]) => {
    const { resend_seconds: resend = RESEND_SECONDS } = call.target.options;
    if (answer !== undefined) {
      const outcome = judge(answer, [200], { repeatable: true });
      const holdsOn = outcome.outcome === 'delivered' && HOLDS_ON.has(call.event.type);
      return { outcome: holdsOn ? { ...outcome, renewAfter: resend } : outcome };
    }
    const { credentials } = call.target;
    const token = 'token' in credentials ? bearer(credentials.token) : {};
    const authorization = 'username' in credentials ? basic(credentials.username, credentials.password) : token;
    return {
      request: {
        method: 'POST',
        url: below(call.url, '/api/v2/alerts'),
        headers: { ...json, ...authorization },
        body: JSON.stringify(alertsOf(call.event, new Date(call.at.getTime() + resend * PATIENCE * 1000))),
        decisive: true,
      },
    };
  },
};

const HOLDS_ON: ReadonlySet<EventType> = new Set(['alert.firing', 'alert.escalated']);

/** @param until when it ends unless it is told again. */
function alertsOf(event: KnownEvent, until: Date): Alert[] {
  switch (event.type) {
    case 'alert.firing':
    case 'alert.resolved':
      return [alertOf(event, until)];
    case 'alert.escalated': {
      // The severity is a label, so that routes can tell by it: what had the lesser one is another alert, and over.
      const { labels } = alertOf(event, until);
      return [
        { labels: { ...labels, severity: 'warning' }, annotations: {}, endsAt: event.time },
        alertOf(event, until),
      ];
    }
    default:
      return [testOf(event, until)];
  }
}

type AlertEvent = Extract<KnownEvent, { type: 'alert.firing' | 'alert.escalated' | 'alert.resolved' }>;

function alertOf(event: AlertEvent, until: Date): Alert {
  const { data } = event;
  const { title, text, link } = textOf(event);
  const ended = event.type === 'alert.resolved';
  return {
    labels: labelsOf(data),
    annotations: { summary: title, description: text, ...detailsOf(data) },
    ...(ended ? {} : { startsAt: event.time }),
    endsAt: ended ? event.time : until.toISOString(),
    ...(link === null ? {} : { generatorURL: link.url }),
  };
}

/** Labels are the identity: whatever changes while the alert lasts stands in the annotations. */
const labelsOf = ({ project, model, monitor, alert, severity }: AlertEvidence) => ({
  alertname: 'TidemarkDrift',
  project,
  model,
  monitor,
  alert,
  severity,
});

const detailsOf = ({ reference, window, report, columns_drifted, columns_judged }: AlertEvidence) => ({
  reference: `${reference.dataset}@v${reference.version} (${reference.oid})`,
  window: `${window.start}/${window.end}`,
  report,
  columns: `${columns_drifted} of ${columns_judged}`,
});

/** Ends by itself, so that a test leaves nothing behind. */
const testOf = (event: KnownEvent, until: Date): Alert => ({
  labels: { alertname: 'TidemarkTest', endpoint: event.subject },
  annotations: { summary: textOf(event).title, description: textOf(event).text },
  startsAt: event.time,
  endsAt: until.toISOString(),
});
