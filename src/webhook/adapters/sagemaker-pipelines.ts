import { createHash } from 'node:crypto';
import { type Adapter, type Answer, type Call, type Found, type Outcome, type Request, runKey } from './adapter.ts';
import { judge, readObject, textOf } from './answer.ts';
import { signAws } from './aws-signature.ts';
import { compact } from './parameters.ts';
import { PIPELINE_EVENTS } from './pipeline-events.ts';
import { fillTexts } from './placeholders.ts';

type Kind = 'sagemaker_pipelines';

/**
 * `StartPipelineExecution` of Amazon SageMaker, under a client token that we choose: with the same one SageMaker starts
 * nothing more and answers with the execution that there is.
 */
export const sagemakerPipelines: Adapter<Kind> = {
  ...PIPELINE_EVENTS,
  url: ({ options: { region } }) =>
    `https://api.sagemaker.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`,
  repeatable: true,
  step: (call, [answer]) => {
    if (answer !== undefined) return { outcome: outcomeOf(call, answer) };
    const { pipeline } = call.target.options;
    const asked =
      call.event.type === 'webhook.test'
        ? ask(call.url, 'DescribePipeline', { PipelineName: pipeline })
        : ask(call.url, 'StartPipelineExecution', execution(call));
    return { request: { ...asked, decisive: true } };
  },
  authorize: (request, { target, at }) => {
    const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token } = target.credentials;
    const session = session_token === undefined ? {} : { sessionToken: session_token };
    const credentials = { accessKeyId, secretAccessKey, ...session };
    return signAws(request, { service: 'sagemaker', region: target.options.region, credentials, at });
  },
  poll: (started, [answer]) =>
    answer === undefined
      ? { request: ask(started.url, 'DescribePipelineExecution', { PipelineExecutionArn: started.externalId }) }
      : { found: foundIn(answer) },
};

function ask(url: string, action: string, given: Readonly<Record<string, unknown>>): Request {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `SageMaker.${action}` };
  return { method: 'POST', url, headers, body: JSON.stringify(given), decisive: false };
}

/** Characters that a description and a display name may have. */
const MAX = { description: 3072, name: 82 } as const;

function execution(call: Call<Kind>): Readonly<Record<string, unknown>> {
  const { pipeline, parameters } = call.target.options;
  const key = runKey(call);
  const filled = fillTexts(parameters ?? {}, compact(call.event));
  return {
    PipelineName: pipeline,
    PipelineExecutionDisplayName: `tidemark-${key.replace(/[^a-zA-Z0-9]+/g, '-')}`
      .slice(0, MAX.name)
      .replace(/-+$/, ''),
    PipelineExecutionDescription: `Started by Tidemark: ${call.event.type} ${call.event.subject}`.slice(
      0,
      MAX.description,
    ),
    PipelineParameters: Object.entries(filled).map(([Name, Value]) => ({ Name, Value })),
    ClientRequestToken: tokenOf(key),
  };
}

/** At least 32 characters, whatever the key is. */
const tokenOf = (key: string): string => createHash('sha256').update(`tidemark ${key}`).digest('hex');

function outcomeOf(call: Call<Kind>, answer: Answer): Outcome {
  const outcome = judge(answer, [200], { repeatable: true });
  if (outcome.outcome !== 'delivered') return { ...outcome, error: `${outcome.error}${kindOf(answer)}` };
  if (call.event.type === 'webhook.test') return outcome;
  const id = textOf(readObject(answer).PipelineExecutionArn);
  // Something that is not SageMaker answered; the token makes it safe to ask again.
  if (id === null) return { outcome: 'retryable', error: 'The answer names no execution of a pipeline.' };
  return { ...outcome, external: { id, url: null } };
}

/** The name of an error of AWS, which says more than its status. */
function kindOf(answer: Answer): string {
  const kind = textOf(readObject(answer).__type);
  return kind === null ? '' : ` (${kind.split('#').at(-1)})`;
}

const RUNNING: ReadonlySet<string> = new Set(['Executing', 'Stopping']);

function foundIn(answer: Answer): Found {
  const said = readObject(answer);
  const status = textOf(said.PipelineExecutionStatus);
  if (answer.status !== 200 || status === null) {
    const { error } = judge(answer, [200], { repeatable: true });
    return { state: 'unknown', detail: error === null ? null : `${error}${kindOf(answer)}` };
  }
  if (status === 'Succeeded') return { state: 'succeeded', detail: null };
  if (status === 'Failed' || status === 'Stopped') {
    const reason = textOf(said.FailureReason);
    const what = `SageMaker says that the execution has ${status === 'Failed' ? 'failed' : 'been stopped'}`;
    return { state: 'failed', detail: reason === null ? `${what}.` : `${what}: ${reason.slice(0, 500)}` };
  }
  return { state: RUNNING.has(status) ? 'running' : 'unknown', detail: null };
}
