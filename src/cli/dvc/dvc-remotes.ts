import { join } from 'node:path';
import { isTidemarkError } from '../../errors.ts';
import { parseProblem } from '../client/problem-document.ts';
import { createTransport } from '../client/transport.ts';
import { readFields } from './dvc-repository.ts';

/** A remote that a repository of DVC reaches by HTTP, with what DVC would send along. */
export type HttpRemote = {
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What it is configured to do, and DVC can do in buckets alone. */
  readonly bucketsOnly?: string | undefined;
};

const BUCKETS_ONLY = ['version_aware', 'worktree'];

/** The remotes of a repository that are reached by HTTP. */
export function httpRemotesOf(root: string): HttpRemote[] {
  const remotes = new Map<string, Map<string, string>>();
  // What is local comes before what is committed.
  for (const file of [join(root, '.dvc', 'config'), join(root, '.dvc', 'config.local')]) {
    for (const [field, value] of readFields(file)) {
      const [, name, key] = /^'?remote "(.*)"'?\.(\w+)$/.exec(field) ?? [];
      if (name === undefined || key === undefined) continue;
      remotes.set(name, (remotes.get(name) ?? new Map<string, string>()).set(key, value));
    }
  }
  return [...remotes].flatMap(([name, fields]) => {
    const url = fields.get('url') ?? '';
    return /^https?:\/\//.test(url) && URL.canParse(url)
      ? [
          {
            name,
            url,
            headers: headersOf(new URL(url), fields),
            bucketsOnly: BUCKETS_ONLY.find((it) => isOn(fields.get(it))),
          },
        ]
      : [];
  });
}

const isOn = (value: string | undefined): boolean => /^(true|yes|on|1)$/i.test(value ?? '');

/** As DVC does: a name and password from the address or the configuration, or one header with the password. */
function headersOf(url: URL, fields: ReadonlyMap<string, string>): Record<string, string> {
  const password = fields.get('password') ?? decodeURIComponent(url.password);
  const header = fields.get('custom_auth_header');
  if (fields.get('auth') === 'custom' && header !== undefined) return { [header]: password };
  const user = fields.get('user') ?? decodeURIComponent(url.username);
  if (user === '' && password === '') return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}

const SHOWN = 300;
/** Where the objects of a remote lie: a server answers there as at the remote itself. */
const OBJECTS = /\/files(?:\/md5)?\/?$/;

/** Asks a remote whether it lets in who asks so. `dvc` itself reports a key that is refused as files that are missing. */
export async function askRemote({
  name,
  url,
  headers,
  bucketsOnly,
}: HttpRemote): Promise<{ ok: boolean; detail: string }> {
  const target = new URL(url);
  const shown = `${target.origin}${target.pathname}`;
  Object.assign(target, { username: '', password: '' });
  try {
    const send = createTransport(target.href);
    const reply = await send({ method: 'GET', target: target.href, headers, body: undefined, signal: undefined });
    const text = (await reply.bytes()).toString();
    const said = (reply.status === 200 ? text.split('\n')[0] : parseProblem(text)?.detail) ?? '';
    if (reply.status === 200 && said.startsWith('A DVC remote ')) {
      if (bucketsOnly !== undefined) return { ok: false, detail: tooMuch(name, bucketsOnly) };
      const base = target.pathname.replace(OBJECTS, '');
      if (base === target.pathname) return { ok: true, detail: said };
      return {
        ok: false,
        detail: `${shown}: dvc adds files/md5 by itself; the address ends before it, ${target.origin}${base}`,
      };
    }
    const why = reply.status === 200 || said === '' ? 'is no remote of this service' : said.slice(0, SHOWN);
    return { ok: false, detail: `${shown}: ${why}` };
  } catch (error) {
    return { ok: false, detail: isTidemarkError(error) ? error.message : `${shown}: ${String(error)}` };
  }
}

/** `dvc` itself ends with "unexpected error" there, and says no more. */
const tooMuch = (name: string, option: string): string =>
  `dvc can do ${option} in buckets alone, and versions are made here without; dvc remote modify ${name} --unset ${option}`;
