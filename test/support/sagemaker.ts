import { createHash, createHmac } from 'node:crypto';
import { z } from 'zod';
import type { StandIn } from './stand-ins.ts';

/** Amazon SageMaker in small. It checks the signature by the rules of AWS, written down here once more by hand. */

export const KEYS = {
  access_key_id: 'AKIDEXAMPLE0TIDEMARK',
  secret_access_key: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const REGION = 'eu-central-1';

type Asked = Parameters<StandIn['answer']>[0];
type Refusal = { readonly status: number; readonly __type: string; readonly message: string };

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** What is wrong with a request's signature; null when nothing is. */
function refuse(asked: Asked, now: Date): Refusal | null {
  const wrong = (type: string, message: string): Refusal => ({ status: 403, __type: type, message });
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$/;
  const [, id, day, region, service, names = '', signature] = form.exec(asked.headers.authorization ?? '') ?? [];
  if (id === undefined) return wrong('MissingAuthenticationTokenException', 'Missing Authentication Token');
  if (id !== KEYS.access_key_id) return wrong('UnrecognizedClientException', 'The security token is invalid.');
  const time = asked.headers['x-amz-date'] ?? '';
  const instant = Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(instant - now.getTime()) <= 300_000)) return wrong('InvalidSignatureException', 'Signature expired');
  if (day !== time.slice(0, 8) || region !== REGION || service !== 'sagemaker') {
    return wrong('InvalidSignatureException', 'Credential should be scoped to a valid region and service.');
  }
  const url = new URL(asked.url);
  const headers: Record<string, string> = { host: url.host, ...asked.headers };
  const signed = names.split(';');
  const needed = ['host', ...Object.keys(asked.headers).filter((name) => name.startsWith('x-amz-'))];
  if (needed.some((name) => !signed.includes(name)) || signed.join() !== [...signed].sort().join()) {
    return wrong('InvalidSignatureException', 'Header must be in SignedHeaders');
  }
  const lines = signed.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`).join('');
  const canonical = [asked.method, url.pathname, '', lines, names, sha256(asked.body ?? '')].join('\n');
  const scope = `${day}/${region}/${service}/aws4_request`;
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${KEYS.secret_access_key}`);
  const expected = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(canonical)].join('\n')).toString('hex');
  return expected === signature ? null : wrong('InvalidSignatureException', 'The request signature does not match.');
}

const name = z
  .string()
  .max(256)
  .regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$/);
const startRequest = z.strictObject({
  PipelineName: name,
  PipelineExecutionDisplayName: z
    .string()
    .regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,81}$/)
    .optional(),
  PipelineExecutionDescription: z.string().max(3072).optional(),
  PipelineParameters: z
    .array(z.strictObject({ Name: z.string().regex(/^[A-Za-z0-9_-]{1,256}$/), Value: z.string().max(1024) }))
    .max(200)
    .optional(),
  ClientRequestToken: z.string().min(32).max(128),
});

const ARN = `arn:aws:sagemaker:${REGION}:123456789012:pipeline/churn/execution/`;

export type Sagemaker = StandIn & {
  /** What a description of an execution says besides. */
  readonly state: { PipelineExecutionStatus: string; FailureReason?: string };
};

/**
 * @param now the clock of AWS.
 * @param declared parameters of the pipeline; others are refused.
 */
export function sagemaker(now: () => Date, declared: readonly string[]): Sagemaker {
  const started: Record<string, unknown>[] = [];
  const state: Sagemaker['state'] = { PipelineExecutionStatus: 'Executing' };
  const answer = (status: number, body: object) => ({ status, location: null, body: JSON.stringify(body) });
  const invalid = (message: string) => answer(400, { __type: 'ValidationException', Message: message });
  return {
    started,
    state,
    answer: (asked) => {
      const refusal = refuse(asked, now());
      if (refusal !== null) return answer(refusal.status, { __type: refusal.__type, message: refusal.message });
      if (asked.method !== 'POST' || new URL(asked.url).pathname !== '/') return answer(404, {});
      if (asked.headers['content-type'] !== 'application/x-amz-json-1.1') return answer(404, {});
      const body: unknown = JSON.parse(asked.body ?? '');
      switch (asked.headers['x-amz-target']) {
        case 'SageMaker.DescribePipeline':
        case 'SageMaker.StartPipelineExecution': {
          const named = z.looseObject({ PipelineName: name }).safeParse(body);
          if (named.data?.PipelineName !== 'churn') {
            return answer(400, { __type: 'ResourceNotFound', Message: 'Pipeline does not exist.' });
          }
          if (asked.headers['x-amz-target'] === 'SageMaker.DescribePipeline')
            return answer(200, { PipelineName: 'churn' });
          const parsed = startRequest.safeParse(body);
          if (!parsed.success) return invalid(parsed.error.message);
          const unknown = parsed.data.PipelineParameters?.find(({ Name }) => !declared.includes(Name));
          if (unknown !== undefined) return invalid(`Unknown parameters: ${unknown.Name}`);
          const token = parsed.data.ClientRequestToken;
          const known = started.findIndex(({ ClientRequestToken }) => ClientRequestToken === token);
          if (known < 0) started.push(parsed.data);
          const number = known < 0 ? started.length : known + 1;
          return answer(200, { PipelineExecutionArn: `${ARN}${number}` });
        }
        case 'SageMaker.DescribePipelineExecution': {
          const { PipelineExecutionArn } = z.strictObject({ PipelineExecutionArn: z.string() }).parse(body);
          const known = started.some((_, i) => PipelineExecutionArn === `${ARN}${i + 1}`);
          return known ? answer(200, { PipelineExecutionArn, ...state }) : answer(400, { __type: 'ResourceNotFound' });
        }
        default:
          return answer(400, { __type: 'UnknownOperationException' });
      }
    },
  };
}
