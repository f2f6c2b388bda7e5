import { describe, expect, it } from 'vitest';
import { gitlabPipeline } from '../../../src/webhook/adapters/gitlab-pipeline.ts';
import { gitlab } from '../../support/stand-ins.ts';
import { talk } from '../../support/talk.ts';

const about = (options: object = {}, token = 'glptt-right') => ({
  type: 'retraining.requested' as const,
  url: 'https://gitlab.example',
  target: {
    kind: 'gitlab_pipeline' as const,
    options: { project: 'acme/models', ref: 'main', ...options },
    credentials: { token },
  },
});

describe('a GitLab pipeline', () => {
  it('is started with the event in variables', () => {
    const server = gitlab();
    const { outcome } = talk(gitlabPipeline, server, about({ inputs: { run: '{{data.run}}' } }));
    const external = { id: '7', url: 'https://gitlab.example/acme/models/-/pipelines/7' };
    expect(outcome).toEqual({ outcome: 'delivered', error: null, external });
    expect(server.started).toMatchObject([
      {
        'variables[TIDEMARK_RUN]': 'run_1',
        'variables[TIDEMARK_TRAINING_ROWS]': '600',
        'variables[TIDEMARK_CALLBACK_TOKEN]': 'tmr_secret_token',
        'variables[TIDEMARK_MESSAGE]': 'msg_1',
        'inputs[run]': 'run_1',
      },
    ]);
  });

  it('may be tried again with another token or branch', () => {
    expect(talk(gitlabPipeline, gitlab(), about({}, 'glptt-wrong')).outcome).toMatchObject({
      outcome: 'retryable',
      error: 'The receiver answered 404: 404 Not Found.',
    });
    expect(talk(gitlabPipeline, gitlab(), about({ ref: 'none' })).outcome).toMatchObject({ outcome: 'retryable' });
  });
});
