import { type Adapter, below, type Call, json } from './adapter.ts';
import { judge } from './answer.ts';
import { type EventText, textOf } from './event-text.ts';

const MAX_SUMMARY = 1024;

/**
 * Events API v2, `POST /v2/enqueue`: 202. One incident for each alert: every event of it has the same `dedup_key`.
 * A test resolves what was never opened, which proves the way and the key and wakes nobody.
 */
export const pagerduty: Adapter<'pagerduty'> = {
  events: ['alert.firing', 'alert.escalated', 'alert.resolved', 'webhook.test'],
  usual: ['alert.firing', 'alert.escalated', 'alert.resolved'],
  url: 'https://events.pagerduty.com',
  rate: 120,
  repeatable: true,
  follows: true,
  step: (call, [answer]) => {
    if (answer !== undefined) return { outcome: judge(answer, [202], { repeatable: true }) };
    return {
      request: {
        method: 'POST',
        url: below(call.url, '/v2/enqueue'),
        headers: json,
        body: JSON.stringify(eventOf(call)),
        decisive: true,
      },
    };
  },
};

function eventOf({ event, target }: Call<'pagerduty'>): Readonly<Record<string, unknown>> {
  const { routing_key } = target.credentials;
  const dedup_key = `tidemark/${event.subject}`;
  if (event.type !== 'alert.firing' && event.type !== 'alert.escalated')
    return { routing_key, event_action: 'resolve', dedup_key };
  const text = textOf(event);
  const { project, model, monitor } = event.data;
  return {
    routing_key,
    event_action: 'trigger',
    dedup_key,
    payload: {
      summary: text.title.slice(0, MAX_SUMMARY),
      source: `tidemark/${project}`,
      severity: event.data.severity,
      timestamp: event.time,
      component: model,
      group: monitor,
      class: 'drift',
      custom_details: { columns: text.text, ...Object.fromEntries(text.facts) },
    },
    client: 'Tidemark',
    ...linksOf(text),
  };
}

const linksOf = ({ link }: EventText) =>
  link === null ? {} : { client_url: link.url, links: [{ href: link.url, text: link.label }] };
