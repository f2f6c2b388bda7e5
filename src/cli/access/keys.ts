import { z } from 'zod';
import { issuedKeyView, keyView } from '../../../schemas/wire/access.ts';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { printable, type Terminal, table } from '../terminal/terminal.ts';

// A newer service may say more than this client knows.
const key = z.looseObject(keyView.shape);
const keyList = z.looseObject({ items: z.array(key) });
const issued = z.looseObject(issuedKeyView.shape);

type Key = z.output<typeof key>;

/** Lists the API keys of the project, those that work first. */
export async function listKeys(client: Client, terminal: Terminal): Promise<void> {
  const { items } = await client.call(keyList, 'GET', '/v1/keys');
  const now = Date.now();
  const works = (row: Key): boolean => stateOf(row, now) === 'works';
  const sorted = [...items.filter(works), ...items.filter((row) => !works(row))];
  const header = ['KEY', 'NAME', 'STATE', 'SCOPES', 'EXPIRES', 'LAST USED'];
  const lineOf = (row: Key): string[] => [
    row.id,
    row.name,
    stateOf(row, now),
    row.scopes.join(', '),
    row.expires_at === null ? 'never' : pointInTime(row.expires_at),
    row.last_used_at === null ? 'never' : pointInTime(row.last_used_at),
  ];
  terminal.result({ items }, () =>
    items.length === 0
      ? 'No key: on a loopback address the service is open to every program of its machine.'
      : table([header, ...sorted.map(lineOf)]),
  );
}

function stateOf({ revoked_at, expires_at }: Key, now: number): string {
  if (revoked_at !== null) return 'revoked';
  return expires_at !== null && Date.parse(expires_at) <= now ? 'expired' : 'works';
}

export type NewKey = {
  readonly scope: readonly string[];
  /** Seconds from now; it never expires when absent. */
  readonly expiresIn?: number | undefined;
  /** Of another project than the caller's own. */
  readonly for?: string | undefined;
};

/** Makes an API key and prints it, once and never again. */
export async function makeKey(
  client: Client,
  terminal: Terminal,
  given: { readonly name: string; readonly options: NewKey },
): Promise<void> {
  const { scope, expiresIn, for: project } = given.options;
  const expires_at = expiresIn === undefined ? undefined : new Date(Date.now() + expiresIn * 1000).toISOString();
  const made = await client.call(issued, 'POST', '/v1/keys', {
    json: { name: given.name, scopes: scope, expires_at, project },
  });
  terminal.result(made, () => printable(made.key));
  // The key alone goes to standard output, so that it can be put where it belongs.
  terminal.say(printable(`${made.id}, shown now and never again; TIDEMARK_KEY and --key take it.`));
}

/**
 * Takes a key back, by its id or by its name: it is refused from now on, and repeating it by its id changes nothing.
 * @throws TidemarkError `conflict` where several that work bear the name.
 */
export async function revokeKey(client: Client, terminal: Terminal, word: string): Promise<void> {
  const { items } = await client.call(keyList, 'GET', '/v1/keys');
  const id = idMeant(items, word);
  await client.send('DELETE', `/v1/keys/${encodeURIComponent(id)}`);
  terminal.result({ id, revoked: true }, () => printable(`${id} is revoked.`));
}

/** What no key here is called is taken for an id, of which the service knows more. */
function idMeant(items: readonly Key[], word: string): string {
  const now = Date.now();
  const named = items.filter((row) => row.name === word && stateOf(row, now) === 'works').map(({ id }) => id);
  if (named.length <= 1) return named[0] ?? word;
  throw new TidemarkError('conflict', `Several keys are called "${word}"; say which by its id: ${named.join(', ')}.`);
}
