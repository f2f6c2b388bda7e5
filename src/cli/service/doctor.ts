import { z } from 'zod';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { createTransport } from '../client/transport.ts';
import { askRemote, httpRemotesOf } from '../dvc/dvc-remotes.ts';
import { findRepository } from '../dvc/dvc-repository.ts';
import { keyHint } from '../terminal/failure.ts';
import { type Terminal, table } from '../terminal/terminal.ts';

type Finding = { readonly check: string; readonly ok: boolean; readonly detail: string };

const alive = z.looseObject({ version: z.string() });
const health = z.looseObject({
  checks: z.array(z.looseObject({ name: z.string(), ok: z.boolean(), detail: z.string() })),
});
const projects = z.looseObject({ items: z.array(z.looseObject({ name: z.string() })) });

const SKEW_SECONDS = 120;

/**
 * Looks at a service the way a client of this release needs it, and at the remotes of DVC that the repository here has.
 * @returns 0 when all is well, else 1.
 */
export async function doctor(client: Client, terminal: Terminal, release: string): Promise<number> {
  const findings = await serviceOf(client, release);
  if (findings[0]?.ok === true) findings.push(...(await partsOf(client)), await accessOf(client));
  findings.push(...(await remotesHere()));
  terminal.result(findings, () =>
    table([
      ['CHECK', 'STATE', 'DETAIL'],
      ...findings.map((finding) => [finding.check, finding.ok ? 'ok' : 'TROUBLE', finding.detail]),
    ]),
  );
  return findings.every((finding) => finding.ok) ? 0 : 1;
}

/** Whether it answers, and what its clock says. */
async function serviceOf(client: Client, release: string): Promise<Finding[]> {
  try {
    const reply = await client.open('GET', '/livez');
    const answer = readAs(alive, (await reply.bytes()).toString());
    if (answer === null)
      throw new TidemarkError('bad-request', `What answers at ${client.url} is no Tidemark service.`);
    const { version } = answer;
    const versions = version === release ? `version ${version}` : `version ${version}; this client is ${release}`;
    const answers = { check: 'service', ok: true, detail: `answers at ${client.url}, ${versions}` };
    return [answers, skewOf(Date.parse(reply.header('date') ?? ''))];
  } catch (error) {
    return [{ check: 'service', ok: false, detail: refusal(error) }];
  }
}

/** Signed webhooks are refused by receivers whose clock differs by minutes. */
function skewOf(theirs: number): Finding {
  const seconds = Math.abs(Date.now() - theirs) / 1000;
  return { check: 'clock', ok: !(seconds > SKEW_SECONDS), detail: `differs by ${Math.round(seconds || 0)} s` };
}

async function partsOf(client: Client): Promise<Finding[]> {
  try {
    // What is not ready says so with 503, and the same words.
    const target = `${client.url}/readyz`;
    const send = createTransport(target);
    const reply = await send({ method: 'GET', target, headers: {}, body: undefined, signal: undefined });
    const answer = readAs(health, (await reply.bytes()).toString());
    if (answer === null)
      return [{ check: 'parts', ok: false, detail: `${target} answers ${reply.status}, and no checks` }];
    return answer.checks.map(({ name, ok, detail }) => ({ check: name, ok, detail }));
  } catch (error) {
    return [{ check: 'parts', ok: false, detail: refusal(error) }];
  }
}

/** Null for what is no service of ours, or stands before it, such as a proxy's page. */
function readAs<S extends z.ZodType>(shape: S, text: string): z.output<S> | null {
  try {
    return shape.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

async function accessOf(client: Client): Promise<Finding> {
  try {
    const answer = await client.call(projects, 'GET', '/v1/projects');
    return { check: 'access', ok: true, detail: `projects: ${answer.items.map((p) => p.name).join(', ')}` };
  } catch (error) {
    return { check: 'access', ok: false, detail: refusal(error) };
  }
}

/** `dvc` says of a remote that does not let it in no more than that files are missing. */
async function remotesHere(): Promise<Finding[]> {
  const repository = findRepository('.');
  const remotes = repository === null ? [] : httpRemotesOf(repository.root);
  return Promise.all(
    remotes.map(async (remote) => ({ check: `dvc remote ${remote.name}`, ...(await askRemote(remote)) })),
  );
}

function refusal(error: unknown): string {
  return isTidemarkError(error) ? error.message + keyHint(error) : String(error);
}
