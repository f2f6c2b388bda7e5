import { z } from 'zod';
import { TidemarkError } from './errors.ts';

/** Everything the environment decides, parsed once. It prints without its secrets. */
export type Config = {
  /** Where the embedded database, the directory remote and temporary files live. */
  readonly data: string;
  readonly host: string;
  readonly port: number;
  /** PostgreSQL to use instead of the embedded one. */
  readonly databaseUrl: string | undefined;
  /** `s3://bucket/prefix` or a directory, instead of `<data>/remote`. */
  readonly remote: string | undefined;
  /** Clients may put large objects into an S3 remote, and read them there, by themselves, at addresses that expire. */
  readonly directTransfers: boolean;
  /** Small objects that come together are stored together in a bucket, and get DVC's names afterwards. */
  readonly bundles: boolean;
  readonly demo: boolean;
  /** The address people reach the service at; links and callback URLs are made from it. */
  readonly publicUrl: string | undefined;
  /** Proxies between clients and the service, each of which says whom it was asked by; 0: nobody is believed. */
  readonly trustedProxies: number;
  /** `address[/bits][:port]` of private receivers that webhooks may reach. */
  readonly webhookAllow: readonly string[];
  /** Key material that encrypts secrets at rest; when unset one is kept in `<data>/secret.key`. */
  readonly secretKey: string | undefined;
  readonly logLevel: string;
  /** How long a `dvc push` has to be quiet before what it sent becomes a version. */
  readonly pushQuietMilliseconds: number;
  readonly limits: Limits;
  readonly storage: StorageSchedule;
};

/** How stored bytes are looked after. */
type StorageSchedule = {
  /** Every object is read again within so many seconds; 0: never by itself. */
  readonly scrubSeconds: number;
  /** On average; in millions of bytes. */
  readonly scrubMegabytesPerSecond: number;
  /** How often the remote is searched for what others wrote there; 0: never by itself. */
  readonly scanSeconds: number;
  /** The project that takes what such a search finds. */
  readonly scanProject: string;
  /** How long a deleted version can be restored. */
  readonly trashSeconds: number;
  /** How long the bytes of an object are kept that nothing needs: longer than the longest upload and download. */
  readonly graceSeconds: number;
};

/** Bounds on what a request may cost, in bytes, rows or milliseconds. */
type Limits = {
  readonly objectBytes: number;
  /** What all objects of one project may have together; 0: as much as there is space for. */
  readonly projectBytes: number;
  readonly bodyBytes: number;
  /** Bytes of data that are looked through while a request waits; more of it is a worker's. */
  readonly atOnceBytes: number;
  readonly batchBytes: number;
  readonly batchRows: number;
  /** Bytes of logged rows that may be received, parsed and stored at the same time; more are asked to come again. */
  readonly inFlightBytes: number;
  readonly lineBytes: number;
  /** How long a batch waits for the profile of training data that was pushed a moment ago. */
  readonly profileWaitMilliseconds: number;
  /** How long an accepted batch waits for others to be settled with it. */
  readonly settleDelayMilliseconds: number;
  readonly computeMilliseconds: number;
  readonly computeMegabytes: number;
  /** Ranges of one file that are read at once. */
  readonly profileThreads: number;
};

const number = (fallback: number) => z.coerce.number().int().nonnegative().default(fallback);
const onOrOff = z.enum(['on', 'off']).default('on');

