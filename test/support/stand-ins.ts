import { z } from 'zod';
import type { Answer, Request } from '../../src/webhook/adapters/adapter.ts';

/**
 * Other systems in small, as strict as they are: each refuses, with the status that the real one gives, whatever
 * path, header or member it does not know. They keep what was started.
 */
export type StandIn = {
  readonly answer: (request: Pick<Request, 'method' | 'url' | 'headers' | 'body'>) => Answer;
  /** What was started, in order. */
  readonly started: unknown[];
};

type Asked = Parameters<StandIn['answer']>[0] & { readonly path: string; readonly query: URLSearchParams };
type Reply = { readonly status: number; readonly body?: unknown; readonly location?: string };

function standIn(reply: (asked: Asked, started: unknown[]) => Reply): StandIn {
  const started: unknown[] = [];
  return {
    started,
    answer: (request) => {
      const { pathname, searchParams } = new URL(request.url);
      const { status, body, location } = reply({ ...request, path: pathname, query: searchParams }, started);
      const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
      return { status, location: location ?? null, body: text };
    },
  };
}

const is = (asked: Asked, method: string, path: string): boolean => asked.method === method && asked.path === path;

function read<S extends z.ZodType>(shape: S, asked: Asked): z.output<S> | null {
  if (asked.headers['content-type'] !== 'application/json') return null;
  const parsed = shape.safeParse(JSON.parse(asked.body ?? 'null'));
  return parsed.success ? parsed.data : null;
}

const TOKEN = 'ghp_right_token';

function githubRefusal(asked: Asked): Reply | null {
  if (asked.headers.authorization !== `Bearer ${TOKEN}`) return { status: 401, body: { message: 'Bad credentials' } };
  const good =
    asked.headers.accept === 'application/vnd.github+json' && asked.headers['x-github-api-version'] === '2022-11-28';
  return good ? null : { status: 400, body: { message: 'Problems with the version or media type' } };
}

const invalid = { status: 422, body: { message: 'Invalid request.' } };

/** 204, at most ten members in the payload, at most 100 characters in the type. */
export const githubRepository = () =>
  standIn((asked, started) => {
    const refusal = githubRefusal(asked);
    if (refusal !== null) return refusal;
    if (!is(asked, 'POST', '/repos/acme/models/dispatches')) return { status: 404, body: { message: 'Not Found' } };
    const shape = z.strictObject({
      event_type: z.string().min(1).max(100),
      client_payload: z.record(z.string(), z.unknown()).refine((payload) => Object.keys(payload).length <= 10),
    });
    const body = read(shape, asked);
    if (body === null || (asked.body ?? '').length > 65_535) return invalid;
    started.push(body);
    return { status: 204 };
  });

/** 200 with the run where that is asked for, 204 where not; undeclared inputs are refused, and values that are no text. */
export const githubWorkflow = (options: { inputs?: readonly string[]; enterprise?: boolean } = {}) =>
  standIn((asked, started) => {
    const refusal = githubRefusal(asked);
    if (refusal !== null) return refusal;
    if (!is(asked, 'POST', '/repos/acme/models/actions/workflows/train.yml/dispatches')) {
      return { status: 404, body: { message: 'Not Found' } };
    }
    const base = z.strictObject({ ref: z.string(), inputs: z.record(z.string(), z.string()).optional() });
    const shape = options.enterprise === true ? base : base.extend({ return_run_details: z.boolean().optional() });
    const body = read(shape, asked);
    if (body === null)
      return { status: options.enterprise === true ? 400 : 422, body: { message: 'Invalid request.' } };
    const declared = options.inputs ?? ['event'];
    const unexpected = Object.keys(body.inputs ?? {}).filter((name) => !declared.includes(name));
    if (unexpected.length > 0 || body.ref !== 'main') {
      return { status: 422, body: { message: `Unexpected inputs provided: ${JSON.stringify(unexpected)}` } };
    }
    started.push(body);
    if (!('return_run_details' in body) || body.return_run_details !== true) return { status: 204 };
    const run = {
      workflow_run_id: 42,
      run_url: 'https://api.github.com/runs/42',
      html_url: 'https://github.com/runs/42',
    };
    return { status: 200, body: run };
  });

