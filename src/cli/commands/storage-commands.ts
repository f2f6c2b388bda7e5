import type { Command } from 'commander';
import type { Client } from '../client/client.ts';
import type { AuditOptions } from '../storage/audit.ts';
import type { GcOptions } from '../storage/gc.ts';
import type { ScanOptions } from '../storage/remote.ts';
import type { RetentionOptions } from '../storage/retention.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { countOf } from './count-argument.ts';
import { repeated } from './repeated-option.ts';

type Open = () => { readonly client: Client; readonly terminal: Terminal };

/** The commands on the remote and what is deleted from it. Each loads what it needs when it is called. */
export function addStorageCommands(program: Command, open: Open): void {
  addRemote(program.command('remote').description('look after what lies in the remote'), open);
  addCheck(program, open);
  addCollection(program, open);
}

function addRemote(remote: Command, open: Open): void {
  remote
    .command('status')
    .description('what the project holds there, and the newest work on it')
    .option('--wait', 'until `dvc` finds all files straight in the bucket', false)
    .action(async (options: { wait: boolean }) => {
      const { remoteStatus } = await import('../storage/remote.ts');
      const { client, terminal } = open();
      process.exitCode = await remoteStatus(client, terminal, options);
    });
  remote
    .command('scrub')
    .description('read every object again; exit code 1 when one is corrupt or lost')
    .option('--detach', 'do not wait for its end', false)
    .action(async (options: { detach: boolean }) => {
      const { remoteScrub } = await import('../storage/remote.ts');
      const { client, terminal } = open();
      process.exitCode = await remoteScrub(client, terminal, options);
    });
  remote
    .command('scan')
    .description('take what `dvc push` wrote straight into the bucket or folder')
    .option('-d, --dataset <name>', 'make the object a version of this dataset')
    .option('--oid <oid>', 'only this object, a directory with its members')
    .option('--pointer <file>', 'only what this .dvc file or dvc.lock names')
    .option('--path <name>', "the file's or folder's own name, with --oid; which output is meant, with --pointer")
    .option('--detach', 'do not wait for its end', false)
    .action(async (options: ScanOptions) => {
      const { remoteScan } = await import('../storage/remote.ts');
      const { client, terminal } = open();
      process.exitCode = await remoteScan(client, terminal, options);
    });
}

function addCheck(program: Command, open: Open): void {
  program
    .command('check')
    .description('compare the database with the remote; exit code 1 when they disagree')
    .option('--detach', 'do not wait for its end', false)
    .action(async (options: { detach: boolean }) => {
      const { check } = await import('../storage/check.ts');
      const { client, terminal } = open();
      process.exitCode = await check(client, terminal, options);
    });
}

function addCollection(program: Command, open: Open): void {
  program
    .command('gc')
    .description('delete what nothing needs and no rule keeps; versions can be restored for a time')
    .option('--dry-run', 'say what would go, and why the rest stays', false)
    .option('-d, --dataset <name>', 'only this dataset')
    .option('--keep-last <count>', 'keep the newest so many versions', countOf)
    .option('--keep-within <time>', 'keep what was made within 36h, 30d, 8w or 1y')
    .option('--keep-daily <count>', 'keep the newest version of each of so many days', countOf)
    .option('--keep-tag <pattern>', 'keep only tags like these; may be repeated (default: every tag)', repeated)
    .option(
      '--keep-git <revision>',
      'keep what the .dvc files of the repository here name there; may be repeated',
      repeated,
    )
    .option('--rules', 'without --keep: by the rules that datasets have of their own, as the schedule does', false)
    .option('--no-unreferenced', 'leave objects that no version has, as with --dataset')
    .option('--pushed', "also what dvc sent to the project's own remote and no --keep-git names", false)
    .option('--scanned', 'also objects that others wrote into the remote', false)
    .option('--detach', 'do not wait for its end', false)
    .action(async (options: GcOptions) => {
      const { gc } = await import('../storage/gc.ts');
      const { client, terminal } = open();
      process.exitCode = await gc(client, terminal, options);
    });
  program
    .command('retention')
    .description('show which versions of a dataset are kept by themselves, or set it; the rest goes within an hour')
    .argument('<dataset>')
    .option('--keep-last <count>', 'keep the newest so many versions', countOf)
    .option('--keep-within <time>', 'keep what was made within 36h, 30d, 8w or 1y')
    .option('--keep-daily <count>', 'keep the newest version of each of so many days', countOf)
    .option('--keep-tag <pattern>', 'keep only tags like these; may be repeated (default: every tag)', repeated)
    .option('--clear', 'keep every version again', false)
    .addHelpText('after', '\nWhat a rule would do: tidemark gc --dry-run --dataset DATASET with the same options.')
    .action(async (dataset: string, options: RetentionOptions) => {
      const { retention } = await import('../storage/retention.ts');
      const { client, terminal } = open();
      await retention(client, terminal, dataset, options);
    });
  program
    .command('restore')
    .description('take a version (DATASET@v3) or an object (its oid) out of the trash; without one, list them')
    .argument('[what]')
    .option('--dataset', 'a deleted dataset is meant, with what went with it', false)
    .action(async (what: string | undefined, options: { dataset: boolean }) => {
      const { restore } = await import('../versions/restore.ts');
      const { client, terminal } = open();
      await restore(client, terminal, what, options);
    });
  program
    .command('audit')
    .description('what was deleted, restored, quarantined, tagged and let in, and by whom, newest first')
    .option('-n, --limit <count>', 'how many, from 1 to 1000', countOf, 50)
    .option('--action <name>', 'only this, like version.trashed')
    .option('--author <name>', 'only by this one, as listed')
    .option('--subject <name>', 'only of this, like churn@v3')
    .action(async (options: AuditOptions) => {
      const { audit } = await import('../storage/audit.ts');
      const { client, terminal } = open();
      await audit(client, terminal, options);
    });
  program
    .command('rm')
    .description('put a version (DATASET@v3) into the trash, unless something needs it')
    .argument('<what>')
    .option('--dataset', 'a dataset is meant, with all its versions', false)
    .action(async (what: string, options: { dataset: boolean }) => {
      const { rm } = await import('../versions/rm.ts');
      const { client, terminal } = open();
      await rm(client, terminal, what, options);
    });
}