const environment = z.object({
  TIDEMARK_DATA: z.string().min(1).default('.tidemark').describe('the embedded database, the directory remote, keys'),
  TIDEMARK_HOST: z.string().min(1).default('127.0.0.1').describe('the address to listen on'),
  TIDEMARK_PORT: number(8490).pipe(z.number().max(65535)).describe('the port to listen on'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must begin with postgres://')
    .optional()
    .describe('PostgreSQL instead of the embedded one'),
  TIDEMARK_REMOTE: z.string().min(1).optional().describe('s3://bucket/prefix or a folder instead of DATA/remote'),
  TIDEMARK_DIRECT_TRANSFERS: onOrOff.describe('large objects go past the service, straight into S3 and out of it'),
  TIDEMARK_BUNDLES: onOrOff.describe('small files of a push are stored in a bucket together'),
  TIDEMARK_DEMO: onOrOff.describe('a fresh data directory gets the project "demo"'),
  TIDEMARK_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .optional()
    .describe('the address in links and callbacks'),
  TIDEMARK_TRUSTED_PROXIES: number(0)
    .pipe(z.number().max(20))
    .describe('proxies before the service that append to X-Forwarded-For'),
  TIDEMARK_WEBHOOK_ALLOW: z.string().default('').describe('private receivers: address[/bits][:port], by commas'),
  TIDEMARK_SECRET_KEY: z.string().min(32).optional().describe('encrypts secrets at rest, instead of DATA/secret.key'),
  TIDEMARK_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('debug, info, warn, error or silent'),
  // A client that is slow for a moment must not have its push cut in two.
  TIDEMARK_PUSH_QUIET_SECONDS: z.coerce
    .number()
    .min(0.2)
    .max(3600)
    .default(5)
    .describe('how long a dvc push is quiet before it becomes a version'),
  TIDEMARK_MAX_OBJECT_BYTES: number(1024 ** 4).describe('the largest object'),
  TIDEMARK_MAX_PROJECT_BYTES: number(0).describe('all objects of one project; 0: no quota'),
  TIDEMARK_MAX_BODY_BYTES: number(8 * 1024 ** 2).describe('a body of JSON'),
  TIDEMARK_MAX_AT_ONCE_BYTES: number(32 * 1024 ** 2).describe('data looked through while a request waits'),
  TIDEMARK_MAX_BATCH_BYTES: number(256 * 1024 ** 2).describe('logged rows of one request, inflated'),
  TIDEMARK_MAX_BATCH_ROWS: number(10_000_000).describe('logged rows of one request'),
  TIDEMARK_MAX_IN_FLIGHT_BYTES: number(512 * 1024 ** 2).describe('logged rows of all requests that are under way'),
  TIDEMARK_MAX_LINE_BYTES: number(1024 ** 2).describe('one logged row'),
  TIDEMARK_PROFILE_WAIT_SECONDS: number(10).describe('how long a batch waits for the profile of its training data'),
  TIDEMARK_SETTLE_DELAY_MILLISECONDS: number(250).describe('how long a batch waits for others to be settled with it'),
  // Without any time or memory no file could be read; below 64 MB the reader itself does not start.
  TIDEMARK_COMPUTE_SECONDS: number(600).pipe(z.number().min(1)).describe('how long one reading of data may take'),
  TIDEMARK_COMPUTE_MEGABYTES: number(2048).pipe(z.number().min(64)).describe('the memory of one reader'),
  TIDEMARK_PROFILE_THREADS: number(2).pipe(z.number().min(1)).describe('ranges of one file read at once'),
  TIDEMARK_SCRUB_DAYS: number(30).describe('every object is read again within so many days; 0: never'),
  TIDEMARK_SCRUB_MEGABYTES: number(50).pipe(z.number().min(1)).describe('how fast that is, in MB/s'),
  TIDEMARK_SCAN_HOURS: number(0).describe('how often the remote is searched for what others wrote; 0: never'),
  TIDEMARK_SCAN_PROJECT: z.string().min(1).default('default').describe('the project that takes what is found'),
  TIDEMARK_TRASH_SECONDS: number(7 * 86_400)
    .pipe(z.number().min(60))
    .describe('how long deleted versions are kept'),
  TIDEMARK_GRACE_SECONDS: number(86_400).pipe(z.number().min(60)).describe('how long unneeded bytes are kept'),
});

export type Variable = { readonly name: string; readonly meaning: string; readonly fallback: string };

/** Every variable that a service reads, with its default; empty where it has none. */
export function listVariables(): Variable[] {
  const defaults: Readonly<Record<string, string | number | undefined>> = environment.parse({});
  return Object.entries(environment.shape).map(([name, shape]) => ({
    name,
    meaning: shape.description ?? '',
    fallback: `${defaults[name] ?? ''}`,
  }));
}

/**
 * Reads the configuration from environment variables (empty ones count as unset).
 * @throws TidemarkError `invalid-configuration`, naming each variable that is wrong.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(given);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((i) => ({ code: i.code, field: i.path.join('.'), detail: i.message }));
    const list = issues.map((i) => `${i.field} ${i.detail}`).join('; ');
    throw new TidemarkError('invalid-configuration', `The configuration is not usable: ${list}.`, { issues });
  }
  return fromEnvironment(parsed.data);
}

function fromEnvironment(e: z.infer<typeof environment>): Config {
  const config: Config = {
    data: e.TIDEMARK_DATA,
    host: e.TIDEMARK_HOST,
    port: e.TIDEMARK_PORT,
    databaseUrl: e.DATABASE_URL,
    remote: e.TIDEMARK_REMOTE,
    directTransfers: e.TIDEMARK_DIRECT_TRANSFERS === 'on',
    bundles: e.TIDEMARK_BUNDLES === 'on',
    demo: e.TIDEMARK_DEMO === 'on',
    publicUrl: e.TIDEMARK_PUBLIC_URL,
    trustedProxies: e.TIDEMARK_TRUSTED_PROXIES,
    webhookAllow: e.TIDEMARK_WEBHOOK_ALLOW.split(',')
      .map((s) => s.trim())
      .filter((s) => s !== ''),
    secretKey: e.TIDEMARK_SECRET_KEY,
    logLevel: e.TIDEMARK_LOG_LEVEL,
    pushQuietMilliseconds: Math.round(e.TIDEMARK_PUSH_QUIET_SECONDS * 1000),
    limits: {
      objectBytes: e.TIDEMARK_MAX_OBJECT_BYTES,
      projectBytes: e.TIDEMARK_MAX_PROJECT_BYTES,
      bodyBytes: e.TIDEMARK_MAX_BODY_BYTES,
      atOnceBytes: e.TIDEMARK_MAX_AT_ONCE_BYTES,
      batchBytes: e.TIDEMARK_MAX_BATCH_BYTES,
      batchRows: e.TIDEMARK_MAX_BATCH_ROWS,
      inFlightBytes: e.TIDEMARK_MAX_IN_FLIGHT_BYTES,
      lineBytes: e.TIDEMARK_MAX_LINE_BYTES,
      computeMilliseconds: e.TIDEMARK_COMPUTE_SECONDS * 1000,
      settleDelayMilliseconds: e.TIDEMARK_SETTLE_DELAY_MILLISECONDS,
      profileWaitMilliseconds: e.TIDEMARK_PROFILE_WAIT_SECONDS * 1000,
      computeMegabytes: e.TIDEMARK_COMPUTE_MEGABYTES,
      profileThreads: e.TIDEMARK_PROFILE_THREADS,
    },
    storage: {
      scrubSeconds: e.TIDEMARK_SCRUB_DAYS * 86_400,
      scrubMegabytesPerSecond: e.TIDEMARK_SCRUB_MEGABYTES,
      scanSeconds: e.TIDEMARK_SCAN_HOURS * 3600,
      scanProject: e.TIDEMARK_SCAN_PROJECT,
      trashSeconds: e.TIDEMARK_TRASH_SECONDS,
      graceSeconds: e.TIDEMARK_GRACE_SECONDS,
    },
  };
  return Object.freeze({ ...config, toJSON: shown, [Symbol.for('nodejs.util.inspect.custom')]: shown });
}

/** Enumerable where it hangs, so that a copy of a configuration hides its secrets too. */
function shown(this: Config): Record<string, unknown> {
  const plain = Object.entries(this).filter(([, value]) => typeof value !== 'function');
  return {
    ...Object.fromEntries(plain),
    databaseUrl: hidden(this.databaseUrl),
    secretKey: hidden(this.secretKey),
  };
}

function hidden(secret: string | undefined): string | undefined {
  return secret === undefined ? undefined : '[set]';
}

/** How the command line reaches a service. */
export type ClientConfig = {
  readonly url: string;
  readonly key: string | undefined;
  readonly project: string | undefined;
  /** A folder for what can be found out again, such as the digests of files; none when the user has no home. */
  readonly cache: string | undefined;
  /** Errors that nobody foresaw show where they came from. */
  readonly debug: boolean;
};

/** Reads what the command line takes from the environment; options on the line come before it. */
export function readClientConfig(env: Readonly<Record<string, string | undefined>> = process.env): ClientConfig {
  const port = env.TIDEMARK_PORT || '8490';
  return {
    url: env.TIDEMARK_URL || env.TIDEMARK_PUBLIC_URL || `http://127.0.0.1:${port}`,
    key: env.TIDEMARK_KEY || undefined,
    project: env.TIDEMARK_PROJECT || undefined,
    cache: env.TIDEMARK_CACHE || cacheOfUser(env),
    debug: env.TIDEMARK_DEBUG === 'on',
  };
}

function cacheOfUser(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env.XDG_CACHE_HOME) return `${env.XDG_CACHE_HOME}/tidemark`;
  return env.HOME ? `${env.HOME}/.cache/tidemark` : undefined;
}
