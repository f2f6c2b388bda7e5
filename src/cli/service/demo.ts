import { z } from 'zod';
import { alreadyPlayed } from '../../demo/service-calls.ts';
import { playStory } from '../../demo/story.ts';
import { isTidemarkError, TidemarkError } from '../../errors.ts';
import { type Client, createClient } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';

/**
 * Plays the census story into a running service: into the project of the key, else into `demo`, or the next
 * free `demo-2`, `demo-3`, ….
 */
export async function demo(
  terminal: Terminal,
  given: { url: string; key: string | undefined; receiverPort: number },
): Promise<number> {
  const { client, project } = await freeProject(given);
  terminal.say(`playing into the project "${project}" at ${given.url}`);
  try {
    await playStory(client, terminal, given.receiverPort);
  } catch (error) {
    throw isTidemarkError(error, 'blocked-address') ? notAllowed(error, given.receiverPort) : error;
  }
  terminal.result({ project, url: `${given.url}/p/${project}` }, () => `done: ${given.url}/p/${project}`);
  return 0;
}

async function freeProject(given: {
  url: string;
  key: string | undefined;
}): Promise<{ client: Client; project: string }> {
  if (given.key !== undefined) {
    const client = createClient({ ...given, project: undefined });
    if (await alreadyPlayed(client)) {
      throw new TidemarkError(
        'conflict',
        'The story has been played into the project of this key; use a key of another project.',
      );
    }
    return { client, project: await projectOf(client) };
  }
  for (let number = 1; ; number++) {
    const project = number === 1 ? 'demo' : `demo-${number}`;
    const client = createClient({ ...given, project: undefined });
    await client.send('POST', '/v1/projects', { json: { name: project } });
    const inside = createClient({ ...given, project });
    if (!(await alreadyPlayed(inside))) return { client: inside, project };
  }
}

async function projectOf(client: Client): Promise<string> {
  const page = await client.call(
    z.looseObject({ items: z.array(z.looseObject({ name: z.string() })) }),
    'GET',
    '/v1/projects',
  );
  return page.items[0]?.name ?? 'default';
}

function notAllowed(cause: TidemarkError, port: number): TidemarkError {
  const allow = `127.0.0.1:${port}`;
  return new TidemarkError(
    'blocked-address',
    `The service may not call the demo's receiver; start it with TIDEMARK_WEBHOOK_ALLOW=${allow}.`,
    { cause },
  );
}
