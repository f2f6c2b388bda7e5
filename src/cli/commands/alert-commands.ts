import { type Command, Option } from 'commander';
import type { Client } from '../client/client.ts';
import type { AlertFilter, SilenceOptions } from '../monitoring/alerts.ts';
import type { RunFilter } from '../monitoring/runs.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { repeated } from './repeated-option.ts';

type Open = () => { client: Client; terminal: Terminal };

/** The commands about alerts and what comes of them. Each loads what it needs when it is called. */
export function addAlertCommands(program: Command, open: Open): void {
  addAlerts(program.command('alerts').description('alerts of the project: list, show, ack, resolve, silence'), open);
  addRuns(
    program
      .command('runs')
      .description('retraining runs: list, show, start, approve, decline, cancel, promote, rollback'),
    open,
  );
}

function addAlerts(alerts: Command, open: Open): void {
  alerts
    .command('list', { isDefault: true })
    .description('alerts that are not over, or those of one state')
    .option('-m, --model <name>', 'only of this model')
    .option('--monitor <name>', 'only of this monitor')
    .addOption(
      new Option('-s, --state <state>', 'only in this state').choices([
        'pending',
        'firing',
        'no_data',
        'error',
        'recovering',
        'resolved',
      ]),
    )
    .action(async (filter: AlertFilter) => {
      const { listAlerts } = await import('../monitoring/alerts.ts');
      const { client, terminal } = open();
      await listAlerts(client, terminal, filter);
    });
  alerts
    .command('show')
    .description('one alert with its history and its runs')
    .argument('<alert>')
    .action(async (alert: string) => {
      const { showAlert } = await import('../monitoring/alerts.ts');
      const { client, terminal } = open();
      await showAlert(client, terminal, alert);
    });
  alerts
    .command('ack')
    .description('say that somebody has seen it')
    .argument('<alert>')
    .option('--by <person>', 'who; the key when absent')
    .option('-m, --message <text>', 'a comment')
    .action(async (alert: string, { by, message }: { by?: string; message?: string }) => {
      const { changeAlert } = await import('../monitoring/alerts.ts');
      const { client, terminal } = open();
      await changeAlert(client, terminal, { alert, verb: 'acknowledge', body: { by, comment: message } });
    });
  alerts
    .command('resolve')
    .description('end it by hand')
    .argument('<alert>')
    .requiredOption('-m, --message <text>', 'why')
    .action(async (alert: string, { message }: { message: string }) => {
      const { changeAlert } = await import('../monitoring/alerts.ts');
      const { client, terminal } = open();
      await changeAlert(client, terminal, { alert, verb: 'resolve', body: { reason: message } });
    });
  alerts
    .command('silence')
    .description('have nobody told of alerts that match, for a time or again and again')
    .requiredOption('--match <label=value>', 'what a label must be, like monitor=daily-*; may be repeated', repeated)
    .requiredOption('--for <duration>', 'from now on so long, like PT2H or P7D')
    .requiredOption('-m, --message <text>', 'why')
    .option('--at <schedule>', 'within that time only from these times on: five fields of cron')
    .option('--lasting <duration>', 'how long each time, with --at')
    .option('--zone <zone>', 'the zone of --at, like Europe/Berlin')
    .action(async (options: SilenceOptions) => {
      const { silence } = await import('../monitoring/alerts.ts');
      const { client, terminal } = open();
      await silence(client, terminal, options);
    });
}

function addRuns(runs: Command, open: Open): void {
  runs
    .command('list', { isDefault: true })
    .description('the newest runs')
    .option('-m, --model <name>', 'only of this model')
    .option('-p, --policy <name>', 'only of this policy')
    .option('-s, --state <state>', 'only in this state')
    .action(async (filter: RunFilter) => {
      const { listRuns } = await import('../monitoring/runs.ts');
      const { client, terminal } = open();
      await listRuns(client, terminal, filter);
    });
  runs
    .command('show')
    .description('one run with its history')
    .argument('<run>')
    .action(async (run: string) => {
      const { showRun } = await import('../monitoring/runs.ts');
      const { client, terminal } = open();
      await showRun(client, terminal, run);
    });
  runs
    .command('start')
    .description('start a run of a policy now')
    .argument('<policy>')
    .action(async (policy: string) => {
      const { startRun } = await import('../monitoring/runs.ts');
      const { client, terminal } = open();
      await startRun(client, terminal, policy);
    });
  for (const { verb, what, reason } of VERBS) {
    const command = runs.command(verb).description(what).argument('<run>');
    if (reason) command.requiredOption('-m, --message <text>', 'why');
    command.action(async (run: string, { message }: { message?: string }) => {
      const { changeRun } = await import('../monitoring/runs.ts');
      const { client, terminal } = open();
      await changeRun(client, terminal, { run, verb, body: reason ? { reason: message } : {} });
    });
  }
}

const VERBS = [
  { verb: 'approve', what: 'let a run go on that waits for it', reason: false },
  { verb: 'decline', what: 'end a run that waits for approval', reason: true },
  { verb: 'cancel', what: 'end a run that is under way', reason: true },
  { verb: 'promote', what: "put a run's model into service", reason: false },
  { verb: 'rollback', what: 'take a promotion back', reason: true },
] as const;
