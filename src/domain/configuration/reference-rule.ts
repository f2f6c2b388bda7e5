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

export type Choice = {
  readonly chosen: readonly EarlierWindow[];
  /** A window that has to be judged before it is known what to compare with. */
  readonly waitingFor: EarlierWindow | null;
  /** A verdict takes so many. */
  readonly needed: number;
  /** Those of the chosen that had drifted, in a change that lasted. */
  readonly adopted: number;
  /** The newest change that lasted; null where none did. */
  readonly change: AdoptedChange | null;
};

/** A change that is what is normal since it has lasted: from its first window to the end of the one it had lasted with. */
export type AdoptedChange = {
  readonly since: number;
  readonly until: number;
  /** Limits are made anew, of enough windows after the first: then it is from the first of those to the end of the last. */
  readonly renewed?: true | undefined;
};

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
    requireFewest(given, windows, issues);
    exclude?.forEach(({ from, to }, i) => {
      if (Date.parse(from) < Date.parse(to)) return;
      issues.push({ code: 'out-of-range', pointer: `/reference/exclude/${i}/to`, detail: 'must be later than "from"' });
    });
    const standard = { offset: offset ?? 1, exclude_fired: exclude_fired ?? true, exclude: exclude ?? [] };
    return { kind, windows, ...standard, ...patienceOf(given) };
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
  requireFewest(given, count, issues);
  return { kind, every, count, exclude_fired: exclude_fired ?? true, ...patienceOf(given) };
}

type Patience = { readonly at_least?: number | undefined; readonly adopt_after?: number | null | undefined };

/** What was not chosen is not there. */
const patienceOf = ({ at_least, adopt_after }: Patience) => ({
  ...(at_least !== undefined && { at_least }),
  ...(adopt_after !== undefined && { adopt_after }),
});

function requireFewest({ at_least }: Patience, asked: number, issues: ErrorIssue[]): void {
  if (at_least === undefined || at_least <= asked) return;
  const detail = `must be at most ${asked}, the windows that are asked for`;
  issues.push({ code: 'out-of-range', pointer: '/reference/at_least', detail });
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

/** A change lasts when it fills the reference, and not less than this: shorter ones come and go. */
const SHORTEST_CHANGE = { trailing: 8, same_time: 4 } as const;

/** Drifted windows in a row that are taken for what is normal from then on; null: however many they are not. */
function adoptAfter(rule: Trailing | SameTime): number | null {
  if (rule.adopt_after !== undefined) return rule.adopt_after;
  return Math.max(rule.kind === 'trailing' ? rule.windows : rule.count, SHORTEST_CHANGE[rule.kind]);
}

/** `earlier`: the windows that ended by the start of the one in question, newest first. */
export function chooseTrailing(rule: Trailing, earlier: readonly EarlierWindow[]): Choice {
  return choose(rule, rule.windows, notExcluded(rule, earlier.slice(rule.offset - 1)));
}

/** Windows that limits are made anew of: those of a change as it had just lasted are few. */
const RENEWED_OF = 20;

/** A choice with the change that limits are made anew of, once so many windows after its first were healthy. */
export function renewedBy(rule: Trailing, choice: Choice, earlier: readonly EarlierWindow[]): Choice {
  const { change, needed } = choice;
  if (change === null) return choice;
  const candidates = notExcluded(rule, earlier.slice(rule.offset - 1));
  const isHealthy = healthyIn(rule, candidates);
  const healthy: EarlierWindow[] = [];
  for (const window of candidates.toReversed()) {
    if (window.start <= change.since) continue;
    // It may be one of them.
    if (isUndecided(window)) return { chosen: [], waitingFor: window, needed, adopted: 0, change: null };
    if (isHealthy(window)) healthy.push(window);
    const [first] = healthy;
    if (first !== undefined && healthy.length === RENEWED_OF) {
      return { ...choice, change: { since: first.start, until: window.end, renewed: true } };
    }
  }
  return choice;
}

/** Tells windows that are what is normal: without drift, or of a change that lasted. `candidates`: newest first. */
function healthyIn(rule: Trailing, candidates: readonly EarlierWindow[]): (window: EarlierWindow) => boolean {
  const { windows: lasting } = lastingDrift(candidates, adoptAfter(rule));
  return (window) => isUsable(window) && (window.verdict === 'no_drift' || lasting.has(window));
}

function notExcluded({ exclude }: Trailing, windows: readonly EarlierWindow[]): readonly EarlierWindow[] {
  const excluded = exclude.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }));
  return windows.filter(({ start, end }) => !excluded.some(({ from, to }) => start < to && from < end));
}

