import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { z } from 'zod';
import { readType } from '../../../schemas/wire/compare.ts';
import { decimalSign, thousandsSign } from '../../../schemas/wire/reading.ts';
import type { Delimiter, ReadTypes } from '../tables/profile.ts';
import type { TableSource } from '../tables/table-source.ts';
import { countUpTo } from './count-argument.ts';
import type { Opened } from './data-commands.ts';
import { DATES, datesOf, oneMore } from './dates-argument.ts';
import { MISSING, namesOf } from './names-argument.ts';
import { oneOf } from './sign-argument.ts';

/** What the service takes as well. */
const MOST_ROWS = 1_000_000_000;

const shareOf = (text: string): number => {
  const share = Number(text);
  if (share > 0 && share < 1) return share;
  throw new InvalidArgumentError('It must lie between 0 and 1.');
};

const NAMES = `only these, separated by commas; one that has commas in quotes: '"a,b",c'`;

const DELIMITER = 'what stands between the fields of CSV: , ; | or tab (default: it is looked at)';
const DECIMAL = 'what stands before decimals in CSV (default: a point), as pandas takes it';
const THOUSANDS = 'what stands between thousands in CSV (default: nothing)';
const PARTITIONS = 'the keys in the names of folders, as year=2026, are no columns';

/** How tables are read where their bytes do not say it. */
type ReadingFlags = {
  delimiter?: Delimiter;
  header?: boolean;
  decimal?: z.infer<typeof decimalSign>;
  thousands?: z.infer<typeof thousandsSign>;
  dates?: readonly string[];
  missing?: string[];
  partitions: boolean;
};

const readingOf = ({ delimiter, header, decimal, thousands, dates, missing, partitions }: ReadingFlags) => ({
  delimiter: delimiter ?? null,
  header: header ?? null,
  decimal: decimal ?? null,
  thousands: thousands ?? null,
  dates: datesOf(dates) ?? null,
  missing: missing ?? null,
  partitions,
});

/** A tab is hard to type, and a shell takes some of the others for its own. */
const DELIMITERS: ReadonlyMap<string, Delimiter> = new Map([
  ...([',', ';', '|', '\t'] as const).map((sign): [string, Delimiter] => [sign, sign]),
  ['tab', '\t'],
  ['\\t', '\t'],
]);

function delimiterOf(text: string): Delimiter {
  const delimiter = DELIMITERS.get(text);
  if (delimiter !== undefined) return delimiter;
  throw new InvalidArgumentError('Give one of "," ";" "|" tab.');
}

const TYPE = `what to read a column as: ${readType.options.join(', ')}; may be repeated`;

/** `column=type`, as often as it is given. */
function typeOf(text: string, before: ReadTypes): ReadTypes {
  const at = text.lastIndexOf('=');
  const type = readType.safeParse(text.slice(at + 1));
  if (at > 0 && type.success) return { ...before, [text.slice(0, at)]: type.data };
  throw new InvalidArgumentError(`Write it as COLUMN=TYPE, with a type of ${readType.options.join(', ')}.`);
}

/** `column=weight`, several with commas between them, as often as they are given. */
function weightsOf(text: string, before: Record<string, number> = {}): Record<string, number> {
  const pairs = text.split(',').map((pair): [string, number] => {
    const at = pair.lastIndexOf('=');
    const weight = Number(pair.slice(at + 1));
    if (at > 0 && pair.slice(at + 1) !== '' && weight >= 0 && Number.isFinite(weight))
      return [pair.slice(0, at), weight];
    throw new InvalidArgumentError('Write it as COLUMN=NUMBER, with commas between several.');
  });
  return { ...before, ...Object.fromEntries(pairs) };
}

/** The commands on tables, of this machine or of a service, which is spoken to only where a name is no path. */
export function addFileCommands(program: Command, open: () => Pick<Opened, 'client' | 'terminal'>): void {
  addProfile(program, open);
  addCompare(program, open);
  addMeasures(program, open);
}

function sourceOf(open: () => Pick<Opened, 'client' | 'terminal'>): TableSource {
  return { client: () => open().client, terminal: open().terminal };
}

function addProfile(program: Command, open: () => Pick<Opened, 'client' | 'terminal'>): void {
  program
    .command('profile')
    .description(
      'show what is in a table: a file, folder or pipe, several files as its parts (needs no service), or a version',
    )
    .argument(
      '<path...>',
      'DATASET@v3, - or <(command) up to 64 GiB, or CSV, TSV, NDJSON, JSON, Parquet or Arrow, each also as .gz or .zst',
    )
    .option('-c, --columns <names>', NAMES, namesOf)
    .option('--type <column=type>', TYPE, typeOf, {})
    .option('--delimiter <sign>', DELIMITER, delimiterOf)
    .option('--header', 'CSV begins with a line of names (default: it is looked at)')
    .option('--no-header', 'CSV begins with values; columns are column_1, column_2, …')
    .option('--decimal <sign>', DECIMAL, oneOf(decimalSign))
    .option('--thousands <sign>', THOUSANDS, oneOf(thousandsSign))
    .option('--dates <how>', DATES, oneMore)
    .option('--missing <words>', MISSING, namesOf)
    .option('--no-partitions', PARTITIONS)
    .option('--relations', 'also count duplicate rows, and say how columns go together', false)
    .option('--html <file>', 'also write a page of its own')
    .option('-o, --output <file>', 'also store the profile, to merge it or to compare with it without the rows')
    .option('--minus <path>', 'what is left without the rows of this part of it, by the profiles of both')
    .action(async (paths: string[], flags: ProfileFlags) => {
      const options = {
        columns: flags.columns ?? null,
        types: flags.type,
        ...readingOf(flags),
        relations: flags.relations,
        html: flags.html ?? null,
        output: flags.output ?? null,
      };
      const { minus } = flags;
      if (minus === undefined) await (await import('../tables/profile.ts')).profile(sourceOf(open), paths, options);
      else
        await (await import('../tables/profile-minus.ts')).profileMinus(sourceOf(open), paths, { ...options, minus });
    });
}

