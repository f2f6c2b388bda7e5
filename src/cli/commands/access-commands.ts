import { type Command, InvalidArgumentError } from 'commander';
import { scopeShape } from '../../../schemas/wire/access.ts';
import { isTidemarkError } from '../../errors.ts';
import type { NewKey } from '../access/keys.ts';
import type { RemoveOptions } from '../access/projects.ts';
import type { Client } from '../client/client.ts';
import { secondsOf } from '../terminal/length-of-time.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { repeated } from './repeated-option.ts';

type Open = () => { client: Client; terminal: Terminal };

/** The commands about projects and who is let in. Each loads what it needs when it is called. */
export function addAccessCommands(program: Command, open: Open): void {
  addProjects(program.command('projects').description('projects: list, make, show, rename, delete, restore'), open);
  const keys = program.command('keys').description('API keys of the project: list, make, revoke');
  keys
    .command('list', { isDefault: true })
    .description('the keys, without their secrets')
    .action(async () => {
      const { listKeys } = await import('../access/keys.ts');
      const { client, terminal } = open();
      await listKeys(client, terminal);
    });
  keys
    .command('make')
    .description('make a key; prints it, once')
    .addHelpText(
      'after',
      `\nScopes: ${scopeShape.options.join(', ')}.\nThe first key ends open access, and has to be one with the scope admin. A CI that pulls needs data:read alone.`,
    )
    .argument('<name>', 'who or what it is for')
    .requiredOption('-s, --scope <scope>', 'what it may do; may be repeated', scopes)
    .option('--expires-in <time>', 'refuse it after 36h, 30d, 8w or 1y', lengthOf)
    .option('--for <project>', 'of this project; an admin key of "default" may make it')
    .action(async (name: string, options: NewKey) => {
      const { makeKey } = await import('../access/keys.ts');
      const { client, terminal } = open();
      await makeKey(client, terminal, { name, options });
    });
  keys
    .command('revoke')
    .description('take a key back: it is refused at once')
    .argument('<key>', 'its name, or its id as `keys` lists it')
    .action(async (key: string) => {
      const { revokeKey } = await import('../access/keys.ts');
      const { client, terminal } = open();
      await revokeKey(client, terminal, key);
    });
}

function addProjects(projects: Command, open: Open): void {
  projects
    .command('list', { isDefault: true })
    .description('the projects that your key may know of')
    .option('--deleted', 'those that were deleted and can be restored', false)
    .action(async (options: { deleted: boolean }) => {
      const { listProjects } = await import('../access/projects.ts');
      const { client, terminal } = open();
      await listProjects(client, terminal, options);
    });
  projects
    .command('make')
    .description('make a project; one that exists stays as it is')
    .argument('<name>')
    .action(async (name: string) => {
      const { makeProject } = await import('../access/projects.ts');
      const { client, terminal } = open();
      await makeProject(client, terminal, name);
    });
  projects
    .command('show')
    .description('what a project holds')
    .argument('<name>')
    .action(async (name: string) => {
      const { showProject } = await import('../access/projects.ts');
      const { client, terminal } = open();
      await showProject(client, terminal, name);
    });
  projects
    .command('rename')
    .description('call a project otherwise; its former name goes on finding it')
    .addHelpText(
      'after',
      '\nIt takes an admin key of "default". Keys stay, and the address of a dvc remote goes on working, until another\nproject is called as this one was.',
    )
    .argument('<name>')
    .argument('<to>', 'what it is called from now on')
    .action(async (name: string, to: string) => {
      const { renameProject } = await import('../access/projects.ts');
      const { client, terminal } = open();
      await renameProject(client, terminal, { name, to });
    });
  projects
    .command('rm')
    .description('delete a project with all that is in it; without --confirm, say what that is')
    .addHelpText(
      'after',
      '\nIt takes an admin key of "default". A deleted project lets nobody in and does nothing; it can be restored for a\ntime, after which its rows and bytes are erased and its name is free.',
    )
    .argument('<name>')
    .option('--confirm <name>', 'its name once more')
    .option('--undo-for <time>', 'let it be restored for 0h, 36h or 2d, not as long as other trash', lengthOf)
    .action(async (name: string, options: RemoveOptions) => {
      const { removeProject } = await import('../access/projects.ts');
      const { client, terminal } = open();
      await removeProject(client, terminal, { name, options });
    });
  projects
    .command('restore')
    .description('take a deleted project back, as it was')
    .argument('<name>')
    .action(async (name: string) => {
      const { restoreProject } = await import('../access/projects.ts');
      const { client, terminal } = open();
      await restoreProject(client, terminal, name);
    });
}

/** @throws InvalidArgumentError for a scope that there is not. */
function scopes(value: string, before?: readonly string[]): string[] {
  if (scopeShape.safeParse(value).success) return repeated(value, before);
  throw new InvalidArgumentError(`There are ${scopeShape.options.join(', ')}.`);
}

/** @throws InvalidArgumentError for what is no length of time. */
function lengthOf(text: string): number {
  try {
    return secondsOf(text);
  } catch (error) {
    if (isTidemarkError(error)) throw new InvalidArgumentError(error.message);
    throw error;
  }
}
