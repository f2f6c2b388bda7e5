import { describe, expect, it } from 'vitest';
import type { EventType } from '../../../schemas/wire/events.ts';
import { teams } from '../../../src/webhook/adapters/teams.ts';
import { teams as standIn } from '../../support/stand-ins.ts';
import { talk } from '../../support/talk.ts';

const about = (type: EventType) => ({
  type,
  url: 'https://prod.logic.azure.com/workflows/abc/triggers/manual/paths/invoke?sig=secretpart',
  target: { kind: 'teams' as const, options: {}, credentials: {} },
});

describe('Microsoft Teams', () => {
  it.each([
    'alert.firing',
    'alert.escalated',
    'alert.resolved',
    'retraining.succeeded',
    'retraining.failed',
    'webhook.test',
  ] as const)('takes the card of %s', (type) => {
    const server = standIn();
    expect(talk(teams, server, about(type)).outcome).toEqual({ outcome: 'delivered', error: null });
  });

  it('writes names of columns so that they are no formatting', () => {
    const server = standIn();
    talk(teams, server, about('alert.firing'));
    expect(JSON.stringify(server.started)).toContain('\\\\*co\\\\*');
  });
});
