import { Command, Option } from 'commander';
import { createClient } from './cli/client/client.ts';
import { addAccessCommands } from './cli/commands/access-commands.ts';
import { addAlertCommands } from './cli/commands/alert-commands.ts';
import { countUpTo } from './cli/commands/count-argument.ts';
import { addDataCommands } from './cli/commands/data-commands.ts';
import { addFileCommands } from './cli/commands/file-commands.ts';
import { addModelCommands } from './cli/commands/model-commands.ts';
import { addMonitorCommands } from './cli/commands/monitor-commands.ts';
import { addPredictionCommands } from './cli/commands/prediction-commands.ts';
import { addStorageCommands } from './cli/commands/storage-commands.ts';
import { addVersionCommands } from './cli/commands/version-commands.ts';
import { addWebhookCommands } from './cli/commands/webhook-commands.ts';
import { replay } from './cli/monitoring/replay.ts';
import { DEMO_RECEIVER_PORT } from './cli/service/demo-receiver-port.ts';
import { doctor } from './cli/service/doctor.ts';
import { environmentHelp } from './cli/service/environment-help.ts';
import { EXIT } from './cli/terminal/exit-codes.ts';
import { failureText } from './cli/terminal/failure.ts';
import { HELP } from './cli/terminal/help.ts';
import { sayWaits } from './cli/terminal/say-waits.ts';
import { createTerminal } from './cli/terminal/terminal.ts';
import { readClientConfig } from './config.ts';
import { TidemarkError } from './errors.ts';
import { readRelease } from './release.ts';

/**
 * `tidemark <verb>`: arguments in, the same verbs as HTTP, an exit code out (see `exit-codes.ts`).
 * What only some verbs need (the service, the demo's tables) is loaded by those alone.
 */
const release = readRelease();
const program = new Command('tidemark')
  .description('Data versions that know what is in them, and production judged against them.')
  .version(release, '-V, --version', 'print the version of this program')
  .addHelpText('after', '\nExit codes: 0 done, 1 failed, 2 misused, 3 compared and found to differ.')
  .configureHelp(HELP)
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? EXIT.done : EXIT.misused);
  });

const environment = readClientConfig();
// A misuse is found before the options are read; each command takes this over from here.
if (process.argv.includes('--json')) {
  program.configureOutput({
    writeErr: () => {},
    outputError: (text) => {
      const why = text.trim().replace(/^error: /, '');
      process.stderr.write(failureText(new TidemarkError('bad-request', why), true));
    },
  });
}
program
  .addOption(new Option('--url <address>', 'address of the service (or TIDEMARK_URL)').default(environment.url))
  .addOption(new Option('--key <key>', 'API key (or TIDEMARK_KEY)'))
  .addOption(new Option('--project <name>', 'project, on a service that is open (or TIDEMARK_PROJECT)'))
  .option('--json', 'print results as JSON', false)
  .option('--quiet', 'print results alone', false);

type Globals = { url: string; key?: string; project?: string; json: boolean; quiet: boolean };

function open() {
  const options = program.opts<Globals>();
  const terminal = createTerminal(options);
  return {
    client: createClient({
      onWait: sayWaits(terminal, () => performance.now()),
      url: options.url,
      key: options.key ?? environment.key,
      project: options.project ?? environment.project,
    }),
    terminal,
    options,
  };
}

program
  .command('serve')
  .description('run the service, its workers included')
  .addHelpText('after', environmentHelp)
  .action(async () => {
    const { serve } = await import('./cli/service/serve.ts');
    process.exitCode = await serve();
  });

program
  .command('worker')
  .description('run workers alone, beside a service on the same database')
  .addHelpText('after', environmentHelp)
  .action(async () => {
    const { serve } = await import('./cli/service/serve.ts');
    process.exitCode = await serve({ http: false, workers: true });
  });

addDataCommands(program, () => ({ ...open(), cache: environment.cache }));
addFileCommands(program, open);
addPredictionCommands(program, open);
addModelCommands(program, open);
addStorageCommands(program, open);
addVersionCommands(program, open);
addAlertCommands(program, open);
addMonitorCommands(program, open);
addWebhookCommands(program, open);
addAccessCommands(program, open);

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
  .description('check a service the way a client needs it, and the dvc remotes of the repository here')
  .action(async () => {
    const { client, terminal } = open();
    process.exitCode = await doctor(client, terminal, release);
  });

program
  .command('demo')
  .description('play the census story into a running service')
  .option('--receiver-port <port>', 'where its receiver of webhooks listens', countUpTo(65_535), DEMO_RECEIVER_PORT)
  .action(async ({ receiverPort }: { receiverPort: number }) => {
    const { terminal, options } = open();
    const { demo } = await import('./cli/service/demo.ts');
    const key = options.key ?? environment.key;
    process.exitCode = await demo(terminal, { url: options.url, key, receiverPort });
  });

// Whoever reads may have seen enough: `tidemark ls | head`.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') process.exit(EXIT.done);
  fail(error);
});
function fail(error: unknown): void {
  process.stderr.write(failureText(error, program.opts<Globals>().json));
  if (environment.debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exitCode = EXIT.failed;
}

/** Whoever misuses a command is sent to the help of that very command. */
function nameHelp(command: Command, path: string): void {
  command.showHelpAfterError(`(see ${path} --help)`);
  for (const inner of command.commands) nameHelp(inner, `${path} ${inner.name()}`);
}

try {
  nameHelp(program, 'tidemark');
  await program.parseAsync();
} catch (error) {
  fail(error);
}
