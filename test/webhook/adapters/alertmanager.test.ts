import { describe, expect, it } from 'vitest';
import type { EventType } from '../../../schemas/wire/events.ts';
import { alertmanager } from '../../../src/webhook/adapters/alertmanager.ts';
import { alertmanager as standIn } from '../../support/stand-ins.ts';
import { answering, talk } from '../../support/talk.ts';

const about = (type: EventType, options: object = {}) => ({
  type,
  url: 'https://alertmanager.example',
  target: { kind: 'alertmanager' as const, options, credentials: {} },
});

type Alert = { labels: Record<string, string>; startsAt?: string; endsAt: string; generatorURL?: string };

describe('Alertmanager', () => {
  it('is told of a firing alert, until when it is good, and again before that', () => {
    const server = standIn();
    const { outcome } = talk(alertmanager, server, about('alert.firing'));
    expect(outcome).toEqual({ outcome: 'delivered', error: null, renewAfter: 60 });
    expect(server.started).toMatchObject([
      {
        labels: { alertname: 'TidemarkDrift', model: 'churn', monitor: 'daily', severity: 'warning' },
        annotations: { summary: 'churn drifts in 7 of 12 columns', columns: '7 of 12' },
        startsAt: '2026-03-02T01:00:00.000Z',
        endsAt: '2026-03-02T02:05:00.000Z',
        generatorURL: 'https://tidemark.example/p/shop/alerts/al_1',
      },
    ]);
    const slow = talk(alertmanager, server, about('alert.firing', { resend_seconds: 600 }));
    expect(slow.outcome.renewAfter).toBe(600);
    expect(server.started.at(-1)).toMatchObject({ endsAt: '2026-03-02T02:50:00.000Z' });
  });

  it('is told of the end under the same labels, once', () => {
    const server = standIn();
    talk(alertmanager, server, about('alert.firing'));
    const { outcome } = talk(alertmanager, server, about('alert.resolved'));
    const [firing, resolved] = server.started as [Alert, Alert];
    expect(outcome.renewAfter).toBeUndefined();
    expect(resolved.labels).toEqual(firing.labels);
    expect(resolved).toMatchObject({ endsAt: '2026-03-02T01:00:00.000Z' });
  });

  it('is told that an alert is worse as an alert of another severity, the former one being over', () => {
    const server = standIn();
    const { outcome } = talk(alertmanager, server, about('alert.escalated'));
    expect(outcome.renewAfter).toBe(60);
    expect(server.started).toMatchObject([
      { labels: { severity: 'warning' }, endsAt: '2026-03-02T01:00:00.000Z' },
      { labels: { severity: 'critical' }, endsAt: '2026-03-02T02:05:00.000Z' },
    ]);
  });

  it('is tested by an alert that ends by itself', () => {
    const server = standIn();
    const { outcome } = talk(alertmanager, server, about('webhook.test'));
    expect(outcome).toEqual({ outcome: 'delivered', error: null });
    expect(server.started).toMatchObject([
      { labels: { alertname: 'TidemarkTest' }, endsAt: '2026-03-02T02:05:00.000Z' },
    ]);
  });

  it('shows who asks, where that is wanted', () => {
    const target = (credentials: { username: string; password: string } | { token: string }) => ({
      ...about('alert.firing'),
      target: { kind: 'alertmanager' as const, options: {}, credentials },
    });
    const asked = (credentials: Parameters<typeof target>[0]) =>
      talk(alertmanager, answering(200), target(credentials)).requests[0]?.headers.authorization;
    expect(asked({ username: 'a', password: 'b' })).toBe('Basic YTpi');
    expect(asked({ token: 't' })).toBe('Bearer t');
  });
});
