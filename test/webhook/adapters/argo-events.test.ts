import { describe, expect, it } from 'vitest';
import { argoEvents } from '../../../src/webhook/adapters/argo-events.ts';
import { argoEvents as standIn } from '../../support/stand-ins.ts';
import { talk } from '../../support/talk.ts';

const about = (token?: string) => ({
  type: 'retraining.requested' as const,
  url: 'https://events.example:12000/tidemark',
  target: { kind: 'argo_events' as const, options: {}, credentials: token === undefined ? {} : { token } },
});

describe('a webhook event source of Argo', () => {
  it('takes the event as it is', () => {
    const server = standIn();
    expect(talk(argoEvents, server, about('argo-token')).outcome).toEqual({ outcome: 'delivered', error: null });
    expect(server.started).toMatchObject([{ id: 'evt_1', type: 'retraining.requested', data: { run: 'run_1' } }]);
  });

  it('refuses a call without its token', () => {
    expect(talk(argoEvents, standIn(), about()).outcome).toMatchObject({ outcome: 'retryable' });
  });
});
