import type { Command } from 'commander';
import type { Client } from '../client/client.ts';
import type { PreviewOptions } from '../monitoring/preview.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { countOf } from './count-argument.ts';
import { instantOf } from './instant-argument.ts';

type Open = () => { readonly client: Client; readonly terminal: Terminal };

/** The commands about monitors. Each loads what it needs when it is called. */
export function addMonitorCommands(program: Command, open: Open): void {
  const monitor = program
    .command('monitor')
    .description('monitors: list, show, put, delete, their windows and reports, and what one would do');
  addConfiguration(monitor, open);
  addFindings(monitor, open);
  monitor
    .command('preview')
    .description('judge the past under a configuration: how often it would have fired, when and for what')
    .addHelpText('after', '\nNothing is written. It exits with 3 when an alert would have fired.')
    .argument('<model>')
    .option('-m, --monitor <name>', 'a monitor that is there, with the changes of --config')
    .option('-c, --config <file>', 'members of a monitor in JSON, as the API takes them')
    .option('-w, --windows <count>', 'how many of the newest closed windows', countOf)
    .action(async (model: string, options: PreviewOptions) => {
      const { preview } = await import('../monitoring/preview.ts');
      const { client, terminal } = open();
      process.exitCode = await preview(client, terminal, model, options);
    });
}

function addConfiguration(monitor: Command, open: Open): void {
  monitor
    .command('list')
    .description('the monitors of a model, or of the project')
    .argument('[model]')
    .action(async (model: string | undefined) => {
      const { listMonitors } = await import('../monitoring/monitors.ts');
      const { client, terminal } = open();
      await listMonitors(client, terminal, model);
    });
  monitor
    .command('show')
    .description('one monitor, with what could be better about it')
    .argument('<model>')
    .argument('<monitor>')
    .action(async (model: string, name: string) => {
      const { showMonitor } = await import('../monitoring/monitors.ts');
      const { client, terminal } = open();
      await showMonitor(client, terminal, { model, monitor: name });
    });
  monitor
    .command('put')
    .description('make a monitor, or make it what is asked for; repeating it changes nothing')
    .argument('<model>')
    .argument('<monitor>')
    .option('-c, --config <file>', 'its members in JSON, as the API takes them; the standard ones when absent')
    .action(async (model: string, name: string, { config }: { config?: string }) => {
      const { putMonitor } = await import('../monitoring/monitors.ts');
      const { client, terminal } = open();
      await putMonitor(client, terminal, { model, monitor: name, config });
    });
  monitor
    .command('delete')
    .description('take a monitor away; its reports stay')
    .argument('<model>')
    .argument('<monitor>')
    .action(async (model: string, name: string) => {
      const { deleteMonitor } = await import('../monitoring/monitors.ts');
      const { client, terminal } = open();
      await deleteMonitor(client, terminal, { model, monitor: name });
    });
}

function addFindings(monitor: Command, open: Open): void {
  monitor
    .command('windows')
    .description('its windows, the newest first')
    .argument('<model>')
    .argument('<monitor>')
    .option('-n, --limit <count>', 'how many, from 1 to 1000', countOf, 20)
    .action(async (model: string, name: string, { limit }: { limit: number }) => {
      const { listWindows } = await import('../monitoring/monitors.ts');
      const { client, terminal } = open();
      await listWindows(client, terminal, { model, monitor: name, limit });
    });
  monitor
    .command('report')
    .description('what was found in a window, or why there is no verdict on it')
    .addHelpText('after', '\nIt exits with 3 when the window drifted.')
    .argument('<model>')
    .argument('<monitor>')
    .argument('<window>', 'its start, like 2026-01-31T00:00:00Z; a day alone is its midnight of UTC', instantOf)
    .action(async (model: string, name: string, start: string) => {
      const { showReport } = await import('../monitoring/monitors.ts');
      const { client, terminal } = open();
      process.exitCode = await showReport(client, terminal, { model, monitor: name, start });
    });
}
