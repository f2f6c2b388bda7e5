import { type Command, InvalidArgumentError } from 'commander';
import { scopeShape } from '../../../schemas/wire/access.ts';
import { isTidemarkError } from '../../errors.ts';
import type { NewKey } from '../access/keys.ts';
import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { secondsOf } from './length-of-time.ts';
import { repeated } from './repeated-option.ts';

type Open = () => { client: Client; terminal: Terminal };

/** The commands about who is let in. Each loads what it needs when it is called. */
export function addAccessCommands(program: Command, open: Open): void {
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
    .argument('<key>', 'its id, as `keys` lists it')
    .action(async (id: string) => {
      const { revokeKey } = await import('../access/keys.ts');
      const { client, terminal } = open();
      await revokeKey(client, terminal, id);
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
