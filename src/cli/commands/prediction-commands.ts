import { type Command, Option } from 'commander';
import { decimalSign, thousandsSign } from '../../../schemas/wire/reading.ts';
import type { Client } from '../client/client.ts';
import type { LogFlags } from '../monitoring/log-rows.ts';
import type { SelectFlags, SelectionFlags } from '../monitoring/predictions.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { countOf } from './count-argument.ts';
import { DATES, oneMore } from './dates-argument.ts';
import { instantOf } from './instant-argument.ts';
import { MISSING, namesOf } from './names-argument.ts';
import { oneOf } from './sign-argument.ts';

type Open = () => { readonly client: Client; readonly terminal: Terminal };

/** The commands on logged predictions. Each loads what it needs when it is called. */
export function addPredictionCommands(program: Command, open: Open): void {
  const predictions = program
    .command('predictions')
    .description('log predictions and labels, find what was logged, and take it along');
  predictions
    .command('log')
    .description('log the rows of files as predictions, or as labels')
    .argument('<model>')
    .argument('<files...>', '.ndjson, .json, .csv, .parquet or .arrow, also with .gz or .zst behind it')
    .option('--labels', 'they are labels', false)
    .option('--partial', 'keep the good rows of a file that holds bad ones', false)
    .addOption(new Option('--unit <unit>', 'of timestamps that are numbers').choices(['s', 'ms', 'us']))
    .option('--decimal <sign>', 'what stands before decimals in CSV', oneOf(decimalSign))
    .option('--thousands <sign>', 'what stands between thousands in CSV', oneOf(thousandsSign))
    .option('--dates <how>', DATES, oneMore)
    .option('--missing <words>', MISSING, namesOf)
    .action(async (model: string, files: string[], flags: LogFlags) => {
      const { logRows } = await import('../monitoring/log-rows.ts');
      const { client, terminal } = open();
      await logRows(client, terminal, { model, files, flags });
    });
  addReading(predictions, open);
  withSelection(
    predictions
      .command('export')
      .description('write all that is selected into a file that can be logged again')
      .argument('<model>')
      .argument('<file>', 'its ending says the form: .ndjson, .csv, .parquet or .arrow'),
  ).action(async (model: string, file: string, flags: SelectionFlags) => {
    const { exportPredictions } = await import('../monitoring/predictions.ts');
    const { client, terminal } = open();
    await exportPredictions(client, terminal, { model, file, flags });
  });
  withSelection(
    predictions
      .command('select')
      .description('make what is selected, joined with its labels, a version of a dataset')
      .argument('<model>')
      .requiredOption('-d, --dataset <name>', 'the dataset; made when it is new')
      .option('-m, --message <text>', 'what it is')
      .option('-t, --tag <name>', 'tag the version')
      .option('--all-columns', 'whatever was logged, instead of the columns that the model was trained on', false)
      .option('--detach', 'do not wait until it is made', false),
  ).action(async (model: string, flags: SelectFlags) => {
    const { selectPredictions } = await import('../monitoring/predictions.ts');
    const { client, terminal } = open();
    process.exitCode = await selectPredictions(client, terminal, { model, flags });
  });
}

function addReading(predictions: Command, open: Open): void {
  withSelection(
    predictions
      .command('search')
      .description('list the predictions that fit, newest first')
      .argument('<model>')
      .option('-n, --limit <count>', 'how many, from 1 to 1000', countOf, 20)
      .option('--oldest', 'oldest first', false),
  ).action(async (model: string, flags: SelectionFlags & { limit: number; oldest: boolean }) => {
    const { searchPredictions } = await import('../monitoring/predictions.ts');
    const { client, terminal } = open();
    await searchPredictions(client, terminal, { model, flags });
  });
  predictions
    .command('get')
    .description('say all that is known of one prediction')
    .argument('<model>')
    .argument('<id>')
    .action(async (model: string, id: string) => {
      const { getPrediction } = await import('../monitoring/predictions.ts');
      const { client, terminal } = open();
      await getPrediction(client, terminal, { model, id });
    });
}

function withSelection(command: Command): Command {
  return command
    .option('--from <time>', 'events at this time or later, like 2026-01-31T09:00:00Z or 2026-01-31', instantOf)
    .option('--to <time>', 'events before this time', instantOf)
    .option('-w, --where <condition>', "like \"age >= 30 and plan in ('pro', 'plus')\"")
    .option('--model-version <name>', 'what this version predicted')
    .option('--segment <name>', 'of this segment')
    .option('--batch <number>', 'of this batch')
    .addOption(new Option('--labels <state>', 'by label').choices(['labelled', 'unlabelled', 'corrected']))
    .option('--label <value>', 'whose latest label is this');
}
