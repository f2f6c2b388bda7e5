import { type Command, Option } from 'commander';
import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { DeriveOptions } from '../versions/derive.ts';
import type { LineageOptions } from '../versions/lineage.ts';
import { repeated } from './repeated-option.ts';

const CONFLICT_RULES = ['refuse', 'first', 'last'];
const MORE = 'may be repeated';

/** The commands about versions among each other. Each loads what it needs when it is called. */
export function addVersionCommands(program: Command, open: () => { client: Client; terminal: Terminal }): void {
  program
    .command('derive')
    .description('make a version of others on the server: of their rows, or of their files')
    .argument('<dataset>', 'the dataset that gets the version')
    .requiredOption(
      '-f, --from <version>',
      `what it is made of: DATASET, DATASET@v3, or v3 of the dataset itself; of several the rows one after the other`,
      repeated,
    )
    .option('-w, --where <condition>', "rows to take, like \"age >= 30 and plan in ('pro', 'plus')\"")
    .option('-c, --columns <name>', `a column to take, in this order; ${MORE}`, repeated)
    .option('--sample <count>', 'so many rows by chance, or 10% of them')
    .option('--train <share>', 'the larger part of a split, like 80%')
    .option('--test <share>', 'the rest of the split whose part --train has this share')
    .option('--by <column>', 'keep rows with the same value here in one part of a split')
    .option('--seed <number>', 'what chance begins from', '0')
    .option('--remove <path>', `a file, or folder that ends with "/", to leave out; ${MORE}`, repeated)
    .option('--add <path=md5>', `an object that the project holds (ls, push) as a file; ${MORE}`, repeated)
    .addOption(
      new Option('--conflict <rule>', 'put files together; where sources disagree about one').choices(CONFLICT_RULES),
    )
    .option('--recipe <file>', 'the recipe in JSON instead, as the API takes it')
    .option('--path <name>', "the file's or folder's own name")
    .option('-m, --message <text>', 'what it is')
    .option('-t, --tag <name>', 'tag the version')
    .action(async (dataset: string, options: DeriveOptions) => {
      const { derive } = await import('../versions/derive.ts');
      const { client, terminal } = open();
      await derive(client, terminal, dataset, options);
    });

  program
    .command('lineage')
    .description('what led to a version, model, report, alert or run, and what it led to')
    .argument('[version]', 'DATASET or DATASET@v3')
    .option('--model <name>', 'begin at a model: MODEL or MODEL@VERSION')
    .option('--report <id>', 'begin at a report')
    .option('--alert <id>', 'begin at an alert')
    .option('--run <id>', 'begin at a retraining run')
    .addOption(new Option('--direction <way>', 'which way to follow').choices(['up', 'down', 'both']).default('both'))
    .action(async (version: string | undefined, options: LineageOptions) => {
      const { lineage } = await import('../versions/lineage.ts');
      const { client, terminal } = open();
      await lineage(client, terminal, version, options);
    });
}
