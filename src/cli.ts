import { Command, InvalidArgumentError, Option } from 'commander';
import { check } from './cli/check.ts';
import { createClient } from './cli/client.ts';
import { countOf } from './cli/count-argument.ts';
import { doctor } from './cli/doctor.ts';
import { type GcOptions, gc } from './cli/gc.ts';
import { log } from './cli/log.ts';
import { pull } from './cli/pull.ts';
import { type PushOptions, push } from './cli/push.ts';
import { remoteScan, remoteScrub, remoteStatus, type ScanOptions } from './cli/remote.ts';
import { replay } from './cli/replay.ts';
import { restore } from './cli/restore.ts';
import { createTerminal } from './cli/terminal.ts';
import { versionCommands } from './cli/version-commands.ts';
import { readClientConfig } from './config.ts';
import { isTidemarkError } from './errors.ts';

/**
 * `tidemark <verb>`: arguments in, the same verbs as HTTP, an exit code out (0 done, 1 failed, 2 misused).
 * What only some verbs need (the service, the demo's tables) is loaded by those alone.
 */
const program = new Command('tidemark')
  .description('Data versions that know what is in them, and production judged against them.')
  .showHelpAfterError('(see tidemark --help)')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

const environment = readClientConfig();
program
  .addOption(new Option('--url <address>', 'address of the service').default(environment.url))
  .addOption(new Option('--key <key>', 'API key (or TIDEMARK_KEY)'))
  .addOption(new Option('--project <name>', 'project, on a service that is open (or TIDEMARK_PROJECT)'))
  .option('--json', 'print results as JSON', false)
  .option('--quiet', 'print results alone', false);

type Globals = { url: string; key?: string; project?: string; json: boolean; quiet: boolean };

function open() {
  const options = program.opts<Globals>();
  return {
    client: createClient({
      url: options.url,
      key: options.key ?? environment.key,
      project: options.project ?? environment.project,
    }),
    terminal: createTerminal(options),
    options,
  };
}

program
  .command('serve')
  .description('run the service, its workers included')
  .action(async () => {
    const { serve } = await import('./cli/serve.ts');
    process.exitCode = await serve();
  });

program
  .command('worker')
  .description('run workers alone, beside a service on the same database')
  .action(async () => {
    const { serve } = await import('./cli/serve.ts');
    process.exitCode = await serve({ http: false, workers: true });
  });

program
  .command('push')
  .description('push a file or a folder as the next version of a dataset')
  .addHelpText(
    'after',
    '\nA version is its content and its name, as in a DVC pointer: renamed, the same is a new version.',
  )
  .argument('<path>')
  .requiredOption('-d, --dataset <name>', 'the dataset; made when it is new')
  .option('-m, --message <text>', 'what changed')
  .option('-t, --tag <name>', 'tag the version')
  .option('-a, --author <name>', 'who made it, if not who pushes it')
  .option('-l, --label <key=value...>', 'labels to find it by')
  .option('--git-rev <commit>', 'the git commit that names or made it')
  .action(async (path: string, options: PushOptions) => {
    const { client, terminal } = open();
    await push(client, terminal, path, options);
  });

program
  .command('pull')
  .description('pull a version: DATASET, DATASET@v3 or DATASET@TAG')
  .argument('<target>')
  .option('-o, --to <folder>', 'where to', '.')
  .action(async (target: string, options: { to: string }) => {
    const { client, terminal } = open();
    await pull(client, terminal, target, options.to);
  });

program
  .command('log')
  .description("list a dataset's versions, newest first")
  .argument('<dataset>')
  .option('-n, --limit <count>', 'how many, from 1 to 1000', countOf, 20)
  .action(async (dataset: string, options: { limit: number }) => {
    const { client, terminal } = open();
    await log(client, terminal, dataset, options.limit);
  });

const namesOf = (text: string): string[] => text.split(',').filter((name) => name !== '');
const shareOf = (text: string): number => {
  const share = Number(text);
  if (share > 0 && share < 1) return share;
  throw new InvalidArgumentError('It must lie between 0 and 1.');
};

program
  .command('profile')
  .description('show what is in a file, or in the tables of a folder; needs no service')
  .argument('<path>', 'CSV, TSV, NDJSON, JSON, Parquet or Arrow, text also as .gz or .zst')
  .option('-c, --columns <names>', 'only these, separated by commas', namesOf)
  .option('--html <file>', 'also write a page of its own')
  .action(async (path: string, options: { columns?: string[]; html?: string }) => {
    const { profile } = await import('./cli/profile.ts');
    await profile(open().terminal, path, { columns: options.columns ?? null, html: options.html ?? null });
  });

type CompareFlags = {
  columns?: string[];
  exclude: string[];
  categories: string[];
  alpha?: number;
  minRows?: number;
  limit: Record<string, number>;
  measures?: string[];
  adjustment?: 'benjamini-hochberg' | 'benjamini-yekutieli';
  html?: string;
  exitCode: boolean;
  as?: string;
};

/** `measure=value`, as often as it is given. */
function limitOf(text: string, before: Record<string, number>): Record<string, number> {
  const at = text.lastIndexOf('=');
  const value = Number(text.slice(at + 1));
  if (at > 0 && text.slice(at + 1) !== '' && value >= 0) return { ...before, [text.slice(0, at)]: value };
  throw new InvalidArgumentError('Write it as MEASURE=NUMBER.');
}

