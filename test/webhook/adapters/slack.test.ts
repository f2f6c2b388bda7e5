import { describe, expect, it } from 'vitest';
import type { EventType } from '../../../schemas/wire/events.ts';
import { slack } from '../../../src/webhook/adapters/slack.ts';
import { slack as standIn } from '../../support/stand-ins.ts';
import { talk } from '../../support/talk.ts';

const about = (type: EventType, path = '/services/T1/B1/secretpart') => ({
  type,
  url: `https://hooks.slack.com${path}`,
  target: { kind: 'slack' as const, options: {}, credentials: {} },
});

describe('Slack', () => {
  it.each([
    'alert.firing',
    'alert.escalated',
    'alert.resolved',
    'retraining.requested',
    'retraining.succeeded',
    'retraining.failed',
    'webhook.test',
  ] as const)('takes what is written of %s', (type) => {
    const server = standIn();
    expect(talk(slack, server, about(type)).outcome).toEqual({ outcome: 'delivered', error: null });
  });

  it('says what happened, how bad it is and where to look', () => {
    const server = standIn();
    talk(slack, server, about('alert.firing'));
    const text = JSON.stringify(server.started);
    for (const said of [
      'churn drifts in 7 of 12 columns',
      'age: psi 0.412, limit 0.2  ▁·▁▅█',
      'and 2 more',
      'country has 1 value that the reference does not have',
      'spend moved where plan is',
      'customers@v3',
    ]) {
      expect(text).toContain(said);
    }
    expect(text).toContain('https://tidemark.example/p/shop/alerts/al_1');
  });

  it('lets no name of a column call the whole channel', () => {
    const server = standIn();
    talk(slack, server, about('alert.firing'));
    expect(JSON.stringify(server.started)).not.toContain('<!channel>');
    expect(JSON.stringify(server.started)).toContain('&lt;!channel&gt; &amp;');
  });

  it('tells when the webhook is gone', () => {
    expect(talk(slack, standIn(), about('alert.firing', '/services/none')).outcome).toMatchObject({
      outcome: 'retryable',
      error: 'The receiver answered 404.',
    });
  });
});
