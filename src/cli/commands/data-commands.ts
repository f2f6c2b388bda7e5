import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { decimalSign, thousandsSign } from '../../../schemas/wire/reading.ts';
import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';
import type { DatasetOptions } from '../versions/dataset.ts';
import type { LogOptions } from '../versions/log.ts';
import type { NoteOptions } from '../versions/note.ts';
import { countOf } from './count-argument.ts';
import { DATES, datesOf, oneMore } from './dates-argument.ts';
import { MISSING, namesOf } from './names-argument.ts';
import { repeated } from './repeated-option.ts';
import { oneOf } from './sign-argument.ts';

/** What every command is given: the service it speaks to, the terminal, a folder for what can be found out again. */
export type Opened = {
  readonly client: Client;
  readonly terminal: Terminal;
  readonly cache: string | undefined;
};

const TARGET = 'DATASET, DATASET@v3, DATASET@TAG, a .dvc file or dvc.lock';
const FOLLOW = ['--follow-links', 'follow links wherever they lead, to folders too'] as const;
const SAME_OR_NOT = '\nIt exits with 0 when all is the same, and with 3 when something differs.';

/** The commands on data and its versions. Each loads what it needs when it is called. */
export function addDataCommands(program: Command, open: () => Opened): void {
  addTransfers(program, open);
  addComparisons(program, open);
  addListings(program, open);
}

type PushFlags = {
  dataset: string;
  message?: string;
  tag?: string;
  author?: string;
  label?: string[];
  gitRev?: string;
  parent?: string[];
  provenance?: string[];
  dvc: boolean;
  followLinks?: boolean;
};
type DiffFlags = { limit: number; rows: boolean; by?: string; followLinks?: boolean };
type PullFlags = { to?: string; force: boolean };

function addTransfers(program: Command, open: () => Opened): void {
  program
    .command('push')
    .description('push a file or a folder as the next version of a dataset')
    .addHelpText(
      'after',
      '\nA version is its content and its name, as in a DVC pointer: renamed, the same is a new version. What has not ' +
        'changed since the last push is not read again, and what the project holds is not sent; a push that was cut ' +
        'off goes on where it ended.',
    )
    .argument('<path>')
    .requiredOption('-d, --dataset <name>', 'the dataset; made when it is new')
    .option('-m, --message <text>', 'what changed')
    .option('-t, --tag <name>', 'tag the version')
    .option('-a, --author <name>', 'who made it, if not who pushes it')
    .option('-l, --label <key=value>', 'a label to find it by; may be repeated', repeated)
    .option('--git-rev <commit>', 'the git commit that names or made it')
    .option('--parent <version>', 'v3, or DATASET@v3: what it was made from; may be repeated', repeated)
    .option('--provenance <key=value>', 'which run, query or window made it; may be repeated', repeated)
    .option('--dvc', 'also write the .dvc file beside it, as "dvc add" would', false)
    .option(...FOLLOW)
    .action(async (path: string, flags: PushFlags) => {
      const { push } = await import('../versions/push.ts');
      const { client, terminal, cache } = open();
      await push(client, terminal, path, { ...flags, cache });
    });
  for (const exact of [false, true]) {
    program
      .command(exact ? 'checkout' : 'pull')
      .description(exact ? 'make folders what versions are, and nothing besides' : 'pull versions')
      .argument('[target...]', `${TARGET}; all .dvc files of the repository here unless given`)
      .option('-o, --to <folder>', 'where to; beside a .dvc file unless given, else here')
      .option('-f, --force', 'also over files whose bytes the project does not hold', false)
      .action(async (targets: string[], flags: PullFlags) => {
        const { pull } = await import('../versions/pull.ts');
        const { client, terminal, cache } = open();
        await pull(client, terminal, targets, { ...flags, exact, cache });
      });
  }
}

function addComparisons(program: Command, open: () => Opened): void {
  program
    .command('status')
    .description('say how a file or folder stands to a version, and what a push would send')
    .addHelpText('after', SAME_OR_NOT)
    .argument('[path]', 'a file or folder, or the .dvc file that names it; all of the repository here unless given')
    .argument('[target]', `${TARGET}; the .dvc file beside the path unless given`)
    .option(...FOLLOW)
    .action(async (path: string | undefined, target: string | undefined, flags: { followLinks?: boolean }) => {
      const { status } = await import('../versions/status.ts');
      const { client, terminal, cache } = open();
      process.exitCode = await status(client, terminal, { path, target, cache, ...flags });
    });
  program
    .command('diff')
    .description('what changed: from one version to another, or in a file or folder since a version')
    .addHelpText('after', `${SAME_OR_NOT}\nWhere nothing lies at <from>, it is the name of a version, like <to>.`)
    .argument('<from>', 'a path, or DATASET@v1')
    .argument('<to>', TARGET)
    .option('-n, --limit <count>', 'how many files, and rows of each kind, to list, from 1 to 1000', countOf, 20)
    .option('--rows', 'of two versions: compare rows too, as a whole unless --by is given', false)
    .option('-b, --by <column>', 'compare rows by this column, or several with commas between them')
    .option(...FOLLOW)
    .action(async (from: string, to: string, flags: DiffFlags) => {
      const { client, terminal, cache } = open();
      if (existsSync(from)) {
        const { diff } = await import('../versions/diff.ts');
        process.exitCode = await diff(client, terminal, from, { target: to, cache, followLinks: flags.followLinks });
      } else {
        const { diffVersions } = await import('../versions/diff-versions.ts');
        process.exitCode = await diffVersions(client, terminal, { from, to, ...flags });
      }
    });
  program
    .command('verify')
    .description('read every byte of a version, or of a path, and compare its SHA-256 root with the version')
    .addHelpText('after', SAME_OR_NOT)
    .argument('<target>', TARGET)
    .argument('[path]', 'what to check; what the service sends unless given')
    .option('--root <sha256>', 'the root that you noted, instead of the one that the service says')
    .option(...FOLLOW)
    .action(async (target: string, path: string | undefined, flags: { root?: string; followLinks?: boolean }) => {
      const { verify } = await import('../versions/verify.ts');
      const { client, terminal } = open();
      process.exitCode = await verify(client, terminal, target, {
        path,
        root: flags.root,
        followLinks: flags.followLinks,
      });
    });
}

