import { styleText } from 'node:util';
import { compareStored, type StoredComparison } from '../domain/files/compare-stored.ts';
import { storedComparisonBody } from '../domain/files/comparison-body.ts';
import { TidemarkError } from '../errors.ts';
import { formatCount, formatNumber, formatP } from '../web/format.ts';
import type { CompareOptions, Sides } from './compare.ts';
import { exitOf } from './exit-codes.ts';
import { csvOptions, READER_BYTES, READER_THREADS } from './profile.ts';
import { type TableSource, withTables } from './table-source.ts';
import { table } from './terminal.ts';

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
  const found = await withTables(source, [sides.reference, sides.current], ([reference, current]) => {
    if (reference === undefined || current === undefined) throw new Error('two names give two tables');
    return compareStored(
      { reference, current },
      {
        include: options.columns,
        exclude: options.exclude,
        types: options.types,
        csv: csvOptions(options),
        policy: {
          ...(options.alpha === null ? {} : { alpha: options.alpha }),
          ...(options.minimumRows === null ? {} : { minimumRows: options.minimumRows }),
          limits: options.limits,
        },
        memoryBytes: READER_BYTES,
        threads: READER_THREADS,
        onFile: (name) => terminal.progress(`reading  ${name}`),
      },
    );
  });
  terminal.result(storedComparisonBody(found), () => showStored(found));
  return exitOf(found.verdict);
}

/** The first option given that no profile can answer. */
function needingRows(options: CompareOptions): string | undefined {
  const given: Readonly<Record<string, boolean>> = {
    '--categories': options.categories.length > 0,
    '--measures': options.measures !== null,
    '--adjustment': options.adjustment !== null,
    '--false-alarms': options.falseAlarms !== null,
    '--segment': options.segment !== null,
    '--slices': options.slices,
    '--html': options.html !== null,
    '--as': options.as !== null,
    '--weights': options.weights !== null,
    '--drifted-share': options.driftedShare !== null,
  };
  return Object.keys(given).find((name) => given[name]);
}

const COLOURS = { drift: 'red', no_drift: 'green', undecided: 'yellow', insufficient_data: 'yellow' } as const;

/** Verdicts, the worst first. */
const ORDER = ['drift', 'undecided', 'no_drift', 'insufficient_data', 'not_comparable'] as const;

function showStored(found: StoredComparison): string {
  const { reference, current, verdict, why, columns, removed, added, skipped } = found;
  const paint = (text: string): string => styleText(['bold', COLOURS[verdict]], text, { stream: process.stdout });
  const side = ({ name, profile }: StoredComparison['reference']): string =>
    `${name} (${formatCount(profile.rows)} rows)`;
  const worst = columns.toSorted((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
  return [
    `${side(reference)} → ${side(current)}, by stored profiles`,
    `${paint(verdict.replaceAll('_', ' ').toUpperCase())}  ${why}`,
    '',
    table([['COLUMN', 'VERDICT', 'EFFECT / LIMIT', 'q', 'WHY'], ...worst.map(lineOf)]),
    ...(removed.length === 0 ? [] : [`only in the reference  ${removed.join(', ')}`]),
    ...(added.length === 0 ? [] : [`only in the current table  ${added.join(', ')}`]),
    ...skipped.map(({ name, why: reason }) => `not compared  ${name}: ${reason}`),
  ].join('\n');
}

function lineOf({ name, verdict, why, q, findings }: StoredComparison['columns'][number]): string[] {
  const effect = findings.find(({ limit, value }) => limit !== null && value !== null);
  const held =
    effect === undefined ? '–' : `${range(effect.lower, effect.upper, formatNumber)} / ${formatNumber(effect.limit)}`;
  return [name, verdict.replaceAll('_', ' '), held, q === null ? '–' : range(q.lower, q.upper, formatP), why];
}

function range(lower: number | null, upper: number | null, format: (value: number | null) => string): string {
  const [from, to] = [format(lower), format(upper)];
  return from === to ? from : `${from} to ${to}`;
}
