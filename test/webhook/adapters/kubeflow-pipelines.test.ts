import { describe, expect, it } from 'vitest';
import { kubeflowPipelines } from '../../../src/webhook/adapters/kubeflow-pipelines.ts';
import { kubeflow } from '../../support/stand-ins.ts';
import { answering, talk } from '../../support/talk.ts';

const about = (options: object = {}) => ({
  type: 'retraining.requested' as const,
  url: 'https://kubeflow.example/pipeline',
  target: {
    kind: 'kubeflow_pipelines' as const,
    options: { pipeline_id: 'p-1', ...options },
    credentials: { token: 'kfp-token' },
  },
});
const at = (options?: object) => ({ ...about(options), url: 'https://kubeflow.example' });

describe('Kubeflow Pipelines', () => {
  it('starts one run, and finds it when it is asked again', () => {
    const server = kubeflow();
    const first = talk(kubeflowPipelines, server, at());
    const again = talk(kubeflowPipelines, server, at());
    const external = { id: 'kfp-1', url: 'https://kubeflow.example/#/runs/details/kfp-1' };
    expect(first.outcome).toEqual({ outcome: 'delivered', error: null, external });
    expect(again.outcome).toEqual({ outcome: 'delivered', error: null, external });
    expect(server.started).toHaveLength(1);
    expect(server.started).toMatchObject([
      { display_name: 'tidemark run_1', pipeline_version_reference: { pipeline_id: 'p-1' } },
    ]);
  });

  it('fills the parameters that the pipeline declares', () => {
    const server = kubeflow();
    const chosen = { pipeline_version_id: 'v-2', experiment_id: 'e-1', parameters: { oid: '{{data.training.oid}}' } };
    talk(kubeflowPipelines, server, at(chosen));
    expect(server.started).toMatchObject([
      {
        experiment_id: 'e-1',
        pipeline_version_reference: { pipeline_version_id: 'v-2' },
        runtime_config: { parameters: { oid: 'b'.repeat(32) } },
      },
    ]);
  });

  it('starts nothing while it cannot look', () => {
    const { outcome, requests } = talk(kubeflowPipelines, answering(503), about());
    expect(outcome).toMatchObject({ outcome: 'retryable' });
    expect(requests).toHaveLength(1);
  });
});
