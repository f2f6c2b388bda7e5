import { z } from 'zod';
import { type decimalSign, readingView, type thousandsSign } from '../../../schemas/wire/reading.ts';
import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';

export type DatasetOptions = {
  readonly decimal?: z.infer<typeof decimalSign>;
  readonly thousands?: z.infer<typeof thousandsSign>;
  readonly partitions?: boolean;
};

const shown = z.looseObject({ name: z.string(), reading: readingView });
const changed = shown.extend({
  reread: z.array(z.string()),
  kept: z.array(z.looseObject({ ref: z.string(), code: z.string(), detail: z.string() })),
});

/** Shows how the tables of a dataset are read; with options it is said anew, as a whole. */
export async function dataset(
  client: Client,
  terminal: Terminal,
  name: string,
  { decimal, thousands, partitions }: DatasetOptions,
): Promise<void> {
  const address = `/v1/datasets/${encodeURIComponent(name)}`;
  if (decimal === undefined && thousands === undefined && partitions === undefined) {
    const found = await client.call(shown, 'GET', address);
    terminal.result(found, () => `${found.name}  ${readingText(found.reading)}`);
    return;
  }
  const found = await client.call(changed, 'PATCH', address, { json: { reading: { decimal, thousands, partitions } } });
  terminal.result(found, () =>
    [
      `${found.name}  ${readingText(found.reading)}`,
      `read again  ${found.reread.length === 0 ? 'none' : found.reread.join(', ')}`,
      ...found.kept.map(({ ref, code, detail }) => `kept as it was  ${ref}, for ${code} ${detail}`),
    ].join('\n'),
  );
}

function readingText({ decimal = '.', thousands, partitions = true }: z.infer<typeof readingView>): string {
  const between = thousands === undefined ? 'nothing' : `"${thousands}"`;
  return `decimal "${decimal}"  thousands ${between}  ${partitions ? 'partitions are columns' : 'no partitions'}`;
}
