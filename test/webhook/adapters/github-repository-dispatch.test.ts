import { describe, expect, it } from 'vitest';
import { githubRepositoryDispatch } from '../../../src/webhook/adapters/github-repository-dispatch.ts';
import { githubRepository } from '../../support/stand-ins.ts';
import { answering, talk } from '../../support/talk.ts';

const about = (token = 'ghp_right_token', options = {}) => ({
  type: 'retraining.requested' as const,
  url: 'https://api.github.com',
  target: {
    kind: 'github_repository_dispatch' as const,
    options: { owner: 'acme', repo: 'models', ...options },
    credentials: { token },
  },
});

describe('repository_dispatch', () => {
  it('is taken with the event in the payload, without its long lists', () => {
    const github = githubRepository();
    const { outcome } = talk(githubRepositoryDispatch, github, about());
    expect(outcome).toEqual({ outcome: 'delivered', error: null });
    expect(github.started).toMatchObject([
      {
        event_type: 'retraining.requested',
        client_payload: {
          message: 'msg_1',
          data: { run: 'run_1', training: { oid: 'b'.repeat(32), files: [] }, callback: { token: 'tmr_secret_token' } },
        },
      },
    ]);
  });

  it('takes the name that was chosen for the type', () => {
    const github = githubRepository();
    talk(githubRepositoryDispatch, github, about(undefined, { event_type: 'retrain' }));
    expect(github.started).toMatchObject([{ event_type: 'retrain' }]);
  });

  it('tells what GitHub says against it, and may be tried again', () => {
    expect(talk(githubRepositoryDispatch, githubRepository(), about('ghp_wrong')).outcome).toEqual({
      outcome: 'retryable',
      error: 'The receiver answered 401: Bad credentials.',
    });
    expect(
      talk(githubRepositoryDispatch, githubRepository(), about(undefined, { repo: 'none' })).outcome,
    ).toMatchObject({
      outcome: 'retryable',
      error: 'The receiver answered 404: Not Found.',
    });
  });

  it.each([
    [200, 'unknown'],
    [500, 'unknown'],
    [502, 'unknown'],
    [504, 'unknown'],
    [503, 'retryable'],
    [429, 'retryable'],
    [410, 'refused'],
  ])('takes %i for %s: nothing is started twice on a guess', (status, outcome) => {
    expect(talk(githubRepositoryDispatch, answering(status), about()).outcome.outcome).toBe(outcome);
  });
});
