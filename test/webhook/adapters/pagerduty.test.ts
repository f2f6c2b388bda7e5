import { describe, expect, it } from 'vitest';
import type { EventType } from '../../../schemas/wire/events.ts';
import { pagerduty } from '../../../src/webhook/adapters/pagerduty.ts';
import { pagerduty as standIn } from '../../support/stand-ins.ts';
import { talk } from '../../support/talk.ts';

const about = (type: EventType, routing_key = 'r0uting-key-of-32-characters-0000') => ({
  type,
  url: 'https://events.pagerduty.com',
  target: { kind: 'pagerduty' as const, options: {}, credentials: { routing_key } },
});

describe('PagerDuty', () => {
  it('has one key for everything of an alert', () => {
    const server = standIn();
    expect(talk(pagerduty, server, about('alert.firing')).outcome).toEqual({ outcome: 'delivered', error: null });
    expect(talk(pagerduty, server, about('alert.resolved')).outcome).toMatchObject({ outcome: 'delivered' });
    expect(server.started).toMatchObject([
      { event_action: 'trigger', dedup_key: 'tidemark/al_1', payload: { summary: 'churn drifts in 7 of 12 columns' } },
      { event_action: 'resolve', dedup_key: 'tidemark/al_1' },
    ]);
  });

  it('is told how bad it is by now', () => {
    const server = standIn();
    talk(pagerduty, server, about('alert.escalated'));
    expect(server.started).toMatchObject([
      { event_action: 'trigger', dedup_key: 'tidemark/al_1', payload: { severity: 'critical' } },
    ]);
  });

  it('is tested without waking anybody', () => {
    const server = standIn();
    talk(pagerduty, server, about('webhook.test'));
    expect(server.started).toMatchObject([{ event_action: 'resolve', dedup_key: 'tidemark/ep_1' }]);
  });

  it('tells a wrong key', () => {
    expect(talk(pagerduty, standIn(), about('alert.firing', 'wrong')).outcome).toMatchObject({
      outcome: 'retryable',
      error: 'The receiver answered 400: Event object is invalid.',
    });
  });
});
