import { z } from 'zod';
import type { Client } from '../client/client.ts';
import { pointInTime } from '../terminal/point-in-time.ts';
import { type Terminal, table } from '../terminal/terminal.ts';
import { parseTarget } from './target.ts';

const tags = z.looseObject({
  items: z.array(z.looseObject({ name: z.string(), ref: z.string(), fixed: z.boolean(), updated_at: z.string() })),
});
const tagged = z.looseObject({ name: z.string(), ref: z.string(), fixed: z.boolean() });

/**
 * Lists a dataset's tags, points one at a version, or removes one.
 * @param options `fixed`: it stays there from now on; with `delete`, a fixed tag is meant.
 */
export async function tag(
  client: Client,
  terminal: Terminal,
  target: string,
  options: { name: string | undefined; delete: boolean; fixed: boolean },
): Promise<void> {
  const { dataset, ref } = parseTarget(target);
  const base = `/v1/datasets/${encodeURIComponent(dataset)}/tags`;
  if (options.name === undefined) {
    const { items } = await client.call(tags, 'GET', base);
    terminal.result(items, () =>
      table([
        ['TAG', 'VERSION', 'SET', ''],
        ...items.map(({ name, ref: at, updated_at: set, fixed }) => [name, at, pointInTime(set), fixed ? 'fixed' : '']),
      ]),
    );
    return;
  }
  const path = `${base}/${encodeURIComponent(options.name)}`;
  if (options.delete) {
    await client.send('DELETE', path, options.fixed ? { query: { fixed: 'true' } } : {});
    terminal.result({ dataset, name: options.name, deleted: true }, () => `${dataset}  ${options.name} is removed`);
    return;
  }
  const made = await client.call(tagged, 'PUT', path, {
    json: options.fixed ? { ref, fixed: true } : { ref },
  });
  terminal.result({ dataset, ...made }, () => `${dataset}@${made.ref}  ${made.name}${made.fixed ? '  fixed' : ''}`);
}
