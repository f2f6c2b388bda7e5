import { Command, InvalidArgumentError, Option } from 'commander';
import { createClient } from './cli/client.ts';
import { doctor } from './cli/doctor.ts';
import { log } from './cli/log.ts';
import { pull } from './cli/pull.ts';
import { push } from './cli/push.ts';
import { replay } from './cli/replay.ts';
import { createTerminal } from './cli/terminal.ts';
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

function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw new InvalidArgumentError('It must be a number from 1 to 1000.');
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
  .action(async (path: string, options: { dataset: string; message?: string; tag?: string }) => {
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

program
  .command('replay')
  .description('compute a stored report again from its bytes and compare')
  .argument('<report>')
  .action(async (report: string) => {
    const { client, terminal } = open();
    process.exitCode = await replay(client, terminal, report);
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
