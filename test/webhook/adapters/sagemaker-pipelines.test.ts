import { describe, expect, it } from 'vitest';
import { targetShape } from '../../../schemas/wire/targets.ts';
import { sagemakerPipelines } from '../../../src/webhook/adapters/sagemaker-pipelines.ts';
import { KEYS, sagemaker as standIn } from '../../support/sagemaker.ts';
import { AT, answering, pollOnce, talkSigned } from '../../support/talk.ts';

const about = (
  given: { type?: 'webhook.test' | 'alert.firing'; messageId?: string; options?: object; keys?: object } = {},
) => ({
  type: given.type ?? ('retraining.requested' as const),
  messageId: given.messageId ?? 'msg_1',
  url: 'https://api.sagemaker.eu-central-1.amazonaws.com/',
  target: {
    kind: 'sagemaker_pipelines' as const,
    options: {
      region: 'eu-central-1',
      pipeline: 'churn',
      parameters: { oid: '{{data.training.oid}}', run: '{{data.run}}' },
      ...given.options,
    },
    credentials: { ...KEYS, ...given.keys },
  },
});
const server = () => standIn(() => AT, ['oid', 'run']);

describe('SageMaker Pipelines', () => {
  it('starts one execution for one run, however often it is asked, and names it', async () => {
    const aws = server();
    const first = await talkSigned(sagemakerPipelines, aws, about());
    const again = await talkSigned(sagemakerPipelines, aws, about({ messageId: 'msg_2' }));
    const id = 'arn:aws:sagemaker:eu-central-1:123456789012:pipeline/churn/execution/1';
    for (const { outcome } of [first, again]) {
      expect(outcome).toEqual({ outcome: 'delivered', error: null, external: { id, url: null } });
    }
    expect(aws.started).toMatchObject([
      {
        PipelineName: 'churn',
        PipelineExecutionDisplayName: 'tidemark-run-1',
        PipelineParameters: [
          { Name: 'oid', Value: 'b'.repeat(32) },
          { Name: 'run', Value: 'run_1' },
        ],
      },
    ]);
  });

  it('starts one for each message about anything else', async () => {
    const aws = standIn(() => AT, []);
    const options = { parameters: undefined };
    await talkSigned(sagemakerPipelines, aws, about({ type: 'alert.firing', options }));
    await talkSigned(sagemakerPipelines, aws, about({ type: 'alert.firing', options, messageId: 'msg_2' }));
    expect(aws.started).toHaveLength(2);
  });

  it('signs with the token of a session, and shows none of the secret', async () => {
    const { outcome, requests } = await talkSigned(
      sagemakerPipelines,
      server(),
      about({ keys: { session_token: 'FwoGZXIv' } }),
    );
    expect(outcome).toMatchObject({ outcome: 'delivered' });
    expect(requests[0]?.headers).toMatchObject({ 'x-amz-security-token': 'FwoGZXIv' });
    expect(requests[0]?.headers).not.toHaveProperty('host');
    expect(JSON.stringify(requests)).not.toContain(KEYS.secret_access_key);
  });

  it('only looks for the pipeline when it is tested', async () => {
    const aws = server();
    expect((await talkSigned(sagemakerPipelines, aws, about({ type: 'webhook.test' }))).outcome).toEqual({
      outcome: 'delivered',
      error: null,
    });
    const missing = about({ type: 'webhook.test', options: { pipeline: 'none' } });
    expect((await talkSigned(sagemakerPipelines, aws, missing)).outcome).toEqual({
      outcome: 'retryable',
      error: 'The receiver answered 400: Pipeline does not exist. (ResourceNotFound)',
    });
    expect(aws.started).toEqual([]);
  });

  it.each([
    ['a wrong secret', about({ keys: { secret_access_key: 'wrong' } }), AT, /signature does not match. \(Invalid/],
    ['a wrong key', about({ keys: { access_key_id: 'AKIDUNKNOWN000000000' } }), AT, /UnrecognizedClient/],
    ['another region', about({ options: { region: 'us-east-1' } }), AT, /valid region/],
    ['a clock that is wrong', about(), new Date(AT.getTime() + 301_000), /expired/],
    ['a parameter that is not declared', about({ options: { parameters: { x: '1' } } }), AT, /Unknown parameters: x/],
    ['a value that is too long', about({ options: { parameters: { oid: '{{event}}' } } }), AT, /ValidationException/],
  ])('tells %s', async (_, given, now, error) => {
    const aws = standIn(() => now, ['oid', 'run']);
    const { outcome } = await talkSigned(sagemakerPipelines, aws, given);
    expect(outcome).toMatchObject({ outcome: 'retryable', error: expect.stringMatching(error) });
    expect(aws.started).toEqual([]);
  });

  it('is asked again when something else answers', async () => {
    for (const to of [answering(502), answering(200, '<html>'), answering(200, '{}')]) {
      expect((await talkSigned(sagemakerPipelines, to, about())).outcome).toMatchObject({ outcome: 'retryable' });
    }
  });

  it('says what became of an execution', async () => {
    const found = (body: object, status = 200) =>
      pollOnce(sagemakerPipelines, answering(status, JSON.stringify(body)), { ...about(), externalId: 'arn' });
    const states = ['Executing', 'Stopping', 'Succeeded', 'Failed', 'Stopped', 'Strange'];
    expect(states.map((PipelineExecutionStatus) => found({ PipelineExecutionStatus }).state)).toEqual([
      'running',
      'running',
      'succeeded',
      'failed',
      'failed',
      'unknown',
    ]);
    expect(found({ PipelineExecutionStatus: 'Failed', FailureReason: 'no quota' }).detail).toContain(': no quota');
    expect(found({ __type: 'ThrottlingException', message: 'Rate exceeded' }, 400)).toEqual({
      state: 'unknown',
      detail: 'The receiver answered 400: Rate exceeded. (ThrottlingException)',
    });
  });

  it.each([
    [{ region: 'eu central' }, {}],
    [{ pipeline: 'no good_name' }, {}],
    [{}, { access_key_id: 'short' }],
    [{ parameters: { 'a b': '1' } }, {}],
  ])('is not taken as %j %j', (options, keys) => {
    const { target } = about({ options, keys });
    expect(targetShape.safeParse(about().target).success).toBe(true);
    expect(targetShape.safeParse(target).success).toBe(false);
  });
});