/** A form with the trigger token in it; 404 for a wrong one, as GitLab hides what is there. */
export const gitlab = () =>
  standIn((asked, started) => {
    if (!is(asked, 'POST', '/api/v4/projects/acme%2Fmodels/trigger/pipeline'))
      return { status: 404, body: { message: '404 Not Found' } };
    if (asked.headers['content-type'] !== 'application/x-www-form-urlencoded')
      return { status: 400, body: { error: 'ref is missing' } };
    const form = new URLSearchParams(asked.body ?? '');
    if (form.get('token') !== 'glptt-right') return { status: 404, body: { message: '404 Not Found' } };
    if (form.get('ref') !== 'main') return { status: 400, body: { message: { base: ['Reference not found'] } } };
    const known = /^(token|ref|(variables|inputs)\[[A-Za-z_][A-Za-z0-9_]*\])$/;
    if ([...form.keys()].some((name) => !known.test(name))) return { status: 400, body: { error: 'invalid' } };
    started.push(Object.fromEntries(form));
    return {
      status: 201,
      body: { id: 7, status: 'created', web_url: 'https://gitlab.example/acme/models/-/pipelines/7' },
    };
  });

/** Token first (version 3), unknown members refused, one run an id. */
export const airflow = (version: 2 | 3) =>
  standIn((asked, started) => {
    if (version === 3 && is(asked, 'POST', '/auth/token')) {
      const login = read(z.strictObject({ username: z.string(), password: z.string() }), asked);
      if (login === null) return { status: 422, body: { detail: 'unprocessable' } };
      if (login.password !== 'right-password') return { status: 401, body: { detail: 'Invalid credentials' } };
      return { status: 201, body: { access_token: 'jwt-token' } };
    }
    const wanted =
      version === 3 ? 'Bearer jwt-token' : `Basic ${Buffer.from('admin:right-password').toString('base64')}`;
    if (asked.headers.authorization !== wanted) return { status: 401, body: { detail: 'Not authenticated' } };
    const runs = `/api/v${version === 3 ? 2 : 1}/dags/train/dagRuns`;
    const found = (started as { dag_run_id?: string; state?: string }[]).find(({ dag_run_id }) =>
      is(asked, 'GET', `${runs}/${dag_run_id}`),
    );
    if (found !== undefined) return { status: 200, body: { ...found, state: found.state ?? 'queued' } };
    if (!is(asked, 'POST', runs)) {
      return { status: 404, body: { detail: 'The Dag with ID: `train` was not found' } };
    }
    const common = {
      dag_run_id: z.string().optional(),
      conf: z.record(z.string(), z.unknown()).optional(),
      note: z.string().max(1000).optional(),
    };
    const body = read(
      version === 3 ? z.strictObject({ ...common, logical_date: z.iso.datetime().nullable() }) : z.strictObject(common),
      asked,
    );
    if (body === null) return { status: version === 3 ? 422 : 400, body: { detail: 'Field required' } };
    const known = started as { dag_run_id?: string }[];
    if (known.some((run) => run.dag_run_id === body.dag_run_id))
      return { status: 409, body: { detail: 'DAGRun already exists' } };
    started.push(body);
    return { status: 200, body: { ...body, dag_id: 'train', state: 'queued' } };
  });

