import { describe, expect, it } from 'vitest';
import { githubWorkflowDispatch } from '../../../src/webhook/adapters/github-workflow-dispatch.ts';
import { githubWorkflow } from '../../support/stand-ins.ts';
import { answering, pollOnce, talk } from '../../support/talk.ts';

const about = (options: object = {}) => ({
  type: 'retraining.requested' as const,
  url: 'https://api.github.com/',
  target: {
    kind: 'github_workflow_dispatch' as const,
    options: { owner: 'acme', repo: 'models', workflow: 'train.yml', ref: 'main', ...options },
    credentials: { token: 'ghp_right_token' },
  },
});

describe('workflow_dispatch', () => {
  it('names the run that it started', () => {
    const github = githubWorkflow();
    const { outcome } = talk(githubWorkflowDispatch, github, about());
    const external = { id: '42', url: 'https://github.com/runs/42' };
    expect(outcome).toEqual({ outcome: 'delivered', error: null, external });
    const [{ inputs }] = github.started as [{ inputs: { event: string } }];
    expect(JSON.parse(inputs.event)).toMatchObject({ type: 'retraining.requested', data: { run: 'run_1' } });
  });

  it('fills the inputs that the workflow declares', () => {
    const github = githubWorkflow({ inputs: ['run', 'data'] });
    talk(
      githubWorkflowDispatch,
      github,
      about({ inputs: { run: '{{data.run}}', data: '{{data.training.oid}}@{{type}}' } }),
    );
    expect(github.started).toMatchObject([
      { inputs: { run: 'run_1', data: `${'b'.repeat(32)}@retraining.requested` } },
    ]);
  });

  it('says which input was not declared', () => {
    const { outcome } = talk(githubWorkflowDispatch, githubWorkflow({ inputs: [] }), about());
    expect(outcome).toMatchObject({ outcome: 'retryable', error: expect.stringMatching(/422: Unexpected inputs/) });
  });

  it('does not ask an older server for the run', () => {
    const enterprise = githubWorkflow({ enterprise: true });
    expect(talk(githubWorkflowDispatch, enterprise, about()).outcome).toMatchObject({ outcome: 'retryable' });
    const plain = about({ return_run_details: false });
    expect(talk(githubWorkflowDispatch, enterprise, plain).outcome).toEqual({ outcome: 'delivered', error: null });
  });

  it.each([
    [{ status: 'queued', conclusion: null }, 'unknown'],
    [{ status: 'in_progress', conclusion: null }, 'running'],
    [{ status: 'completed', conclusion: 'success' }, 'succeeded'],
    [{ status: 'completed', conclusion: 'timed_out' }, 'failed'],
  ])('says of %j that it is %s', (run, state) => {
    const started = { ...about(), externalId: '42' };
    const found = pollOnce(
      githubWorkflowDispatch,
      {
        answer: ({ method, url }) => {
          expect([method, new URL(url).pathname]).toEqual(['GET', '/repos/acme/models/actions/runs/42']);
          return { status: 200, location: null, body: JSON.stringify(run) };
        },
      },
      started,
    );
    expect(found.state).toBe(state);
    expect(pollOnce(githubWorkflowDispatch, answering(404), started).state).toBe('unknown');
  });
});