type ProfileFlags = ReadingFlags & {
  columns?: string[];
  type: ReadTypes;
  relations: boolean;
  html?: string;
  output?: string;
  minus?: string;
};

type CompareFlags = ReadingFlags & {
  columns?: string[];
  exclude: string[];
  categories: string[];
  type: ReadTypes;
  alpha?: number;
  minRows?: number;
  limit: Record<string, number>;
  measures?: string[];
  adjustment?: 'benjamini-hochberg' | 'benjamini-yekutieli';
  falseAlarms?: number;
  segment?: string;
  slices: boolean;
  html?: string;
  exitCode: boolean;
  as?: string;
  weights?: Record<string, number>;
  driftedShare?: number;
};

/** `measure=value`, as often as it is given. */
function limitOf(text: string, before: Record<string, number>): Record<string, number> {
  const at = text.lastIndexOf('=');
  const value = Number(text.slice(at + 1));
  if (at > 0 && text.slice(at + 1) !== '' && value >= 0 && Number.isFinite(value))
    return { ...before, [text.slice(0, at)]: value };
  throw new InvalidArgumentError('Write it as MEASURE=NUMBER.');
}

function addMeasures(program: Command, open: () => Pick<Opened, 'terminal'>): void {
  program
    .command('measures')
    .description('list the measures that tables are compared by, or tell what one is (needs no service)')
    .argument('[name]', 'in full or in short, as psi')
    .action(async (name?: string) => {
      const { measures } = await import('../tables/measures.ts');
      measures(open().terminal, name ?? null);
    });
}

function addCompare(program: Command, open: () => Pick<Opened, 'client' | 'terminal'>): void {
  program
    .command('compare')
    .description('judge one table against another: files or folders of this machine (needs no service), or versions')
    .argument(
      '<reference>',
      'what to hold it against, such as the training data: a path, a pipe, DATASET@v1, or a stored profile',
    )
    .argument('<current>', 'a path, a pipe (- or <(command)), or DATASET@v2')
    .option('-c, --columns <names>', NAMES, namesOf)
    .option('-x, --exclude <names>', 'all but these', namesOf, [])
    .option('--categories <names>', 'columns whose numbers are codes', namesOf, [])
    .option('--type <column=type>', TYPE, typeOf, {})
    .option('--delimiter <sign>', DELIMITER, delimiterOf)
    .option('--header', 'CSV begins with a line of names (default: it is looked at)')
    .option('--no-header', 'CSV begins with values; columns are column_1, column_2, …')
    .option('--decimal <sign>', DECIMAL, oneOf(decimalSign))
    .option('--thousands <sign>', THOUSANDS, oneOf(thousandsSign))
    .option('--dates <how>', DATES, oneMore)
    .option('--missing <words>', MISSING, namesOf)
    .option('--no-partitions', PARTITIONS)
    .option('--alpha <level>', 'false discovery rate over the columns (default: 0.05)', shareOf)
    .option('--min-rows <count>', 'rows that each side must have (default: 50)', countUpTo(MOST_ROWS))
    .option('--limit <measure=value>', 'the smallest effect that matters; may be repeated', limitOf, {})
    .option(
      '-m, --measures <names>',
      'instead of the standard ones, separated by commas (see: tidemark measures)',
      namesOf,
    )
    .addOption(
      new Option('--adjustment <name>', 'how q is made of p (default: benjamini-hochberg)').choices([
        'benjamini-hochberg',
        'benjamini-yekutieli',
      ]),
    )
    .option(
      '--false-alarms <share>',
      'limits at which this share of healthy tables alarms, from the reference',
      shareOf,
    )
    .option('--segment <column>', 'also judge the rows of each of its values apart')
    .option('--slices', 'also look for the groups of rows that carry the drift', false)
    .option('--html <file>', 'also write a page of its own')
    .option('--as <tool>', 'also give the figures of evidently, nannyml, tfdv, deequ, whylogs or scipy')
    .option('--weights <column=weight>', 'how much columns count, as income=3,zip=0 (default: 1)', weightsOf)
    .option('--drifted-share <share>', 'share of the weight of all columns that has to drift (default: 0)', shareOf)
    .option('--exit-code', 'exit with 3 when there is drift, with 4 when there are too few rows to say', false)
    .action(async (reference: string, current: string, flags: CompareFlags) => {
      const { isProfileHere } = await import('../tables/table-source.ts');
      const stored = (await isProfileHere(reference)) || (await isProfileHere(current));
      const compare = stored
        ? (await import('../tables/compare-profiles.ts')).compareByProfiles
        : (await import('../tables/compare.ts')).compare;
      const code = await compare(
        sourceOf(open),
        { reference, current },
        {
          columns: flags.columns ?? null,
          exclude: flags.exclude,
          categories: flags.categories,
          types: flags.type,
          ...readingOf(flags),
          alpha: flags.alpha ?? null,
          minimumRows: flags.minRows ?? null,
          limits: flags.limit,
          measures: flags.measures ?? null,
          adjustment: flags.adjustment ?? null,
          falseAlarms: flags.falseAlarms ?? null,
          segment: flags.segment ?? null,
          slices: flags.slices,
          html: flags.html ?? null,
          as: flags.as ?? null,
          weights: flags.weights ?? null,
          driftedShare: flags.driftedShare ?? null,
        },
      );
      if (flags.exitCode) process.exitCode = code;
    });
}
