import type { ReferenceConfig, ReferenceRequest } from '../../../schemas/wire/references.ts';
import type { ErrorIssue } from '../../errors.ts';
import { shiftedStart, type TimeGrid, type Windowing } from '../window/window.ts';

const DAY_SECONDS = 86_400;

/** A window as a reference may choose it; times are milliseconds since 1970. */
export type EarlierWindow = {
  readonly start: number;
  readonly end: number;
  readonly rows: number;
  readonly state: 'open' | 'ready' | 'judged' | 'failed';
  readonly verdict: string | null;
};

/** `waitingFor`: a window that has to be judged before it is known what to compare with. */
export type Choice = { readonly chosen: readonly EarlierWindow[]; readonly waitingFor: EarlierWindow | null };

type Trailing = Extract<ReferenceConfig, { kind: 'trailing' }>;
type SameTime = Extract<ReferenceConfig, { kind: 'same_time' }>;

/** What the request asks for, complete; null stands for the pinned version. Wrong values are added to the issues. */
export function referenceMember(
  given: ReferenceRequest,
  windowing: Windowing,
  issues: ErrorIssue[],
): ReferenceConfig | null {
  if (given.kind === 'pinned') return null;
  if (given.kind === 'trailing') {
    const { kind, windows, offset, exclude_fired, exclude } = given;
    exclude?.forEach(({ from, to }, i) => {
      if (Date.parse(from) < Date.parse(to)) return;
      issues.push({ code: 'out-of-range', pointer: `/reference/exclude/${i}/to`, detail: 'must be later than "from"' });
    });
    return { kind, windows, offset: offset ?? 1, exclude_fired: exclude_fired ?? true, exclude: exclude ?? [] };
  }
  if (given.kind === 'model') {
    if (windowing.kind === 'rows') {
      const detail = 'cannot be another model’s window where windows are made of rows: theirs end at other times';
      issues.push({ code: 'not-together', pointer: '/reference/kind', detail });
    }
    return given;
  }
  const { kind, every, count, exclude_fired } = given;
  const wrong = recursProblem(windowing, every);
  if (wrong !== null) issues.push({ code: 'not-together', pointer: '/reference/every', detail: wrong });
  return { kind, every, count, exclude_fired: exclude_fired ?? true };
}

/** Why windows do not come again at the same time of the day or week; null when they do. */
function recursProblem(windowing: Windowing, every: SameTime['every']): string | null {
  if (windowing.kind === 'rows') return 'has no meaning where windows are made of rows';
  const within = every === 'day' ? DAY_SECONDS : 7 * DAY_SECONDS;
  if (windowing.kind === 'calendar') {
    const fits = windowing.period === 'hour' || (windowing.period === 'day' && every === 'week');
    return fits ? null : `needs windows shorter than a ${every}, and these are ${windowing.period}s`;
  }
  if (windowing.lengthSeconds < within && within % windowing.stepSeconds === 0) return null;
  return `needs windows shorter than a ${every}, and a whole number of steps in it`;
}

/** `earlier`: the windows that ended by the start of the one in question, newest first. */
export function chooseTrailing(rule: Trailing, earlier: readonly EarlierWindow[]): Choice {
  const chosen: EarlierWindow[] = [];
  const excluded = rule.exclude.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }));
  for (const window of earlier.slice(rule.offset - 1)) {
    if (chosen.length === rule.windows) break;
    if (excluded.some(({ from, to }) => window.start < to && from < window.end)) continue;
    if (isUndecided(window)) return { chosen: [], waitingFor: window };
    if (isUsable(window, rule.exclude_fired)) chosen.push(window);
  }
  return { chosen, waitingFor: null };
}

/** `found`: the windows that begin at `sameTimeStarts`, newest first, as far as there are any. */
export function chooseSameTime(rule: SameTime, found: readonly EarlierWindow[]): Choice {
  const chosen: EarlierWindow[] = [];
  for (const window of found) {
    if (chosen.length === rule.count) break;
    if (isUndecided(window)) return { chosen: [], waitingFor: window };
    if (isUsable(window, rule.exclude_fired)) chosen.push(window);
  }
  return { chosen, waitingFor: null };
}

/** Twice as many as wanted: some may have drifted, or hold nothing. */
export function sameTimeStarts(rule: SameTime, start: number, grid: TimeGrid): number[] {
  const days = rule.every === 'day' ? 1 : 7;
  return Array.from({ length: 2 * rule.count }, (_, i) => shiftedStart(start, -days * (i + 1), grid));
}

const isUndecided = ({ state, rows }: EarlierWindow): boolean => (state === 'ready' || state === 'open') && rows > 0;

const isUsable = ({ rows, state, verdict }: EarlierWindow, excludeFired: boolean): boolean =>
  rows > 0 && state === 'judged' && !(excludeFired && verdict === 'drift');

/** What rows are compared with, in words; null for the pinned version. */
export function describeReference(rule: ReferenceConfig | undefined): string | null {
  if (rule === undefined) return null;
  if (rule.kind === 'model') return `the windows of ${rule.model}, monitor ${rule.monitor}`;
  const kept = rule.exclude_fired ? ', those that drifted left out' : '';
  if (rule.kind === 'same_time') return `the same time of ${rule.count} past ${rule.every}s${kept}`;
  const before = rule.offset === 1 ? '' : `, ${rule.offset - 1} left between`;
  return `the ${rule.windows} windows before${before}${kept}`;
}
