import { styleText } from 'node:util';
import { compareStored, type StoredComparison } from '../../domain/files/compare-stored.ts';
import { storedComparisonBody } from '../../domain/files/comparison-body.ts';
import { TidemarkError } from '../../errors.ts';
import { formatCount, formatNumber, formatP, formatRange } from '../../web/format.ts';
import { exitOf } from '../terminal/exit-codes.ts';
import { table } from '../terminal/terminal.ts';
import type { CompareOptions, Sides } from './compare.ts';
import { checkOutput, writeOutput } from './output-file.ts';
import { csvOptions, partitionsOption, READER_BYTES, READER_THREADS } from './profile.ts';
import { type TableSource, withTables } from './table-source.ts';

/**
 * Judges one table against another of which at least one is a stored profile: measures lie between bounds, and what
 * needs rows is refused by its name.
 * @returns 0 without drift, 3 with it, 4 where the profiles or the rows are too few to say.
 * @throws TidemarkError `bad-path`, `bad-request`, `unreadable-data`, `too-large`.
 */
export async function compareByProfiles(source: TableSource, sides: Sides, options: CompareOptions): Promise<number> {
  const { terminal } = source;
  const rows = needingRows(options);
  if (rows !== undefined) {
    const detail = `${rows} looks at the rows of both sides, and a stored profile has none. Name tables on both sides.`;
    throw new TidemarkError('bad-request', detail);
  }
  if (options.html !== null) await checkOutput(options.html);
  const found = await withTables(source, [sides.reference, sides.current], ([reference, current]) => {
    if (reference === undefined || current === undefined) throw new Error('two names give two tables');
    return compareStored(
      { reference, current },
      {
        include: options.columns,
        exclude: options.exclude,
        types: options.types,
        csv: csvOptions(options),
        ...partitionsOption(options),
        policy: {
          ...(options.alpha === null ? {} : { alpha: options.alpha }),
          ...(options.minimumRows === null ? {} : { minimumRows: options.minimumRows }),
          ...(options.adjustment === null ? {} : { adjustment: options.adjustment }),
          ...(options.weights === null ? {} : { weights: options.weights }),
          ...(options.driftedShare === null ? {} : { minimumDriftedShare: options.driftedShare }),
          limits: options.limits,
        },
        memoryBytes: READER_BYTES,
        threads: READER_THREADS,
        onFile: (name) => terminal.progress(`reading  ${name}`),
      },
    );
  });
  const columns = found.columns.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  if (options.html !== null) {
    const { profileComparisonDocument } = await import('../../web/documents/profile-comparison-document.tsx');
    await writeOutput(options.html, await profileComparisonDocument(found, columns));
  }
  terminal.result(storedComparisonBody(found), () => showStored(found, columns));
  if (options.html !== null) terminal.say(`The page is in ${options.html}.`);
  return exitOf(found.verdict);
}

/** The first option given that no profile can answer. */
function needingRows(options: CompareOptions): string | undefined {
  const given: Readonly<Record<string, boolean>> = {
    '--categories': options.categories.length > 0,
    '--measures': options.measures !== null,
    '--false-alarms': options.falseAlarms !== null,
    '--segment': options.segment !== null,
    '--slices': options.slices,
    '--as': options.as !== null,
  };
  return Object.keys(given).find((name) => given[name]);
}

const COLOURS = { drift: 'red', no_drift: 'green', undecided: 'yellow', insufficient_data: 'yellow' } as const;

/** Verdicts, the worst first. */
const ORDER = ['drift', 'undecided', 'no_drift', 'insufficient_data', 'not_comparable'] as const;

function showStored(found: StoredComparison, columns: StoredComparison['columns']): string {
  const { reference, current, verdict, why, removed, added, skipped } = found;
  const paint = (text: string): string => styleText(['bold', COLOURS[verdict]], text, { stream: process.stdout });
  const side = ({ name, profile }: StoredComparison['reference']): string =>
    `${name} (${formatCount(profile.rows)} rows)`;
  return [
    `${side(reference)} → ${side(current)}, by stored profiles`,
    `${paint(verdict.replaceAll('_', ' ').toUpperCase())}  ${why}`,
    '',
    table([['COLUMN', 'VERDICT', 'EFFECT / LIMIT', 'q', 'WHY'], ...columns.map(lineOf)]),
    ...(removed.length === 0 ? [] : [`only in the reference  ${removed.join(', ')}`]),
    ...(added.length === 0 ? [] : [`only in the current table  ${added.join(', ')}`]),
    ...skipped.map(({ name, why: reason }) => `not compared  ${name}: ${reason}`),
  ].join('\n');
}

function lineOf({ name, verdict, why, q, findings }: StoredComparison['columns'][number]): string[] {
  const effect = findings.find(({ limit, value }) => limit !== null && value !== null);
  const held =
    effect === undefined
      ? '–'
      : `${formatRange(effect.lower, effect.upper, formatNumber)} / ${formatNumber(effect.limit)}`;
  return [name, verdict.replaceAll('_', ' '), held, q === null ? '–' : formatRange(q.lower, q.upper, formatP), why];
}