/** Drops parameters that the job does not declare; shows builds and queue to whoever asks for the fields by name. */
export const jenkins = (declared: readonly string[]) =>
  standIn((asked, started) => {
    if (asked.headers.authorization !== `Basic ${Buffer.from('bot:right-token').toString('base64')}`) {
      return { status: 403, body: '<html>Forbidden</html>' };
    }
    const known = started as Record<string, string>[];
    const entries = known.map((parameters, i) => ({
      number: i + 1,
      url: `https://ci.example/job/ml/job/train/${i + 1}/`,
      actions: [{}, { parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })) }],
    }));
    if (is(asked, 'GET', '/job/ml/job/train/api/json') && asked.query.has('tree'))
      return { status: 200, body: { builds: entries } };
    if (is(asked, 'GET', '/queue/api/json') && asked.query.has('tree')) return { status: 200, body: { items: [] } };
    if (!is(asked, 'POST', '/job/ml/job/train/buildWithParameters'))
      return { status: 404, body: '<html>Not Found</html>' };
    if (asked.headers['content-type'] !== 'application/x-www-form-urlencoded') return { status: 400, body: '' };
    const given = Object.fromEntries(new URLSearchParams(asked.body ?? ''));
    started.push(Object.fromEntries(Object.entries(given).filter(([name]) => declared.includes(name))));
    return { status: 201, location: `https://ci.example/queue/item/${100 + started.length}/` };
  });

/** A webhook event source: JSON by POST at its own path. */
export const argoEvents = () =>
  standIn((asked, started) => {
    if (asked.headers.authorization !== 'Bearer argo-token') return { status: 401, body: 'invalid auth token' };
    if (!is(asked, 'POST', '/tidemark')) return { status: 404, body: '404 page not found' };
    const event = read(
      z.looseObject({ specversion: z.literal('1.0'), id: z.string(), source: z.string(), type: z.string() }),
      asked,
    );
    if (event === null) return { status: 400, body: 'failed to parse the event' };
    started.push(event);
    return { status: 200, body: 'success' };
  });

/** Starts as many runs as it is asked for, and finds them by their name. */
export const kubeflow = () =>
  standIn((asked, started) => {
    if (asked.headers.authorization !== 'Bearer kfp-token')
      return { status: 401, body: { message: 'Unauthenticated' } };
    const known = started as { display_name: string; run_id: string }[];
    if (is(asked, 'GET', '/apis/v2beta1/runs')) {
      const predicate = z.strictObject({
        operation: z.literal('EQUALS'),
        key: z.literal('display_name'),
        string_value: z.string(),
      });
      const filter = z
        .strictObject({ predicates: z.array(predicate).length(1) })
        .parse(JSON.parse(asked.query.get('filter') ?? ''));
      const runs = known.filter((run) => run.display_name === filter.predicates[0]?.string_value);
      return { status: 200, body: runs.length === 0 ? {} : { runs, total_size: runs.length } };
    }
    if (!is(asked, 'POST', '/apis/v2beta1/runs')) return { status: 404, body: { message: 'Not Found' } };
    const shape = z.strictObject({
      display_name: z.string().min(1),
      description: z.string().optional(),
      experiment_id: z.string().optional(),
      pipeline_version_reference: z.strictObject({
        pipeline_id: z.string(),
        pipeline_version_id: z.string().optional(),
      }),
      runtime_config: z.strictObject({ parameters: z.record(z.string(), z.json()) }),
    });
    const body = read(shape, asked);
    if (body === null) return { status: 400, body: { message: 'unknown field' } };
    const run = { ...body, run_id: `kfp-${started.length + 1}`, state: 'PENDING' };
    started.push(run);
    return { status: 200, body: run };
  });

