import { z } from 'zod';

/** What other systems want to be called with. `credentials` are kept encrypted and shown nowhere. */

const text = (max: number) => z.string().min(1).max(max);
const secret = text(4096);

/** Names and values that a pipeline is started with. `{{data.run}}` in a value stands for that part of the event. */
const parametersShape = z
  .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,99}$/, 'must be the name of a parameter'), z.string().max(10_000))
  .refine((given) => Object.keys(given).length <= 25, 'must have at most 25 members');

/** Names that the connection or the signature need, and names and values that are none. */
const RESERVED =
  /^(host|content-length|content-type|connection|keep-alive|transfer-encoding|te|trailer|upgrade|expect|proxy-.*|webhook-.*)$/i;
const headersShape = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of a header')
      .refine((name) => !RESERVED.test(name), 'is set by Tidemark and cannot be chosen'),
    z.string().regex(/^[\x20-\x7e]{1,4096}$/, 'must be printable ASCII'),
  )
  .refine((given) => Object.keys(given).length <= 20, 'must have at most 20 members');

/** A header and an envelope hold it: nothing but ASCII and no blank. */
const address = z.email('must be a mail address').max(254);

/** Where an access token for a mail server is fetched before each mail (XOAUTH2). */
const oauthShape = z
  .strictObject({
    token_url: z.url({ protocol: /^https?$/, error: 'must be an https URL' }).max(2048),
    client_id: text(500),
    client_secret: secret,
    /** Of the mailbox; without it the client asks for itself (`client_credentials`). */
    refresh_token: secret.optional(),
    scope: text(1000).optional(),
  })
  .meta({
    example: {
      token_url: 'https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token',
      client_id: '…',
      client_secret: '…',
      scope: 'https://outlook.office365.com/.default',
    },
  });

const github = { owner: text(100).regex(/^[\w.-]+$/), repo: text(100).regex(/^[\w.-]+$/) };
const token = z.strictObject({ token: secret });

const target = <K extends string, O extends z.ZodType, C extends z.ZodType>(kind: K, options: O, credentials: C) =>
  z.strictObject({ kind: z.literal(kind), options, credentials }).meta({ id: nameOf(kind) });

/** What a kind is called in the document: `airflow` is an `AirflowTarget`. */
const nameOf = (kind: string): string =>
  `${kind.replace(/(?:^|_)([a-z])/g, (_, first: string) => first.toUpperCase())}Target`;

const none = z.strictObject({}).default({});

