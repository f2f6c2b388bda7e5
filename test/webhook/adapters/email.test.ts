import { describe, expect, it } from 'vitest';
import type { EventType } from '../../../schemas/wire/events.ts';
import { targetShape } from '../../../schemas/wire/targets.ts';
import { email } from '../../../src/webhook/adapters/email.ts';
import { eventOf } from '../../support/events.ts';

const target = {
  kind: 'email' as const,
  options: { from: 'tidemark@shop.test', to: ['ann@shop.test'] },
  credentials: {},
};

const compose = (type: EventType, data: object = {}) =>
  email.compose({
    event: eventOf(type, { data }),
    body: '',
    messageId: 'msg_1',
    url: 'smtp://mail.test',
    target,
    at: new Date(0),
    uncertain: false,
  });

describe('a letter', () => {
  it('says what happened, how bad it is and where to look, as text and as a page', () => {
    const { subject, text, html } = compose('alert.firing');
    expect(subject).toBe('[Tidemark] churn drifts in 7 of 12 columns');
    expect(text).toContain('age: psi 0.412, limit 0.2  ▁·▁▅█');
    expect(text).toContain('Against: customers@v3');
    expect(text).toContain('The alert: https://tidemark.example/p/shop/alerts/al_1');
    expect(html).toContain('<td style="padding:2px 12px 2px 0;vertical-align:top">customers@v3</td>');
    expect(html).toContain('<a href="https://tidemark.example/p/shop/alerts/al_1">The alert</a>');
  });

  it('holds nothing of a name as markup, and no second header', () => {
    const { subject, html } = compose('alert.firing', { model: 'x"><script>\r\nBcc: eve@evil.test' });
    expect(subject).not.toMatch(/[\r\n]/);
    expect(html).not.toContain('<script');
    expect(html).toContain('&lt;!channel&gt; &amp; *co*');
    expect(html).not.toMatch(/src=|url\(/);
  });

  it('has an id of its message and a thread of its subject', () => {
    expect([compose('alert.firing'), compose('alert.resolved')].map(({ thread }) => thread)).toEqual(
      Array(2).fill('<al_1.thread@shop.test>'),
    );
    expect(compose('webhook.test')).toMatchObject({ messageId: '<msg_1@shop.test>', replyTo: undefined });
  });

  it('tells nobody the token of a callback', () => {
    expect(JSON.stringify(compose('retraining.requested'))).not.toContain('tmr_secret_token');
  });
});

describe('an endpoint of mail', () => {
  const parse = (options: object, credentials: object = {}) =>
    targetShape.safeParse({ kind: 'email', options: { ...target.options, ...options }, credentials });

  it('has addresses, and sends no password in plain text', () => {
    expect(parse({ reply_to: 'ops@shop.test' }).success).toBe(true);
    expect(parse({ tls: 'off' }).success).toBe(true);
    expect(parse({ tls: 'off' }, { username: 'a', password: 'secret' }).error?.issues[0]?.path).toEqual([
      'options',
      'tls',
    ]);
    for (const to of [[], ['ann'], ['ann@shop.test\r\nBcc: eve@evil.test'], ['"a b"@shop.test, eve@evil.test']]) {
      expect(parse({ to }).success, JSON.stringify(to)).toBe(false);
    }
  });
});