/** The model registry of MLflow: what it has, and what was written to it, member by member. */
export const mlflow = (has: { runId?: string; versions?: readonly string[] } = {}) => {
  const tags = new Map<string, string>();
  const aliases = new Map<string, string>();
  const unknown = {
    status: 404,
    body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Registered Model not found' },
  };
  const bad = { status: 400, body: { error_code: 'INVALID_PARAMETER_VALUE', message: 'Unknown or missing parameter' } };
  const versions = has.versions ?? ['1', '2', '3'];
  const api = standIn((asked, started) => {
    if (asked.headers.authorization !== `Basic ${Buffer.from('bot:right-password').toString('base64')}`) {
      return { status: 401, body: 'You are not authenticated.' };
    }
    const path = asked.path.replace('/api/2.0/mlflow', '');
    if (asked.method === 'GET')
      return mlflowLook(path, asked.query, { tags, aliases, versions, runId: has.runId ?? '' }) ?? unknown;
    const shape = MLFLOW_WRITES.find((write) => write.path === path)?.shape;
    const body = shape === undefined ? null : read(shape, asked);
    if (body === null) return shape === undefined ? { status: 404, body: '' } : bad;
    if ('name' in body && body.name !== 'churn') return unknown;
    if ('version' in body && !versions.includes(body.version)) return unknown;
    if ('alias' in body) aliases.set(body.alias, body.version);
    if ('key' in body && !('version' in body)) tags.set(body.key, body.value);
    started.push({ path, ...body });
    return { status: 200, body: {} };
  });
  return { ...api, tags, aliases };
};

type MlflowState = {
  readonly tags: ReadonlyMap<string, string>;
  readonly aliases: ReadonlyMap<string, string>;
  readonly versions: readonly string[];
  readonly runId: string;
};

function mlflowLook(path: string, query: URLSearchParams, state: MlflowState): Reply | null {
  if (path === '/registered-models/search') return { status: 200, body: {} };
  if (query.get('name') !== 'churn') return null;
  if (path === '/registered-models/get') {
    const tags = [...state.tags].map(([key, value]) => ({ key, value }));
    const aliases = [...state.aliases].map(([alias, version]) => ({ alias, version }));
    return { status: 200, body: { registered_model: { name: 'churn', tags, aliases } } };
  }
  const version = query.get('version') ?? '';
  if (path !== '/model-versions/get' || !state.versions.includes(version)) return null;
  return { status: 200, body: { model_version: { name: 'churn', version, run_id: state.runId } } };
}

const mlflowText = (max: number) => z.string().min(1).max(max);
const mlflowTag = z.strictObject({ key: mlflowText(250), value: z.string().max(5000) });
const MLFLOW_WRITES = [
  { path: '/registered-models/set-tag', shape: mlflowTag.extend({ name: mlflowText(256) }) },
  { path: '/model-versions/set-tag', shape: mlflowTag.extend({ name: mlflowText(256), version: z.string() }) },
  {
    path: '/registered-models/alias',
    shape: z.strictObject({ name: mlflowText(256), alias: mlflowText(256), version: z.string() }),
  },
  {
    path: '/runs/log-inputs',
    shape: z.strictObject({
      run_id: z.literal('run-of-mlflow'),
      datasets: z.array(
        z.strictObject({
          tags: z.array(z.strictObject({ key: mlflowText(255), value: mlflowText(500) })),
          dataset: z.strictObject({
            name: mlflowText(500),
            digest: mlflowText(36),
            source_type: mlflowText(36),
            source: mlflowText(65_535),
          }),
        }),
      ),
    }),
  },
] as const;

const time = z.iso.datetime();
const labels = z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string());

/** The `postableAlerts` of its API, and the rules that stand behind them. */
export const alertmanager = () =>
  standIn((asked, started) => {
    if (!is(asked, 'POST', '/api/v2/alerts')) return { status: 404, body: '' };
    const alert = z.strictObject({
      labels: labels.refine((set) => Object.keys(set).length > 0),
      annotations: z.record(z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/), z.string()).optional(),
      startsAt: time.optional(),
      endsAt: time.optional(),
      generatorURL: z.url().optional(),
    });
    const body = read(z.array(alert), asked);
    const backwards = body?.some(
      ({ startsAt, endsAt }) => startsAt !== undefined && endsAt !== undefined && endsAt < startsAt,
    );
    if (body === null || backwards === true) return { status: 400, body: '"start time must be before end time"' };
    started.push(...body);
    return { status: 200 };
  });

