import { describe, expect, it } from 'vitest';
import { jenkins } from '../../../src/webhook/adapters/jenkins.ts';
import { jenkins as standIn } from '../../support/stand-ins.ts';
import { answering, talk } from '../../support/talk.ts';

const about = (given: { uncertain?: boolean; token?: string; messageId?: string } = {}) => ({
  type: 'retraining.requested' as const,
  url: 'https://ci.example/job/ml/job/train/',
  messageId: given.messageId ?? 'msg_1',
  uncertain: given.uncertain ?? false,
  target: {
    kind: 'jenkins' as const,
    options: { parameters: { DATA: '{{data.training.archive}}' } },
    credentials: { user: 'bot', token: given.token ?? 'right-token' },
  },
});
const DECLARED = ['DATA', 'TIDEMARK_RUN', 'TIDEMARK_MESSAGE'];

describe('a Jenkins job', () => {
  it('is built with the parameters that it declares', () => {
    const server = standIn(DECLARED);
    const { outcome } = talk(jenkins, server, about());
    const external = { id: '101', url: 'https://ci.example/queue/item/101/' };
    expect(outcome).toEqual({ outcome: 'delivered', error: null, external });
    expect(server.started).toEqual([
      {
        DATA: 'https://tidemark.example/v1/datasets/churn-retraining/versions/v4/archive',
        TIDEMARK_RUN: 'run_1',
        TIDEMARK_MESSAGE: 'msg_1',
      },
    ]);
  });

  it('is found again when the answer was lost, and not built twice', () => {
    const server = standIn(DECLARED);
    talk(jenkins, server, about());
    const { outcome } = talk(jenkins, server, about({ uncertain: true }));
    expect(outcome).toMatchObject({ outcome: 'delivered', external: { id: '1' } });
    expect(server.started).toHaveLength(1);
  });

  it('is built when it is certain that it was not', () => {
    const server = standIn(DECLARED);
    talk(jenkins, server, about({ messageId: 'msg_other' }));
    expect(talk(jenkins, server, about({ uncertain: true })).outcome).toMatchObject({ outcome: 'delivered' });
    expect(server.started).toHaveLength(2);
  });

  it('stays unknown where builds do not say what started them', () => {
    const server = standIn(['DATA']);
    talk(jenkins, server, about());
    const { outcome } = talk(jenkins, server, about({ uncertain: true }));
    expect(outcome).toMatchObject({ outcome: 'unknown', error: expect.stringMatching(/TIDEMARK_MESSAGE/) });
    expect(server.started).toHaveLength(1);
  });

  it('is not built when nobody can look', () => {
    const { outcome, requests } = talk(jenkins, answering(403), about({ uncertain: true }));
    expect(outcome).toMatchObject({ outcome: 'retryable' });
    expect(requests.every(({ decisive }) => !decisive)).toBe(true);
  });

  it('tells a wrong token', () => {
    expect(talk(jenkins, standIn([]), about({ token: 'wrong' })).outcome).toMatchObject({
      outcome: 'retryable',
      error: 'The receiver answered 403.',
    });
  });
});
