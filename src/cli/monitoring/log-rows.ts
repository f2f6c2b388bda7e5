import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { extname } from 'node:path';
import { z } from 'zod';
import { acceptedBatchView } from '../../../schemas/wire/logs.ts';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { printable, type Terminal } from '../terminal/terminal.ts';

export type LogFlags = {
  readonly labels: boolean;
  readonly partial: boolean;
  readonly unit?: string;
  /** How numbers and dates of CSV are written. */
  readonly decimal?: string;
  readonly thousands?: string;
  readonly dates?: readonly string[];
  readonly missing?: readonly string[];
};

const TYPES: Readonly<Record<string, string>> = {
  '.ndjson': 'application/x-ndjson',
  '.jsonl': 'application/x-ndjson',
  '.json': 'application/json',
  '.csv': 'text/csv',
  '.parquet': 'application/vnd.apache.parquet',
  '.arrow': 'application/vnd.apache.arrow.stream',
};
const ENCODINGS: Readonly<Record<string, string>> = { '.gz': 'gzip', '.zst': 'zstd' };

const answer = z.looseObject({
  ...acceptedBatchView.pick({ batches: true, sent: true, accepted: true, duplicates: true, rejected: true }).shape,
});

/**
 * Logs the rows of files as predictions or labels, one file after another. Each is sent under a key of its own, so that a
 * try whose answer was lost is answered again and not taken twice.
 * @throws TidemarkError `bad-request` for a file that is not there or whose ending says no form, and what the service says.
 */
export async function logRows(
  client: Client,
  terminal: Terminal,
  given: { readonly model: string; readonly files: readonly string[]; readonly flags: LogFlags },
): Promise<void> {
  const { labels, partial, unit, decimal, thousands, dates, missing } = given.flags;
  const kind = labels ? 'labels' : 'predictions';
  // All of them are looked at before any is sent.
  const forms = given.files.map(formOf);
  for (const file of given.files) {
    await access(file).catch(() => {
      throw new TidemarkError('bad-request', `There is no file ${file} that can be read.`);
    });
  }
  const logged: z.output<typeof answer>[] = [];
  for (const [i, file] of given.files.entries()) {
    terminal.progress(`${file}…`);
    const taken = await client.call(answer, 'POST', `/v1/models/${encodeURIComponent(given.model)}/${kind}`, {
      body: () => createReadStream(file),
      headers: { ...forms[i], 'idempotency-key': randomUUID() },
      query: {
        ...(partial && { partial: 'true' }),
        timestamp_unit: unit,
        decimal,
        thousands,
        dates: datesOf(dates),
        missing: listed(missing),
      },
    });
    logged.push(taken);
    const { sent, accepted, duplicates, rejected, batches } = taken;
    const rest = [duplicates > 0 ? `${duplicates} known` : '', rejected > 0 ? `${rejected} refused` : ''];
    const counts = [`${accepted} of ${sent} ${kind} taken`, ...rest.filter((part) => part !== '')].join(', ');
    terminal.say(printable(`${file}: ${counts} (batch ${batches.join(', ')})`));
  }
  terminal.result(
    { items: logged },
    () => `${logged.reduce((sum, { accepted }) => sum + accepted, 0)} ${kind} logged.`,
  );
}

/** As a query takes several: with commas between them, and in quotes what has one itself. */
const listed = (said: readonly string[] | undefined): string | undefined =>
  said?.map((text) => (/[,"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)).join(',');

/** One of all columns is taken as it is. */
const datesOf = (said: readonly string[] | undefined): string | undefined =>
  said?.length === 1 && said[0]?.includes('=') === false ? said[0] : listed(said);

/** How the bytes of a file are to be read, by its ending. */
function formOf(file: string): Record<string, string> {
  const encoding = ENCODINGS[extname(file)];
  const name = encoding === undefined ? file : file.slice(0, -extname(file).length);
  const type = TYPES[extname(name)];
  if (type === undefined) {
    const known = Object.keys(TYPES).join(', ');
    throw new TidemarkError(
      'bad-request',
      `The ending of ${file} says no form; there are ${known}, with .gz or .zst behind them.`,
    );
  }
  return { 'content-type': type, ...(encoding !== undefined && { 'content-encoding': encoding }) };
}