export const targetShape = z
  .discriminatedUnion('kind', [
    /** Starts the workflows of a repository that listen to `repository_dispatch`. */
    target('github_repository_dispatch', z.strictObject({ ...github, event_type: text(100).optional() }), token),
    /** Starts one workflow. Without `inputs` it gets one, `event`, with the event as JSON. */
    target(
      'github_workflow_dispatch',
      z.strictObject({
        ...github,
        /** File name or id. */
        workflow: text(200).regex(/^[\w.-]+$/),
        ref: text(255),
        inputs: parametersShape.optional(),
        /** False for GitHub Enterprise Server up to 3.20, which refuses to be asked. */
        return_run_details: z.boolean().optional(),
      }),
      token,
    ),
    /** Starts a pipeline with a trigger token; the event comes as variables `TIDEMARK_…`. */
    target(
      'gitlab_pipeline',
      z.strictObject({ project: text(255), ref: text(255), inputs: parametersShape.optional() }),
      token,
    ),
    /** Starts a DAG under a run id of ours, with the event as its `conf`. */
    target(
      'airflow',
      z.strictObject({ version: z.literal([2, 3]), dag_id: text(250).regex(/^[\w.-]+$/) }),
      z.union([z.strictObject({ username: text(200), password: secret }), token]),
    ),
    /** Builds a job; the URL is that of the job. The event comes as parameters `TIDEMARK_…`. */
    target(
      'jenkins',
      z.strictObject({ parameters: parametersShape.optional() }).default({}),
      z.strictObject({ user: text(200), token: secret }),
    ),
    /** Sends the CloudEvent to a webhook event source. */
    target('argo_events', none, z.strictObject({ token: secret.optional() }).default({})),
    /** Starts a run of a pipeline. Without `parameters` it gets one, `event`, with the event as JSON. */
    target(
      'kubeflow_pipelines',
      z.strictObject({
        pipeline_id: text(100),
        pipeline_version_id: text(100).optional(),
        experiment_id: text(100).optional(),
        parameters: parametersShape.optional(),
      }),
      z.strictObject({ token: secret.optional() }).default({}),
    ),
    target(
      'sagemaker_pipelines',
      z.strictObject({
        region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d{1,2}$/, 'must be a region of AWS, as eu-central-1'),
        pipeline: z
          .string()
          .max(256)
          .regex(
            /^(arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:\d{12}:pipeline\/)?[a-zA-Z0-9](-*[a-zA-Z0-9])*$/,
            'must be the name or ARN of a pipeline',
          ),
        parameters: parametersShape.optional(),
      }),
      z.strictObject({
        access_key_id: z.string().regex(/^[A-Z0-9]{16,128}$/, 'must be the id of an access key'),
        secret_access_key: secret,
        session_token: secret.optional(),
      }),
    ).meta({
      id: nameOf('sagemaker_pipelines'),
      description:
        'Starts an execution of a pipeline of Amazon SageMaker, once for a run however often it is asked for. It gets the ' +
        '`parameters` and no other, since SageMaker refuses those that a pipeline does not declare; a value may have 1024 ' +
        'characters. The URL may be left out. A test looks for the pipeline and starts nothing',
    }),
    target(
      'mlflow',
      z
        .strictObject({
          model: text(256).optional().meta({ description: 'The registered model; without it the name it has here' }),
          alias: text(256).optional().meta({ description: 'The alias of the version in service. Default: `champion`' }),
          challenger_alias: text(256).optional().meta({
            description: 'The alias of what a retraining has made; none without it',
          }),
          version_prefix: text(50).optional().meta({
            description: 'What a version is called here before its number there: `v` where `v3` is version 3',
          }),
        })
        .default({}),
      z.union([z.strictObject({ username: text(200), password: secret }), token, z.strictObject({})]).default({}),
    ).meta({
      id: nameOf('mlflow'),
      description:
        'The model registry of MLflow: the alias moves with a promotion, the version and the run that made it are given ' +
        'their training data (`digest` is `md5:` and the oid), and the state of an alert stands as a tag of the model',
    }),
    /** Raises and ends alerts; a firing one is sent again until it ends. */
    target(
      'alertmanager',
      z.strictObject({ resend_seconds: z.int().min(10).max(3600).optional() }).default({}),
      z.union([z.strictObject({ username: text(200), password: secret }), token, z.strictObject({})]).default({}),
    ),
    /** Writes to a channel; the URL is that of an incoming webhook and itself the secret. */
    target('slack', none, none),
    /** Writes to a channel; the URL is that of a workflow and itself the secret. */
    target('teams', none, none),
    target(
      'email',
      z.strictObject({
        from: address,
        to: z.array(address).min(1).max(20),
        reply_to: address.optional(),
        tls: z.enum(['required', 'off']).optional().meta({
          description:
            'What `smtp://` does: TLS by STARTTLS or no message (the default), or none, which only a server that the operator has named may be spoken to with',
        }),
      }),
      z
        .union([
          z.strictObject({ username: text(320), password: secret }),
          z.strictObject({ username: text(320), oauth: oauthShape }),
          z.strictObject({}),
        ])
        .default({}),
    )
      .refine(({ options, credentials }) => options.tls !== 'off' || !('username' in credentials), {
        path: ['options', 'tls'],
        message: 'must be "required" where a password or a token is sent',
      })
      .meta({
        id: nameOf('email'),
        description:
          'Writes a mail. The URL is that of the server, `smtps://mail.example.com` (port 465) or ' +
          '`smtp://mail.example.com` (port 587, with STARTTLS). A mail that has to be sent again has the same Message-ID',
      }),
    /** Opens and resolves incidents, one for each alert. */
    target('pagerduty', none, z.strictObject({ routing_key: text(200) })),
    /** Anything that takes JSON. `{{data.model}}` in a text of the body stands for that part of the event. */
    target(
      'template',
      z.strictObject({
        method: z.enum(['POST', 'PUT', 'PATCH']).optional(),
        headers: headersShape.optional(),
        body: z
          .union([z.looseObject({}), z.array(z.unknown())])
          .refine((body) => JSON.stringify(body).length <= 20_000, 'must be at most 20,000 characters')
          .meta({ type: ['object', 'array'], items: {} }),
      }),
      z.strictObject({ headers: headersShape.optional() }).default({}),
    ),
  ])
  .meta({ id: 'WebhookTarget' });

/** An endpoint that is called in its own way, with what the call needs. */
export type Target = z.output<typeof targetShape>;
export type TargetKind = Target['kind'];
export type TargetOf<K extends TargetKind> = Extract<Target, { kind: K }>;
