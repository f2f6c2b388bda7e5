import { z } from 'zod';
import { type decimalSign, readingView, type saidDates, type thousandsSign } from '../../../schemas/wire/reading.ts';
import type { Client } from '../client/client.ts';
import type { Terminal } from '../terminal/terminal.ts';

export type DatasetOptions = {
  readonly decimal?: z.infer<typeof decimalSign>;
  readonly thousands?: z.infer<typeof thousandsSign>;
  readonly dates?: z.infer<typeof saidDates> | undefined;
  readonly missing?: readonly string[];
  readonly partitions?: boolean;
  readonly rename?: string;
};

const shown = z.looseObject({ name: z.string(), former_names: z.array(z.string()), reading: readingView });
const changed = shown.extend({
  reread: z.array(z.string()),
  kept: z.array(z.looseObject({ ref: z.string(), code: z.string(), detail: z.string() })),
});

/** Shows how a dataset is called and read; with options it is said anew, how it is read as a whole. */
export async function dataset(
  client: Client,
  terminal: Terminal,
  name: string,
  { decimal, thousands, dates, missing, partitions, rename }: DatasetOptions,
): Promise<void> {
  const address = `/v1/datasets/${encodeURIComponent(name)}`;
  const reading = [decimal, thousands, dates, missing, partitions].some((part) => part !== undefined)
    ? { decimal, thousands, dates, missing, partitions }
    : undefined;
  if (reading === undefined && rename === undefined) {
    const found = await client.call(shown, 'GET', address);
    terminal.result(found, () => aboutText(found));
    return;
  }
  const found = await client.call(changed, 'PATCH', address, { json: { name: rename, reading } });
  terminal.result(found, () =>
    [
      aboutText(found),
      ...(reading === undefined ? [] : [`read again  ${found.reread.length === 0 ? 'none' : found.reread.join(', ')}`]),
      ...found.kept.map(({ ref, code, detail }) => `kept as it was  ${ref}, for ${code} ${detail}`),
    ].join('\n'),
  );
}

function aboutText({ name, former_names: former, reading }: z.infer<typeof shown>): string {
  const also = former.length === 0 ? '' : `  found as ${former.join(', ')} too`;
  return `${name}  ${readingText(reading)}${also}`;
}

function readingText({
  decimal = '.',
  thousands,
  dates,
  missing = [],
  partitions = true,
}: z.infer<typeof readingView>): string {
  const between = thousands === undefined ? 'nothing' : `"${thousands}"`;
  const words = missing.length === 0 ? '' : `missing ${missing.join(', ')}  `;
  const keys = partitions ? 'partitions are columns' : 'no partitions';
  return `decimal "${decimal}"  thousands ${between}  dates ${datesText(dates)}  ${words}${keys}`;
}

function datesText(dates: z.infer<typeof saidDates> | undefined): string {
  if (dates === undefined) return 'as ISO 8601';
  if (typeof dates === 'string') return dates;
  return Object.entries(dates)
    .map(([column, how]) => `${column}=${how}`)
    .join(', ');
}
