import { type AlertBrief, alertBrief, type EventData } from '../../../schemas/wire/events.ts';
import type { JobPayload } from '../../../schemas/wire/jobs.ts';
import type { Context } from '../../context.ts';
import { findProjectById } from '../../store/access/access.ts';
import { type DigestItemRow, takeDigestItems } from '../../store/inventory/digests.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { transact } from '../../store/postgres/db.ts';
import { lockEndpoint } from '../../store/webhook/webhooks.ts';
import { publishEvent } from './publish.ts';

/** Events that one digest takes in; what is left makes another one at once. */
const AT_ONCE = 10_000;

/** Alerts that are named: a message stays under 20 kB however many there are. */
const NAMED = 40;

/**
 * Job: tells an endpoint in one message what became of alerts since the last one. What is told and what is taken are one
 * transaction: run twice, the second finds nothing.
 */
export async function sendDigest(
  ctx: Pick<Context, 'db' | 'now' | 'newId'>,
  { endpointId }: JobPayload<'send-digest'>,
): Promise<void> {
  await transact(ctx.db, async (tx) => {
    const endpoint = await lockEndpoint(tx, endpointId);
    if (endpoint === null) return;
    const items = await takeDigestItems(tx, endpointId, AT_ONCE);
    // Of what is disabled the messages are given up too.
    if (items.length === 0 || endpoint.state === 'disabled') return;
    const { projectId } = endpoint;
    const project = (await findProjectById(tx, projectId))?.name ?? '';
    const data = digestOf(items, project);
    await publishEvent(tx, ctx, { projectId, type: 'alert.digest', subject: endpointId, data, endpointId });
    if (items.length === AT_ONCE) {
      await enqueue(tx, { name: 'send-digest', key: `endpoint:${endpointId}`, payload: { endpointId } });
    }
  });
}

/** How each alert stands by its last event: those that fire first, the newest first. Pure. */
export function digestOf(
  items: readonly Pick<DigestItemRow, 'subject' | 'brief' | 'at'>[],
  project: string,
): EventData<'alert.digest'> {
  const latest = new Map<string, AlertBrief & { events: number }>();
  for (const { subject, brief } of items) {
    const events = (latest.get(subject)?.events ?? 0) + 1;
    // The newest last: what comes again goes to the end.
    latest.delete(subject);
    latest.set(subject, { ...alertBrief.parse(brief), events });
  }
  const alerts = [...latest.values()].toReversed();
  const firing = alerts.filter(({ state }) => state === 'firing');
  const ordered = [...firing, ...alerts.filter(({ state }) => state !== 'firing')];
  const times = items.map(({ at }) => at.getTime());
  return {
    project,
    since: new Date(Math.min(...times)).toISOString(),
    until: new Date(Math.max(...times)).toISOString(),
    events_total: items.length,
    alerts_total: alerts.length,
    firing: firing.length,
    resolved: alerts.length - firing.length,
    alerts: ordered.slice(0, NAMED),
    truncated: Math.max(0, alerts.length - NAMED),
  };
}
