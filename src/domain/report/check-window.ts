import type { WindowCheck } from '../../../schemas/wire/checks.ts';
import { compareWithUsual, type Usual } from '../../stats/verdict/usual.ts';
import type { Checks } from '../configuration/checks-config.ts';

/** Whether a window's rows are what they should be, as many as usual, and in time. Pure. */

export type CheckFacts = {
  readonly rows: number;
  readonly violations: readonly { readonly column: string; readonly code: string; readonly count: number }[];
  /** `column code` of what has been so all along. */
  readonly since: ReadonlySet<string>;
  /** Null: too few earlier windows; `rows`: windows of rows all have as many. */
  readonly volume: Usual | null | 'rows';
  /** Seconds from the events to their arrival, for the middle row; null where it is not known. */
  readonly lag: number | null;
  readonly usualLag: Usual | null;
};

/** So seldom is a healthy window unusual. */
const LEVEL = 0.001;
const NAMED = 3;

/** Of `compareWithUsual`: Student's t on logarithms, with one deviation for all kinds of windows. */
const USUAL = 'usual/student-t-of-logs@1';
const SHARE = 'broken-share@1';

/** Every check, also those that could not be made or are switched off: it is said why. */
export function checkWindow(facts: CheckFacts, checks: Checks): WindowCheck[] {
  return [checkSchema(facts, checks), checkVolume(facts, checks), checkFreshness(facts, checks)];
}

const NOTHING = {
  ...{ method: null, level: null, value: null, expected: null },
  ...{ low: null, high: null, p: null, limit: null, windows: 0 },
} as const;

const notJudged = (check: WindowCheck['check'], why: string): WindowCheck => ({
  ...{ check, verdict: 'not_judged', why },
  ...NOTHING,
});

const OFF = 'It is switched off.';
const TOO_FEW = 'Too few earlier windows are like this one to say what is usual.';

function checkSchema({ rows, violations, since }: CheckFacts, { schema: limit }: Checks): WindowCheck {
  if (limit === null) return notJudged('schema', OFF);
  const columns = violations
    .filter(({ column, code }) => !since.has(`${column} ${code}`))
    .map(({ column, code, count }) => ({ column: plain(column), code, rows: count, share: count / Math.max(1, rows) }));
  const worst = (code: string): number => Math.max(0, ...columns.filter((c) => c.code === code).map((c) => c.share));
  const broken = columns.filter(({ code, share }) => code !== 'unexpected' && share > limit);
  const fresh = columns.filter(({ code }) => code === 'unexpected');
  const value = Math.max(worst('missing'), worst('type'), worst('unknown'));
  const news = fresh.length === 0 ? '' : ` New: ${listed(fresh)}.`;
  const why =
    broken.length === 0 ? `Its columns are there and have their types.${news}` : `${sayBroken(broken)}.${news}`;
  const verdict = broken.length > 0 ? 'unsound' : 'sound';
  return { ...NOTHING, method: SHARE, check: 'schema', verdict, why, value, high: limit, limit, columns };
}

/** What rows lack, or have of another type, and what they name that is not there. */
function sayBroken(columns: readonly BrokenColumn[]): string {
  const unknown = columns.filter(({ code }) => code === 'unknown');
  const others = columns.filter(({ code }) => code !== 'unknown');
  return [
    ...(others.length > 0 ? [`Columns lack or have another type: ${listed(others)}`] : []),
    ...(unknown.length > 0 ? [`Rows name what the model does not have: ${listed(unknown)}`] : []),
  ].join('. ');
}

type BrokenColumn = { readonly column: string; readonly code: string; readonly share: number };

/** Features are known to people by their own names. */
const plain = (column: string): string => column.replace(/^feature\./, '');

function listed(columns: readonly BrokenColumn[]): string {
  const named = columns.slice(0, NAMED).map(({ column, code, share }) => `${column} (${code}, ${percent(share)})`);
  return columns.length > NAMED ? `${named.join(', ')} and ${columns.length - NAMED} more` : named.join(', ');
}

function checkVolume({ rows, volume: usual }: CheckFacts, { volume: ratio }: Checks): WindowCheck {
  if (ratio === null) return notJudged('volume', OFF);
  if (usual === 'rows') return notJudged('volume', 'Windows of rows all have as many.');
  if (usual === null) return notJudged('volume', TOO_FEW);
  const found = compareWithUsual(rows, usual, { sides: 'both', level: LEVEL, ratio, counted: true });
  const { unusual, ...numbers } = found;
  const { expected, low, high } = numbers;
  const band = `${whole(low ?? 0)} to ${whole(high)} pass`;
  const why = `${rows} rows, where about ${whole(expected)} are usual (${band}).`;
  return {
    check: 'volume',
    method: USUAL,
    level: LEVEL,
    verdict: unusual ? 'unsound' : 'sound',
    why,
    value: rows,
    ...numbers,
    limit: ratio,
    windows: usual.windows,
  };
}

function checkFreshness({ lag, usualLag }: CheckFacts, { freshnessSeconds: least }: Checks): WindowCheck {
  if (least === null) return notJudged('freshness', OFF);
  if (lag === null) return notJudged('freshness', 'When its rows came is not known.');
  if (usualLag === null) return { ...notJudged('freshness', TOO_FEW), value: lag };
  const { p, expected, high } = compareWithUsual(lag, usualLag, {
    sides: 'above',
    level: LEVEL,
    ratio: 1,
    counted: false,
  });
  const bound = Math.max(high, least);
  const why = `Its rows came ${lasting(lag)} after their events, where ${lasting(expected)} is usual (up to ${lasting(bound)} passes).`;
  const verdict = lag > bound ? 'unsound' : 'sound';
  const { windows } = usualLag;
  const judged = { method: USUAL, level: LEVEL, value: lag, expected, low: null, high: bound, p };
  return { check: 'freshness', verdict, why, ...judged, limit: least, windows };
}

const whole = (x: number): string => String(Math.round(x));
const STEPS = [
  [86_400, 'days'],
  [3600, 'hours'],
  [60, 'minutes'],
  [1, 'seconds'],
] as const;

/** In the largest unit of which there are two: nobody wants the seconds of a month. */
function lasting(seconds: number): string {
  const [size, unit] = STEPS.find(([step]) => seconds >= 2 * step) ?? [1, 'seconds'];
  return `${whole(seconds / size)} ${unit}`;
}

const percent = (share: number): string => `${Number((share * 100).toPrecision(2))} %`;
