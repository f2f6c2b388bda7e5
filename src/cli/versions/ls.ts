import { z } from 'zod';
import type { Client } from '../client/client.ts';
import { bytes, type Terminal, table } from '../terminal/terminal.ts';
import { healthOf } from './log.ts';
import { openTarget } from './target.ts';

const latest = z
  .looseObject({ ref: z.string(), files: z.int(), bytes: z.int(), quarantined: z.int().default(0) })
  .nullable();
const datasets = z.looseObject({
  items: z.array(z.looseObject({ name: z.string(), latest })),
  next: z.string().nullable(),
});

/** Lists the files of a version, or the project's datasets when none is named. */
export async function ls(client: Client, terminal: Terminal, target: string | undefined): Promise<void> {
  if (target === undefined) return lsDatasets(client, terminal);
  const { files } = await openTarget(client, target);
  terminal.result(files, () =>
    table([
      ['SIZE', 'MD5', 'PATH', ''],
      ...files.map((file) => [
        bytes(file.size),
        file.md5,
        file.path,
        [file.quarantined === true ? 'corrupt or lost' : undefined, file.warning].filter(Boolean).join('; '),
      ]),
    ]),
  );
}

async function lsDatasets(client: Client, terminal: Terminal): Promise<void> {
  const items: z.output<typeof datasets>['items'] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call(datasets, 'GET', '/v1/datasets', { query: { cursor, limit: '1000' } });
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  terminal.result(items, () =>
    table([
      ['DATASET', 'LATEST', 'FILES', 'SIZE', 'HEALTH'],
      ...items.map(({ name, latest: last }) =>
        last === null
          ? [name, '-', '', '', '']
          : [name, last.ref, String(last.files), bytes(last.bytes), healthOf(last.quarantined)],
      ),
    ]),
  );
}
