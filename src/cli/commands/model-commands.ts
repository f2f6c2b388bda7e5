import { type Command, Option } from 'commander';
import type { Client } from '../client/client.ts';
import type { BindFlags, ModelFlags } from '../monitoring/models.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { instantOf } from './instant-argument.ts';

type Open = () => { readonly client: Client; readonly terminal: Terminal };

/** The commands about models. Each loads what it needs when it is called. */
export function addModelCommands(program: Command, open: Open): void {
  const models = program
    .command('models')
    .description('models: list, show, create, bind to training data, promote a version');
  models
    .command('list', { isDefault: true })
    .description('the models of the project')
    .action(async () => {
      const { listModels } = await import('../monitoring/models.ts');
      const { client, terminal } = open();
      await listModels(client, terminal);
    });
  models
    .command('show')
    .description('one model with its versions')
    .argument('<model>')
    .action(async (model: string) => {
      const { showModel } = await import('../monitoring/models.ts');
      const { client, terminal } = open();
      await showModel(client, terminal, model);
    });
  models
    .command('create')
    .description('make a model; repeating it changes nothing')
    .argument('<model>')
    .addOption(
      new Option('-t, --task <task>', 'what it answers').choices([
        'binary',
        'multiclass',
        'regression',
        'ranking',
        'other',
      ]),
    )
    .option('--positive <label>', 'the label that counts as positive')
    .option('-m, --message <text>', 'what it is')
    .option('--strict', 'refuse rows whose values do not have the types of the training data')
    .action(async (model: string, flags: ModelFlags) => {
      const { createModel } = await import('../monitoring/models.ts');
      const { client, terminal } = open();
      await createModel(client, terminal, model, flags);
    });
  models
    .command('bind')
    .description('say which dataset version a model version was trained on')
    .argument('<model>')
    .argument('<dataset>', 'like churn@v3; its latest version when no version is named')
    .option('-n, --name <name>', 'of the model version')
    .option('-r, --roles <file>', 'which columns are what, in JSON')
    .action(async (model: string, dataset: string, flags: BindFlags) => {
      const { bindModel } = await import('../monitoring/models.ts');
      const { client, terminal } = open();
      await bindModel(client, terminal, { model, dataset, flags });
    });
  models
    .command('promote')
    .description('put a version into service, whoever trained it: monitors compare with what it was trained on')
    .argument('<model>')
    .argument('<version>', 'the name of the model version')
    .option('-r, --reason <text>', 'told with the change')
    .action(async (model: string, version: string, { reason }: { reason?: string }) => {
      const { promoteVersion } = await import('../monitoring/models.ts');
      const { client, terminal } = open();
      await promoteVersion(client, terminal, { model, version, reason });
    });
  models
    .command('watermark')
    .description('say that events have been seen up to a time: windows close whose end, and lateness, lie before it')
    .argument('<model>')
    .argument('<time>', 'like 2026-01-31T01:00:00Z; a day alone is its midnight of UTC', instantOf)
    .action(async (model: string, time: string) => {
      const { setWatermark } = await import('../monitoring/models.ts');
      const { client, terminal } = open();
      await setWatermark(client, terminal, model, time);
    });
}
