import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { TidemarkError } from '../../errors.ts';
import type { Client } from '../client/client.ts';
import { ask } from '../client/computation.ts';
import { bytes, countOfFiles, type Terminal } from '../terminal/terminal.ts';

export type DeriveOptions = {
  readonly from: readonly string[];
  readonly where?: string | undefined;
  readonly columns?: readonly string[] | undefined;
  readonly sample?: string | undefined;
  readonly train?: string | undefined;
  readonly test?: string | undefined;
  readonly by?: string | undefined;
  readonly seed: string;
  readonly remove?: readonly string[] | undefined;
  /** `path=md5`, each. */
  readonly add?: readonly string[] | undefined;
  readonly conflict?: string | undefined;
  readonly recipe?: string | undefined;
  readonly path?: string | undefined;
  readonly message?: string | undefined;
  readonly tag?: string | undefined;
};

const version = z.looseObject({
  ref: z.string(),
  oid: z.string(),
  files: z.int(),
  bytes: z.int(),
  message: z.string(),
  created: z.boolean(),
});

/** Of a worker that made the version; asked again, the service has it already. */
const outcome = z.looseObject({ created: z.boolean() });

/**
 * Makes a version of others on the server.
 * @throws TidemarkError `bad-request` for options that do not go together, and what the service says.
 */
export async function derive(
  client: Client,
  terminal: Terminal,
  dataset: string,
  options: DeriveOptions,
): Promise<void> {
  const { path, message, tag } = options;
  const sources = options.from.map(sourceOf);
  const json = { sources, ...(await recipeOf(options)), path, message, tag };
  let createdByWorker = false;
  const onDone = (result: unknown): void => {
    createdByWorker = outcome.parse(result).created;
  };
  const answer = await ask({ client, terminal, onDone }, version, [
    'POST',
    `/v1/datasets/${encodeURIComponent(dataset)}/versions/derive`,
    { json },
  ]);
  const made = { ...answer, created: answer.created || createdByWorker };
  const state = made.created ? 'new version' : 'unchanged';
  terminal.result(
    made,
    () => `${dataset}@${made.ref}  ${state}  ${made.oid}  ${countOfFiles(made.files)}  ${bytes(made.bytes)}`,
  );
}

/** `census` and `census@prod` are of another dataset, `v3` is of the dataset itself. */
const sourceOf = (text: string): string => (text.includes('@') || /^v\d+$/.test(text) ? text : `${text}@latest`);

async function recipeOf(options: DeriveOptions): Promise<Record<string, unknown>> {
  if (options.recipe !== undefined) return readRecipe(options.recipe);
  const { where, columns, sample, train, test, remove, add, conflict } = options;
  const ofRows = [where, columns, sample, train, test].some((option) => option !== undefined);
  const ofFiles = [remove, add, conflict].some((option) => option !== undefined);
  if (ofRows && ofFiles) {
    throw new TidemarkError(
      'bad-request',
      '--remove, --add and --conflict are about files, the other options about rows.',
    );
  }
  if (ofFiles) return { files: { remove, add: add?.map(addedOf), conflict } };
  return { rows: { where, columns, sample: sampleOf(options), split: splitOf(options) } };
}

/** `sub/x.csv=<md5>`: a path may hold what it is divided by. */
function addedOf(text: string): { path: string; md5: string } {
  const at = text.lastIndexOf('=');
  if (at > 0) return { path: text.slice(0, at), md5: text.slice(at + 1) };
  throw new TidemarkError('bad-request', `"${text}" adds no file; write PATH=MD5.`);
}

/** `1000` rows, or `10%` of them. */
function sampleOf({ sample, seed }: DeriveOptions): Record<string, number> | undefined {
  if (sample === undefined) return undefined;
  if (sample.endsWith('%')) return { share: shareOf('--sample', sample), seed: numberOf(seed) };
  const rows = numberOf(sample);
  if (Number.isInteger(rows) && rows > 0) return { rows, seed: numberOf(seed) };
  throw new TidemarkError('bad-request', `--sample ${sample} is no count of rows; say one, or a share like 10%.`);
}

function splitOf({ train, test, by, seed }: DeriveOptions): Record<string, unknown> | undefined {
  const given = train ?? test;
  if (given === undefined) return undefined;
  if (train !== undefined && test !== undefined) {
    throw new TidemarkError('bad-request', 'A version is one part: say --train or --test.');
  }
  const [part, option] = train === undefined ? ['test', '--test'] : ['train', '--train'];
  return { part, share: shareOf(option, given), seed: numberOf(seed), by };
}

/** `80%` or `0.8`. */
function shareOf(option: string, text: string): number {
  const share = numberOf(text.replace(/%$/, '')) / (text.endsWith('%') ? 100 : 1);
  if (share > 0 && share < 1) return share;
  throw new TidemarkError(
    'bad-request',
    `${option} ${text} is no part of the rows; say more than 0% and less than 100%.`,
  );
}

function numberOf(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new TidemarkError('bad-request', `"${text.slice(0, 40)}" is no number.`);
}

async function readRecipe(file: string): Promise<Record<string, unknown>> {
  try {
    return z.looseObject({}).parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (cause) {
    throw new TidemarkError('bad-path', `${file} holds no recipe in JSON, like {"rows": {"where": "age > 30"}}.`, {
      cause,
    });
  }
}