program
  .command('compare')
  .description('judge one table against another, both files or folders of this machine; needs no service')
  .argument('<reference>', 'what to hold it against, such as the training data')
  .argument('<current>')
  .option('-c, --columns <names>', 'only these, separated by commas', namesOf)
  .option('-x, --exclude <names>', 'all but these', namesOf, [])
  .option('--categories <names>', 'columns whose numbers are codes', namesOf, [])
  .option('--alpha <level>', 'false discovery rate over the columns (default: 0.05)', shareOf)
  .option('--min-rows <count>', 'rows that each side must have (default: 50)', countOf)
  .option('--limit <measure=value>', 'the smallest effect that matters; may be repeated', limitOf, {})
  .option('-m, --measures <names>', 'instead of the standard ones, separated by commas', namesOf)
  .addOption(
    new Option('--adjustment <name>', 'how q is made of p (default: benjamini-hochberg)').choices([
      'benjamini-hochberg',
      'benjamini-yekutieli',
    ]),
  )
  .option('--html <file>', 'also write a page of its own')
  .option('--as <tool>', 'also give the figures of evidently, nannyml, tfdv, deequ, whylogs or scipy')
  .option('--exit-code', 'exit with 3 when there is drift, with 4 when there are too few rows to say', false)
  .action(async (reference: string, current: string, flags: CompareFlags) => {
    const { compare } = await import('./cli/compare.ts');
    const code = await compare(
      open().terminal,
      { reference, current },
      {
        columns: flags.columns ?? null,
        exclude: flags.exclude,
        categories: flags.categories,
        alpha: flags.alpha ?? null,
        minimumRows: flags.minRows ?? null,
        limits: flags.limit,
        measures: flags.measures ?? null,
        adjustment: flags.adjustment ?? null,
        html: flags.html ?? null,
        as: flags.as ?? null,
      },
    );
    if (flags.exitCode) process.exitCode = code;
  });

versionCommands(program, open);

program
  .command('replay')
  .description('compute a stored report again from its bytes and compare')
  .argument('<report>')
  .action(async (report: string) => {
    const { client, terminal } = open();
    process.exitCode = await replay(client, terminal, report);
  });

const remote = program.command('remote').description('look after what lies in the remote');

remote
  .command('status')
  .description('what the project holds there, and the newest work on it')
  .action(async () => {
    const { client, terminal } = open();
    process.exitCode = await remoteStatus(client, terminal);
  });

remote
  .command('scrub')
  .description('read every object again; exit code 1 when one is corrupt or lost')
  .option('--detach', 'do not wait for its end', false)
  .action(async (options: { detach: boolean }) => {
    const { client, terminal } = open();
    process.exitCode = await remoteScrub(client, terminal, options);
  });

remote
  .command('scan')
  .description('take what `dvc push` wrote straight into the bucket or folder')
  .option('-d, --dataset <name>', 'make the object a version of this dataset')
  .option('--oid <oid>', 'only this object, a directory with its members')
  .option('--pointer <file>', 'only what this .dvc file names')
  .option('--path <name>', "the file's or folder's own name, with --oid")
  .option('--detach', 'do not wait for its end', false)
  .action(async (options: ScanOptions) => {
    const { client, terminal } = open();
    process.exitCode = await remoteScan(client, terminal, options);
  });

program
  .command('check')
  .description('compare the database with the remote; exit code 1 when they disagree')
  .option('--detach', 'do not wait for its end', false)
  .action(async (options: { detach: boolean }) => {
    const { client, terminal } = open();
    process.exitCode = await check(client, terminal, options);
  });

program
  .command('gc')
  .description('delete what nothing needs and no rule keeps; versions can be restored for a time')
  .option('--dry-run', 'say what would go, and why the rest stays', false)
  .option('-d, --dataset <name>', 'only this dataset')
  .option('--keep-last <count>', 'keep the newest so many versions', countOf)
  .option('--keep-within <time>', 'keep what was made within 36h, 30d, 8w or 1y')
  .option('--keep-daily <count>', 'keep the newest version of each of so many days', countOf)
  .option('--keep-tag <pattern...>', 'keep only tags like these (default: every tag keeps its version)')
  .option('--keep-git <revision...>', 'keep what the .dvc files of the repository here name at these revisions')
  .option('--no-unreferenced', 'leave objects that no version has')
  .option('--scanned', 'also objects that others wrote into the remote', false)
  .option('--detach', 'do not wait for its end', false)
  .action(async (options: GcOptions) => {
    const { client, terminal } = open();
    process.exitCode = await gc(client, terminal, options);
  });

program
  .command('restore')
  .description('take a version out of the trash: DATASET@v3; without one, list them')
  .argument('[version]')
  .action(async (version: string | undefined) => {
    const { client, terminal } = open();
    await restore(client, terminal, version);
  });

program
  .command('doctor')
  .description('check a service the way a client needs it')
  .action(async () => {
    const { client, terminal } = open();
    process.exitCode = await doctor(client, terminal);
  });

program
  .command('demo')
  .description('play the census story into a running service')
  .action(async () => {
    const { terminal, options } = open();
    const { demo } = await import('./cli/demo.ts');
    process.exitCode = await demo(terminal, { url: options.url, key: options.key ?? environment.key });
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!isTidemarkError(error)) throw error;
  process.stderr.write(`tidemark: ${error.message}\n`);
  const issues = error.details.errors;
  if (Array.isArray(issues))
    for (const issue of issues.slice(0, 10)) process.stderr.write(`  ${JSON.stringify(issue)}\n`);
  process.exitCode = 1;
}
