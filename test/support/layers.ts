import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { type Import, readSourceText, type SourceText } from './source-text.ts';

/** What one part of the source may import. */
type Rule = {
  /** A file, or a folder that ends with a slash. */
  readonly unit: string;
  readonly may: readonly string[];
  /** What it may name in types alone, which vanish when compiled. */
  readonly mayName?: readonly string[];
  /** Packages, with everything below their name; `node:` modules by their full name. */
  readonly packages?: readonly string[];
};

const ERRORS = 'src/errors.ts';
const CONTEXT = 'src/context.ts';
const ROOT = 'src/root.ts';
const RELEASE = 'src/release.ts';
const SOCKETS = 'src/socket-memory.ts';
const THREADS = 'src/compute/thread-pool.ts';
const MD5 = ['src/compute/md5-lanes.ts', 'src/compute/md5-each.ts'];
const WORK = 'src/compute/work-threads.ts';
const LOOPS = ['src/compute/number-loops.ts', 'src/compute/profile-loops.ts'];
const FILES = ['node:fs', 'node:fs/promises', 'node:path'];
const STREAMS = ['node:buffer', 'node:stream', 'node:stream/promises', 'node:zlib'];

/** The dependency table. A part imports itself and what its row lists; what has no row is a fault. */
export const RULES: readonly Rule[] = [
  { unit: ERRORS, may: [] },
  { unit: 'src/ulid.ts', may: [] },
  { unit: SOCKETS, may: [], packages: ['node:net'] },
  { unit: ROOT, may: [], packages: [...FILES, 'node:url'] },
  { unit: RELEASE, may: [ROOT], packages: FILES },
  { unit: 'src/log.ts', may: [], packages: ['pino'] },
  { unit: 'src/config.ts', may: [ERRORS], packages: ['zod'] },
  { unit: 'schemas/tables/', may: [], packages: ['drizzle-orm'] },
  { unit: 'schemas/wire/', may: [], packages: ['zod'] },
  { unit: 'src/stats/', may: [], packages: ['simple-statistics'] },
  { unit: 'src/dvc/', may: [ERRORS], packages: ['node:crypto'] },
  { unit: 'src/quality/', may: ['src/stats/'] },
  {
    unit: 'src/formats/',
    may: ['src/stats/', ERRORS],
    // Of `node:os` the folder for what has to be inflated before it can be read.
    packages: ['@duckdb/node-api', '@uwdata/flechette', 'node:os', ...FILES, ...STREAMS],
  },
  {
    unit: 'src/webhook/',
    may: ['schemas/wire/', ERRORS],
    packages: ['undici', 'nodemailer', '@smithy/signature-v4', 'node:crypto', 'node:dns', 'node:net', 'node:tls'],
  },
  {
    unit: 'src/compute/',
    may: ['src/stats/', ERRORS],
    packages: [
      'node:child_process',
      'node:worker_threads',
      'node:os',
      'node:fs',
      'node:path',
      'node:crypto',
      'node:v8',
    ],
  },
  {
    unit: 'src/store/',
    may: ['schemas/', 'src/dvc/', THREADS, ...MD5, SOCKETS, ERRORS],
    packages: ['drizzle-orm', 'postgres', 'pg-boss', '@aws-sdk', 'node:'],
  },
  {
    unit: 'src/domain/',
    may: [
      'src/stats/',
      'src/dvc/',
      'src/quality/',
      'src/formats/',
      'src/store/',
      'src/webhook/',
      'schemas/wire/',
      THREADS,
      WORK,
      ...LOOPS,
      ERRORS,
    ],
    mayName: [CONTEXT, 'src/compute/'],
    packages: [
      ...['arquero', 'prom-client', 'zod', 'node:crypto', 'node:net', 'node:util', 'node:worker_threads'],
      ...[...FILES, ...STREAMS],
    ],
  },
  {
    // The addresses below /dvc/ are DVC's, not ours: reading them is what `dvc` knows.
    unit: 'src/http/',
    may: ['src/domain/', 'src/dvc/remote-address.ts', 'src/web/', 'schemas/wire/', ERRORS, ROOT],
    mayName: [CONTEXT, 'src/store/'],
    packages: ['hono', '@hono', 'zod', 'node:crypto', 'node:http', 'node:net', ...FILES, ...STREAMS],
  },
  {
    unit: 'src/web/',
    may: ['src/domain/', 'schemas/wire/', ERRORS, ROOT],
    mayName: [CONTEXT, 'src/store/', 'src/stats/'],
    packages: ['hono', 'd3-scale', 'd3-shape', 'zod', 'node:crypto', ...FILES],
  },
  {
    unit: CONTEXT,
    may: [
      'src/config.ts',
      'src/log.ts',
      'src/store/',
      'src/webhook/',
      'src/compute/',
      'src/ulid.ts',
      ERRORS,
      ROOT,
      RELEASE,
    ],
    mayName: [],
    packages: ['postgres', 'node:crypto', 'node:os', 'node:url', ...FILES],
  },
  {
    unit: 'src/service.ts',
    may: [
      ...[CONTEXT, 'src/config.ts', 'src/log.ts', 'src/http/', 'src/store/postgres/data-lock.ts', 'workers/', ERRORS],
      ...['src/domain/access/', 'src/domain/operations/'],
    ],
    packages: FILES,
  },
  { unit: 'src/main.ts', may: ['src/cli/'] },
  { unit: 'src/cli.ts', may: ['src/cli/', 'src/config.ts', ERRORS, RELEASE], packages: ['commander'] },
  {
    // Two verbs need no service: they call the domain themselves, and draw what pages draw.
    unit: 'src/cli/tables/',
    may: [
      ...['src/cli/', 'src/domain/files/', 'src/domain/relations/', 'src/formats/data-file.ts'],
      'src/domain/configuration/measure-catalogue.ts',
      ...['charts/', 'column-notes.ts', 'documents/', 'format.ts', 'report-body.ts'].map((name) => `src/web/${name}`),
      ...['schemas/wire/', ERRORS, ROOT],
    ],
    packages: ['zod', 'node:'],
  },
  {
    // The others ask a service, and take of the domain what both ends have to say or compute alike.
    unit: 'src/cli/',
    may: [
      ...[
        'canonical',
        'object/content-root',
        'object/release-chunk',
        'operations/database-failure',
        'window/duration',
      ].map((name) => `src/domain/${name}.ts`),
      'src/web/format.ts',
      'src/config.ts',
      'src/log.ts',
      'src/service.ts',
      'src/demo/',
      'schemas/wire/',
      ERRORS,
      ROOT,
      // What both ends of a push and a pull have to read and write alike.
      ...['src/dvc/', 'src/formats/object-pack.ts', 'src/formats/data-file.ts', THREADS, ...MD5, SOCKETS],
    ],
    packages: ['commander', 'zod', 'node:'],
  },
  {
    // A client like any other: it calls the service, and knows of it only what a client may know.
    unit: 'src/demo/',
    may: ['src/formats/', 'src/stats/', 'src/webhook/sign.ts', 'schemas/wire/', ERRORS, ROOT],
    mayName: ['src/cli/client/client.ts'],
    packages: ['zod', 'node:crypto', 'node:http', 'node:os', ...FILES, ...STREAMS],
  },
  {
    unit: 'workers/',
    may: ['src/domain/', 'src/store/', 'src/cli/service/serve.ts', 'schemas/wire/', ERRORS],
    mayName: [CONTEXT, 'src/compute/'],
  },
  { unit: 'drizzle.config.ts', may: ['schemas/', 'src/config.ts'], packages: ['drizzle-kit'] },
];

