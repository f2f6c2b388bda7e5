import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { extname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { predictionPage, predictionView, selectionView } from '../../../schemas/wire/predictions.ts';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { EXIT } from '../terminal/exit-codes.ts';
import { bytes, type Terminal, table } from '../terminal/terminal.ts';

export type SelectionFlags = {
  readonly from?: string;
  readonly to?: string;
  readonly where?: string;
  readonly modelVersion?: string;
  readonly segment?: string;
  readonly batch?: string;
  readonly labels?: string;
  readonly label?: string;
};

export type SelectFlags = SelectionFlags & {
  readonly dataset: string;
  readonly message?: string;
  readonly tag?: string;
  readonly allColumns: boolean;
  readonly detach: boolean;
};

const POLL_MILLISECONDS = 500;

const addressOf = (model: string): string => `/v1/models/${encodeURIComponent(model)}`;

function selectionOf({ from, to, where, modelVersion, segment, batch, labels, label }: SelectionFlags) {
  return { from, to, where, model_version: modelVersion, segment, batch, labels, label };
}

/** Lists predictions: pages are read until enough were found, however much has to be searched for them. */
export async function searchPredictions(
  client: Client,
  terminal: Terminal,
  given: { model: string; flags: SelectionFlags & { limit: number; oldest: boolean } },
): Promise<void> {
  const { limit, oldest } = given.flags;
  const found: z.output<typeof predictionPage>['items'] = [];
  let cursor: string | undefined;
  let searched = 0;
  let unknown: readonly string[] | null = null;
  do {
    const page = await client.call(predictionPage, 'GET', `${addressOf(given.model)}/predictions`, {
      query: {
        ...selectionOf(given.flags),
        order: oldest ? 'oldest' : 'newest',
        limit: String(limit - found.length),
        cursor,
      },
    });
    found.push(...page.items);
    searched += page.scanned.rows;
    const missing: readonly string[] = page.scanned.unknown_columns;
    unknown = unknown === null ? missing : unknown.filter((column) => missing.includes(column));
    for (const batch of page.scanned.lost_batches) terminal.say(`batch ${batch} cannot be read`);
    terminal.progress(`${found.length} found in ${searched} predictions`);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined && found.length < limit);
  for (const column of unknown ?? []) terminal.say(`no prediction that was searched has "${column}"`);
  terminal.result(found, () =>
    table([
      ['ID', 'TIME', 'VERSION', 'PREDICTION', 'LABEL', 'BATCH', 'FEATURES'],
      ...found.map((row) => [
        row.prediction_id,
        row.timestamp ?? '',
        row.model_version ?? '',
        String(row.prediction ?? ''),
        row.label ?? '',
        String(row.batch),
        JSON.stringify(row.features).slice(0, 100),
      ]),
    ]),
  );
}

/** Says all that is known of one prediction. */
export async function getPrediction(
  client: Client,
  terminal: Terminal,
  given: { model: string; id: string },
): Promise<void> {
  const path = `${addressOf(given.model)}/predictions/${encodeURIComponent(given.id)}`;
  const found = await client.call(predictionView, 'GET', path);
  terminal.result(found, () => JSON.stringify(found, null, 2));
}

const FORMATS: Readonly<Record<string, string>> = {
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
  '.parquet': 'parquet',
  '.arrow': 'arrow',
  '.arrows': 'arrow',
};

/**
 * Writes what is selected into a file, which has its name only once it is whole.
 * @throws TidemarkError `bad-path` for an ending that says no form.
 */
export async function exportPredictions(
  client: Client,
  terminal: Terminal,
  given: { model: string; file: string; flags: SelectionFlags },
): Promise<void> {
  const { file } = given;
  const format = FORMATS[extname(file).toLowerCase()];
  if (format === undefined) {
    throw new TidemarkError('bad-path', `"${file}" ends with no form: name it .ndjson, .csv, .parquet or .arrow.`);
  }
  const reply = await client.open('GET', `${addressOf(given.model)}/predictions`, {
    query: { ...selectionOf(given.flags), format },
  });
  const partial = `${file}.part`;
  try {
    await pipeline(reply.body, createWriteStream(partial));
    await rename(partial, file);
  } catch (cause) {
    await rm(partial, { force: true });
    throw new TidemarkError('store-unavailable', `${file} could not be written whole; try again.`, { cause });
  }
  const rows = Number(reply.header('tidemark-rows') ?? 0);
  const size = Number(reply.header('content-length') ?? 0);
  terminal.result({ file, rows, bytes: size }, () => `${file}  ${rows} predictions  ${bytes(size)}`);
}

/** Has what is selected made a version, and waits for it. @returns the exit code: 1 when it could not be made. */
export async function selectPredictions(
  client: Client,
  terminal: Terminal,
  given: { model: string; flags: SelectFlags },
): Promise<number> {
  const { dataset, message, tag, allColumns, detach } = given.flags;
  const columns = allColumns ? 'all' : 'trained';
  let made = await client.call(selectionView, 'POST', `${addressOf(given.model)}/predictions/select`, {
    json: { dataset, message, tag, columns, selection: selectionOf(given.flags) },
  });
  while (made.state === 'waiting' && !detach) {
    terminal.progress('the predictions are being joined with their labels');
    await pause(POLL_MILLISECONDS);
    made = await client.call(selectionView, 'GET', `${addressOf(given.model)}/selections/${made.id}`);
  }
  terminal.result(made, () => {
    if (made.state === 'failed') return `${made.id}  failed: ${made.error?.message ?? ''}`;
    if (made.version === null) return `${made.id}  ${made.state}`;
    return `${dataset}@${made.version.ref}  ${made.rows} predictions  ${made.version.oid}`;
  });
  return made.state === 'failed' ? EXIT.failed : EXIT.done;
}