/**
 * The windows that limits of a change are made of, in order of time: those that drifted up to where it had lasted, or all
 * that are normal in the time of which limits are made anew. `earlier`: newest first.
 */
export function windowsOfChange(
  rule: Trailing,
  { since, until, renewed: anew }: AdoptedChange,
  earlier: readonly EarlierWindow[],
): readonly EarlierWindow[] {
  const candidates = notExcluded(rule, earlier);
  const isOfIt =
    anew === true
      ? healthyIn(rule, candidates)
      : (window: EarlierWindow) => isUsable(window) && window.verdict === 'drift';
  return candidates.filter((window) => window.start >= since && window.end <= until && isOfIt(window)).toReversed();
}

/** `found`: the windows that begin at `sameTimeStarts`, newest first, as far as there are any. */
export function chooseSameTime(rule: SameTime, found: readonly EarlierWindow[]): Choice {
  return choose(rule, rule.count, found);
}

function choose(rule: Trailing | SameTime, wanted: number, candidates: readonly EarlierWindow[]): Choice {
  const needed = rule.at_least ?? wanted;
  const changes = rule.exclude_fired ? lastingDrift(candidates, adoptAfter(rule)) : { windows: new Set(candidates) };
  const { windows: lasting, newest: change = null } = changes;
  const chosen: EarlierWindow[] = [];
  for (const window of candidates) {
    if (chosen.length === wanted) break;
    if (isUndecided(window)) return { chosen: [], waitingFor: window, needed, adopted: 0, change: null };
    if (isUsable(window) && (window.verdict !== 'drift' || lasting.has(window))) chosen.push(window);
  }
  const adopted = rule.exclude_fired ? chosen.filter(({ verdict }) => verdict === 'drift').length : 0;
  return { chosen, waitingFor: null, needed, adopted, change };
}

/**
 * The windows of changes that lasted: of so many drifted ones in a row, or more. Without it the windows before a lasting
 * change would stay the reference for ever, older every day, and everything after it drift.
 */
function lastingDrift(candidates: readonly EarlierWindow[], after: number | null): Lasting {
  const windows = new Set<EarlierWindow>();
  let newest: AdoptedChange | undefined;
  let run: EarlierWindow[] = [];
  const endRun = (): void => {
    if (after !== null && run.length >= after) {
      for (const window of run) windows.add(window);
      newest ??= changeOf(run, after);
    }
    run = [];
  };
  for (const window of candidates) {
    if (window.verdict === 'drift') run.push(window);
    // One that could not be judged says nothing of a change.
    else if (window.verdict === 'no_drift') endRun();
  }
  endRun();
  return { windows, newest };
}

type Lasting = { readonly windows: ReadonlySet<EarlierWindow>; readonly newest?: AdoptedChange | undefined };

/** `run`: newest first, of `after` windows or more. */
function changeOf(run: readonly EarlierWindow[], after: number): AdoptedChange | undefined {
  const [first, lastedWith] = [run.at(-1), run.at(-after)];
  return first && lastedWith && { since: first.start, until: lastedWith.end };
}

/** Twice as many as wanted, and as many as a lasting change takes: some may have drifted, or hold nothing. */
export function sameTimeStarts(rule: SameTime, start: number, grid: TimeGrid): number[] {
  const days = rule.every === 'day' ? 1 : 7;
  const length = Math.max(2 * rule.count, adoptAfter(rule) ?? 0);
  return Array.from({ length }, (_, i) => shiftedStart(start, -days * (i + 1), grid));
}

const isUndecided = ({ state, rows }: EarlierWindow): boolean => (state === 'ready' || state === 'open') && rows > 0;

const isUsable = ({ rows, state }: EarlierWindow): boolean => rows > 0 && state === 'judged';

/** What rows are compared with, in words; null for the pinned version. */
export function describeReference(rule: ReferenceConfig | undefined): string | null {
  if (rule === undefined) return null;
  if (rule.kind === 'model') return `the windows of ${rule.model}, monitor ${rule.monitor}`;
  const kept = rule.exclude_fired ? ', those that drifted left out' : '';
  if (rule.kind === 'same_time') return `the same time of ${rule.count} past ${rule.every}s${kept}`;
  const before = rule.offset === 1 ? '' : `, ${rule.offset - 1} left between`;
  return `the ${rule.windows} windows before${before}${kept}`;
}