/** No clock, no chance, no network, no output: a member imports only members. */
const PURE = [
  'src/domain/calendar/',
  'src/stats/',
  'src/dvc/',
  'src/quality/',
  ERRORS,
  'src/webhook/adapters/',
  'schemas/wire/',
  'src/domain/configuration/',
  ...['sign', 'backoff', 'target', 'address'].map((name) => `src/webhook/${name}.ts`),
  ...Object.entries({
    '.': ['canonical'],
    access: ['actor'],
    alert: ['episode', 'present-episode', 'recurrence', 'rule', 'simulate'],
    backtest: ['backtest'],
    calibration: ['draw-window', 'drawn-relations', 'drawn-slices', 'seasons'],
    computation: ['copying'],
    dataset: ['dataset-path', 'ref', 'version-notes', 'version-pointer'],
    derivation: ['sample-rows'],
    files: ['check-weights', 'column-outline', 'named-limits', 'written-texts'],
    'log/prepare': ['event-time', 'row-hash', 'version-rows'],
    'log/receive': ['batch-request'],
    'log/settle': ['label-text', 'repeats', 'sorted-hashes'],
    model: ['find-task', 'model', 'roles'],
    monitor: [
      ...[
        'changes',
        'lint',
        'lint-earlier-windows',
        'lint-facts',
        'lint-judgements',
        'lint-window-columns',
        'timeline',
      ],
    ],
    outcome: ['describe-metric'],
    performance: ['bin-feature', 'estimate-classes', 'estimated', 'judge-performance', 'mattering', 'prior-shift'],
    policy: ['budget', 'cause-rank', 'guards', 'policy', 'quiet'],
    profile: ['column-groups', 'spare-values', 'stored-profile'],
    promotion: ['comparison'],
    push: ['pusher'],
    reference: ['reference-periods'],
    report: [
      'changed-methods',
      'check-window',
      'describe-change',
      'describe-measure',
      'describe-slice',
      'describe-unseen',
    ],
    retention: ['policy'],
    'row-diff': ['row-text'],
    run: ['run'],
    snapshot: ['derived-columns', 'label-type'],
    storage: ['step'],
    webhook: ['endpoint', 'link', 'matcher', 'redact'],
    window: [
      ...['duration', 'not-judged', 'place-in-week', 'row-windows', 'sorting', 'watermark', 'window', 'windowing'],
    ],
  }).flatMap(([noun, names]) => names.map((name) => posix.join('src/domain', noun, `${name}.ts`))),
];
const IMPURE =
  /\bDate\.now\b|\bnew Date\(\s*\)|\bMath\.random\b|\brandom(?:Bytes|UUID|Int)\b|\bfetch\s*\(|\b(?:process|console|performance|globalThis)\s*[.[]|\bset(?:Timeout|Interval)\b/;

/** What is picked once, by the composition root. */
const IMPLEMENTATIONS = [
  'src/compute/pool.ts',
  'src/webhook/send.ts',
  'src/webhook/send-mail.ts',
  ...[
    'postgres/embedded-postgres',
    'postgres/migrate',
    'remotes/remote-directory',
    'remotes/remote-memory',
    'remotes/remote-open',
    'remotes/remote-s3',
    'access/secret-box',
  ].map((name) => `src/store/${name}.ts`),
];
/** Makes a pool of its own; the rest of `store/postgres/db.ts` works on the one that is given. */
const OPENS_POOL = { file: 'src/store/postgres/db.ts', name: 'openDatabase' };

/**
 * Parts whose folders have an order: a folder that needs another comes after it. In the store types may run back, as
 * the port does that remotes keep to: what is asked of an object is said of any remote.
 */
const ORDERED = [
  { part: 'src/domain/', types: true },
  { part: 'src/web/', types: true },
  { part: 'src/web/pages/', types: true },
  { part: 'src/http/', types: true },
  { part: 'src/webhook/', types: true },
  { part: 'src/compute/', types: true },
  { part: 'src/store/', types: false },
];

/** Names that say nothing of what is inside, where all that has no home ends up. */
const NAMELESS = /(?:^|[/-])(?:utils?|helpers?|services|managers?|misc|common)(?=[/.-])/;

const MAX_LINES = 300;
const WITHOUT_BUDGET = 'schemas/tables/';
const ANY = /(?:[:<|&,]|\bas|\bextends)\s*any\b|\bany\[\]|\bz\.any\(/;

type Source = SourceText & { readonly path: string; readonly text: string; readonly targets: readonly Target[] };
/** An import with the path of the file it means; undefined for a package. */
type Target = Import & { readonly path: string | undefined };

/** Reads every source file below the project's folder: path from there → text. */
export function readSources(root: string): Map<string, string> {
  const files = new Map<string, string>([['drizzle.config.ts', readFileSync(join(root, 'drizzle.config.ts'), 'utf8')]]);
  for (const folder of ['src', 'workers', 'schemas']) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (/\.tsx?$/.test(name)) files.set(posix.join(folder, name), readFileSync(join(root, folder, name), 'utf8'));
    }
  }
  return files;
}

/** Folders of tests that are of no one folder of the sources. */
const OWN_TESTS = ['bench', 'e2e', 'fixtures', 'integration', 'lint', 'mutation', 'neighbours', 'support'];

/** Folders below `test/`, from there, that mirror no folder of the sources: nobody would look for their tests there. */
export function findStrayTests(folders: readonly string[], files: ReadonlyMap<string, string>): string[] {
  const known = [...files.keys()];
  return folders.filter(
    (folder) =>
      !OWN_TESTS.includes(folder.split('/')[0] ?? '') &&
      !['src', '.'].some((root) => known.some((path) => path.startsWith(posix.join(root, folder, '/')))),
  );
}

/** Every breach of the table, the purity set and the budgets: `path: what is wrong`, sorted. */
export function findFaults(files: ReadonlyMap<string, string>): string[] {
  const sources = [...files].map(([path, text]): Source => {
    const read = readSourceText(text);
    const targets = read.imports.map((item) => ({ ...item, path: resolvePath(path, item.specifier) }));
    return { ...read, path, text, targets };
  });
  // Types too: whoever reads the one file has to read the other.
  const graph = new Map(sources.map((source) => [source.path, pathsOf(source.targets)]));
  return [
    ...sources.flatMap((source) => [
      ...faultsOfImports(source, files),
      ...faultsOfText(source),
      ...faultsOfComments(source, files),
    ]),
    ...findCycles(graph).map((cycle) => `${cycle[0]}: file cycle ${cycle.join(' → ')}`),
    ...ORDERED.flatMap((order) =>
      findCycles(folderGraph(sources, order)).map((cycle) => `${cycle[0]}: folder cycle ${cycle.join(' → ')}`),
    ),
    ...faultsOfCodes(files),
  ].sort();
}

function resolvePath(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(dirname(from), specifier) : undefined;
}

function pathsOf(targets: readonly Target[]): string[] {
  return targets.flatMap((target) => target.path ?? []);
}

function covers(unit: string, path: string): boolean {
  return unit.endsWith('/') ? path.startsWith(unit) : path === unit;
}

function faultsOfImports(source: Source, files: ReadonlyMap<string, string>): string[] {
  const rule = RULES.find((candidate) => covers(candidate.unit, source.path));
  if (rule === undefined) return [`${source.path}: belongs to no unit of the table`];
  return source.targets.flatMap((target) => {
    const what = target.path ?? target.specifier;
    if (target.path === undefined) {
      return packageAllowed(rule, target.specifier) ? [] : [`${source.path}: may not use the package ${what}`];
    }
    const faults: string[] = [];
    if (!files.has(target.path)) faults.push(`${source.path}: imports ${what}, which is not there`);
    const allowed = target.typeOnly ? [...rule.may, ...(rule.mayName ?? [])] : rule.may;
    const known = covers(rule.unit, target.path) || allowed.some((unit) => covers(unit, target.path ?? ''));
    if (!known) faults.push(`${source.path}: may not import ${what}`);
    if (isPure(source.path) && !target.typeOnly && !isPure(target.path)) {
      faults.push(`${source.path}: is pure and imports ${what}, which is not`);
    }
    if (picks(source.path, target)) faults.push(`${source.path}: picks an implementation, ${what}`);
    return faults;
  });
}

function packageAllowed(rule: Rule, name: string): boolean {
  return (rule.packages ?? []).some((allowed) =>
    allowed === 'node:' ? name.startsWith(allowed) : name === allowed || name.startsWith(`${allowed}/`),
  );
}

function isPure(path: string): boolean {
  return PURE.some((unit) => covers(unit, path));
}

function picks(from: string, target: Target): boolean {
  if (from === CONTEXT || target.typeOnly || target.path === undefined) return false;
  if (dirname(from) === dirname(target.path)) return false;
  if (target.path === OPENS_POOL.file) return target.names.includes(OPENS_POOL.name);
  return IMPLEMENTATIONS.includes(target.path);
}

function faultsOfText(source: Source): string[] {
  const { path, code, text } = source;
  const faults: string[] = [];
  if (path !== 'src/config.ts' && /\bprocess\s*(?:\.\s*env|\[)/.test(code)) faults.push('reads the environment');
  if (path !== 'src/log.ts' && /\bconsole\s*\./.test(code)) faults.push('writes to the console');
  const impure = isPure(path) ? IMPURE.exec(code) : null;
  if (impure !== null) faults.push(`is pure and names ${impure[0].trim()}`);
  if (ANY.test(code)) faults.push('uses any');
  if (NAMELESS.test(path)) faults.push('has a name that does not say what is inside');
  const lines = text.split('\n').length - 1;
  if (lines > MAX_LINES && !path.startsWith(WITHOUT_BUDGET)) faults.push(`has ${lines} lines, more than ${MAX_LINES}`);
  return faults.map((fault) => `${path}: ${fault}`);
}

/** Files that a comment sends its reader to, `folder/file.ts`, and that are not there (any more). */
function faultsOfComments({ path, text }: Source, files: ReadonlyMap<string, string>): string[] {
  const comments = text.match(/\/\*[\s\S]*?\*\/|\/\/.*/g) ?? [];
  const named = comments.flatMap((comment) =>
    [...comment.matchAll(/`([\w./-]+\.tsx?)`/g)].map(([, name = '']) => name),
  );
  const gone = named.filter((name) => ![...files.keys()].some((known) => `/${known}`.endsWith(`/${name}`)));
  return gone.map((name) => `${path}: a comment names ${name}, which is not there`);
}

/** Which folder of a part imports which other; files that lie in the part itself are no folder's. */
function folderGraph(sources: readonly Source[], { part, types }: (typeof ORDERED)[number]): Map<string, string[]> {
  const folderOf = (path: string): string | undefined => {
    const end = path.startsWith(part) ? path.indexOf('/', part.length) : -1;
    return end < 0 ? undefined : path.slice(0, end);
  };
  const graph = new Map<string, string[]>();
  for (const { path, targets } of sources) {
    const from = folderOf(path);
    if (from === undefined) continue;
    const counted = targets.filter((target) => types || !target.typeOnly);
    const to = pathsOf(counted).flatMap((target) => folderOf(target) ?? []);
    graph.set(from, [...(graph.get(from) ?? []), ...to.filter((folder) => folder !== from)]);
  }
  return graph;
}

/** Codes that clients are promised and that nothing in the house ever says. */
function faultsOfCodes(files: ReadonlyMap<string, string>): string[] {
  const list = /ERROR_CODES = \[(.*?)\] as const/s.exec(files.get(ERRORS) ?? '')?.[1] ?? '';
  const raisers = [...files].filter(([path]) => path !== ERRORS && path !== 'src/http/problem.ts');
  return [...list.matchAll(/'([a-z-]+)'/g)]
    .filter(([quoted]) => !raisers.some(([, text]) => text.includes(quoted)))
    .map(([, code]) => `${ERRORS}: nothing raises ${code}`);
}

/** One cycle for each edge that closes one in a walk through the graph. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (node: string, trail: readonly string[]): void => {
    const start = trail.indexOf(node);
    if (start >= 0) cycles.push([...trail.slice(start), node]);
    if (start >= 0 || done.has(node)) return;
    for (const next of graph.get(node) ?? []) walk(next, [...trail, node]);
    done.add(node);
  };
  for (const node of graph.keys()) walk(node, []);
  return cycles;
}
