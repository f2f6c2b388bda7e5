import type { Command } from 'commander';
import type { Client } from './client.ts';
import { countOf } from './count-argument.ts';
import type { PreviewOptions } from './preview.ts';
import type { Terminal } from './terminal.ts';

/** The commands about monitors. Each loads what it needs when it is called. */
export function addMonitorCommands(program: Command, open: () => { client: Client; terminal: Terminal }): void {
  program
    .command('monitor')
    .description('try what a monitor would do')
    .command('preview')
    .description('judge the past under a configuration: how often it would have fired, when and for what')
    .addHelpText('after', '\nNothing is written. It exits with 3 when an alert would have fired.')
    .argument('<model>')
    .option('-m, --monitor <name>', 'a monitor that is there, with the changes of --config')
    .option('-c, --config <file>', 'members of a monitor in JSON, as the API takes them')
    .option('-w, --windows <count>', 'how many of the newest closed windows', countOf)
    .action(async (model: string, options: PreviewOptions) => {
      const { preview } = await import('./preview.ts');
      const { client, terminal } = open();
      process.exitCode = await preview(client, terminal, model, options);
    });
}