const plain = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max), emoji: z.boolean().optional() });
const mrkdwn = (max: number) => z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(max) });
const slackBlock = z.union([
  z.strictObject({ type: z.literal('header'), text: plain(150) }),
  z.strictObject({ type: z.literal('section'), text: mrkdwn(3000) }),
  z.strictObject({ type: z.literal('section'), fields: z.array(mrkdwn(2000)).min(1).max(10) }),
  z.strictObject({
    type: z.literal('actions'),
    elements: z
      .array(z.strictObject({ type: z.literal('button'), text: plain(75), url: z.url().max(3000) }))
      .min(1)
      .max(25),
  }),
]);

/** An incoming webhook: `invalid_blocks` for whatever Block Kit does not have. */
export const slack = () =>
  standIn((asked, started) => {
    if (!is(asked, 'POST', '/services/T1/B1/secretpart')) return { status: 404, body: 'no_service' };
    const body = read(
      z.strictObject({ text: z.string().min(1).max(40_000), blocks: z.array(slackBlock).max(50) }),
      asked,
    );
    if (body === null) return { status: 400, body: 'invalid_blocks' };
    started.push(body);
    return { status: 200, body: 'ok' };
  });

const cardElement = z.union([
  z.strictObject({
    type: z.literal('TextBlock'),
    text: z.string(),
    wrap: z.boolean(),
    size: z.enum(['Small', 'Default', 'Medium', 'Large', 'ExtraLarge']).optional(),
    weight: z.enum(['Lighter', 'Default', 'Bolder']).optional(),
    color: z.enum(['Default', 'Dark', 'Light', 'Accent', 'Good', 'Warning', 'Attention']).optional(),
  }),
  z.strictObject({
    type: z.literal('FactSet'),
    facts: z.array(z.strictObject({ title: z.string(), value: z.string() })).min(1),
  }),
]);

/** A workflow: an Adaptive Card of at most 28 KB. */
export const teams = () =>
  standIn((asked, started) => {
    if (!is(asked, 'POST', '/workflows/abc/triggers/manual/paths/invoke') || asked.query.get('sig') !== 'secretpart') {
      return { status: 401, body: { error: { code: 'DirectApiAuthorizationRequired' } } };
    }
    const content = z.strictObject({
      $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
      type: z.literal('AdaptiveCard'),
      version: z.enum(['1.0', '1.2', '1.4']),
      body: z.array(cardElement).min(1),
      actions: z.array(z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string(), url: z.url() })),
    });
    const attachment = z.strictObject({
      contentType: z.literal('application/vnd.microsoft.card.adaptive'),
      contentUrl: z.null(),
      content,
    });
    const body = read(
      z.strictObject({ type: z.literal('message'), attachments: z.array(attachment).length(1) }),
      asked,
    );
    if (body === null || Buffer.byteLength(asked.body ?? '') > 28_000) return { status: 400, body: 'Bad Request' };
    started.push(body);
    return { status: 202 };
  });

/** Events API v2: one incident a `dedup_key`; `started` has the events. */
export const pagerduty = () =>
  standIn((asked, started) => {
    if (!is(asked, 'POST', '/v2/enqueue')) return { status: 404, body: '' };
    const common = {
      routing_key: z.literal('r0uting-key-of-32-characters-0000'),
      dedup_key: z.string().min(1).max(255),
    };
    const payload = z.strictObject({
      summary: z.string().min(1).max(1024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: time.optional(),
      component: z.string().optional(),
      group: z.string().optional(),
      class: z.string().optional(),
      custom_details: z.record(z.string(), z.unknown()).optional(),
    });
    const links = z.array(z.strictObject({ href: z.url(), text: z.string().optional() }));
    const shape = z.union([
      z.strictObject({
        ...common,
        event_action: z.literal('trigger'),
        payload,
        client: z.string().optional(),
        client_url: z.url().optional(),
        links: links.optional(),
      }),
      z.strictObject({ ...common, event_action: z.enum(['acknowledge', 'resolve']) }),
    ]);
    const body = read(shape, asked);
    if (body === null) return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid' } };
    started.push(body);
    return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: body.dedup_key } };
  });