function addListings(program: Command, open: () => Opened): void {
  program
    .command('log')
    .description("list a dataset's versions, newest first")
    .argument('<dataset>')
    .option('-n, --limit <count>', 'how many, from 1 to 1000', countOf, 20)
    .option('-l, --label <key=value>', 'with this label, or with the key alone; may be repeated', repeated)
    .option('-a, --author <name>', 'made by')
    .option('--git-rev <commit>', 'of a git commit that begins so')
    .option('-t, --tag <name>', 'at which this tag points')
    .action(async (dataset: string, options: LogOptions) => {
      const { log } = await import('../versions/log.ts');
      const { client, terminal } = open();
      await log(client, terminal, dataset, options);
    });
  program
    .command('show')
    .description('show what is known of one version')
    .argument('<target>', 'DATASET, DATASET@v3 or DATASET@TAG')
    .action(async (target: string) => {
      const { show } = await import('../versions/show.ts');
      const { client, terminal } = open();
      await show(client, terminal, target);
    });
  program
    .command('tag')
    .description("list a dataset's tags, or point one at a version")
    .argument('<target>', 'DATASET or DATASET@v3')
    .argument('[name]', 'the tag; all are listed unless given')
    .option('-D, --delete', 'remove it; the version stays', false)
    .option('-F, --fixed', 'it never moves again; beside --delete: remove it although it is fixed', false)
    .action(async (target: string, name: string | undefined, flags: { delete: boolean; fixed: boolean }) => {
      const { tag } = await import('../versions/tag.ts');
      const { client, terminal } = open();
      await tag(client, terminal, target, { name, ...flags });
    });
  program
    .command('note')
    .description('say something else of a version; its content never changes')
    .argument('<target>', 'DATASET, DATASET@v3 or DATASET@TAG')
    .option('-m, --message <text>', 'what changed')
    .option('-a, --author <name>', 'who made it')
    .option('-l, --label <key=value>', 'a label to find it by; may be repeated', repeated)
    .option('--unlabel <key>', 'take a label away; may be repeated', repeated)
    .option('--git-rev <commit>', 'the git commit that names or made it')
    .action(async (target: string, flags: NoteOptions) => {
      const { note } = await import('../versions/note.ts');
      const { client, terminal } = open();
      await note(client, terminal, target, flags);
    });
  addDataset(program, open);
  program
    .command('ls')
    .description('list datasets, or the files of a version')
    .argument('[target]', TARGET)
    .action(async (target: string | undefined) => {
      const { ls } = await import('../versions/ls.ts');
      const { client, terminal } = open();
      await ls(client, terminal, target);
    });
  program
    .command('du')
    .description('say how much the folders of a version take')
    .argument('<target>', TARGET)
    .action(async (target: string) => {
      const { du } = await import('../versions/du.ts');
      const { client, terminal } = open();
      await du(client, terminal, target);
    });
}

type DatasetFlags = Omit<DatasetOptions, 'dates'> & { readonly dates?: readonly string[] };

function addDataset(program: Command, open: () => Opened): void {
  program
    .command('dataset')
    .description(
      'show how a dataset is called and its tables are read, or say it anew; its versions are then read again',
    )
    .argument('<dataset>')
    .option('--decimal <sign>', 'what stands before decimals in CSV; what is not said is as usual', oneOf(decimalSign))
    .option('--thousands <sign>', 'what stands between thousands in CSV', oneOf(thousandsSign))
    .option('--dates <how>', DATES, oneMore)
    .option('--missing <words>', MISSING, namesOf)
    .option('--partitions', 'the keys in the names of folders, as year=2026, are columns')
    .option('--no-partitions', 'they are no columns')
    .option('--rename <name>', 'what it is called from now on; its former name goes on finding it')
    .action(async (dataset: string, { dates, ...flags }: DatasetFlags) => {
      const { dataset: change } = await import('../versions/dataset.ts');
      const { client, terminal } = open();
      await change(client, terminal, dataset, { ...flags, dates: datesOf(dates) });
    });
}
