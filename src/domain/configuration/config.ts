import { type MonitorConfig, monitorConfig, type PreviewRequest } from '../../../schemas/wire/monitors.ts';
import { type ErrorIssue, TidemarkError } from '../../errors.ts';
import { presentMeasure } from '../../stats/verdict/former-measures.ts';
import { DEFAULT_POLICY } from '../../stats/verdict/judge.ts';
import { isMeasureName, MEASURE_NAMES, MEASURES, type MeasureName } from '../../stats/verdict/measures.ts';
import { type DurationRule, durationWithin } from '../window/duration.ts';
import { windowingOf, windowMembers } from '../window/windowing.ts';
import { alertOf } from './alert-config.ts';
import { applyChecks } from './checks-config.ts';
import { effectNamed, measureNamed } from './measure-names.ts';
import { applyPerformance } from './performance-config.ts';
import { referenceMember } from './reference-rule.ts';
import { applySegments, segmentKey } from './segments-config.ts';

export type { MonitorConfig } from '../../../schemas/wire/monitors.ts';

/** What a request may say of a configuration; creation and change share it. */
export type ConfigRequest = Pick<
  PreviewRequest,
  | 'window'
  | 'model_version'
  | 'lateness'
  | 'idle_after'
  | 'columns'
  | 'alpha'
  | 'minimum_rows'
  | 'effects'
  | 'measures'
  | 'adjustment'
  | 'reference'
  | 'compare_previous'
  | 'performance'
  | 'checks'
  | 'importance'
  | 'segments'
  | 'false_alarms'
  | 'alert'
>;

const LARGEST_EFFECT = 1000;

/** Measures that are shares or distances between 0 and 1. */
const BOUNDED: ReadonlySet<string> = new Set<MeasureName>([
  'js_distance/base2/reference-edges@2',
  'l_infinity/shares@2',
  'missing_share/difference@1',
  'unseen_share/difference@1',
  'hellinger/reference-edges@2',
  'js_distance/natural/reference-edges@2',
  'total_variation/reference-edges@2',
  'normalised_absolute_difference/counts@1',
]);

/** What a monitor does that was given nothing but a name. */
export function defaultConfig(model: Pick<MonitorConfig, 'task' | 'roles'>): MonitorConfig {
  return {
    window_seconds: 86_400,
    lateness_seconds: 3600,
    idle_after_seconds: 3600,
    columns: { include: null, exclude: [] },
    ...model,
    alpha: DEFAULT_POLICY.alpha,
    minimum_rows: DEFAULT_POLICY.minimumRows,
    effects: defaultEffects(STANDARD),
    alert: { fire_after: 2, resolve_after: 2, minimum_drifted_columns: 1 },
  };
}

const STANDARD = MEASURE_NAMES.filter((name) => MEASURES[name].standard);

function defaultEffects(names: readonly MeasureName[]): Record<string, number> {
  const effects: Record<string, number> = {};
  for (const name of names) {
    const { use, defaultLimit } = MEASURES[name];
    if (use !== 'test' && defaultLimit !== null) effects[name] = defaultLimit;
  }
  return effects;
}

/**
 * The configuration that a request asks for, on top of the one before it. What the request does not name stays;
 * `columns` is replaced as a whole.
 * @throws TidemarkError `invalid-body` with a pointer for each value that cannot be.
 */
export function applyRequest(base: MonitorConfig, request: ConfigRequest): MonitorConfig {
  const issues: ErrorIssue[] = [];
  const seconds = (given: string | number | undefined, before: number, rule: DurationRule): number =>
    given === undefined ? before : (durationWithin(given, rule, issues) ?? before);
  const measures = request.measures === undefined ? (base.measures ?? null) : knownMeasures(request.measures, issues);
  const adjustment = request.adjustment ?? base.adjustment;
  const windows = request.window === undefined ? windowsOf(base) : windowMembers(request.window, issues);
  const comparePrevious = request.compare_previous ?? base.compare_previous ?? false;
  const performance = applyPerformance(base.performance, request.performance, { seconds, issues });
  const reference = referenceOf(base, request.reference, windows, issues);
  const segments = applySegments(base.segments, request.segments, {
    pinned: reference.reference === undefined,
    issues,
  });
  const checks = applyChecks(base.checks, request.checks, { seconds });
  const config: MonitorConfig = {
    ...windows,
    lateness_seconds: seconds(request.lateness, base.lateness_seconds, { pointer: '/lateness', least: 0 }),
    idle_after_seconds: seconds(request.idle_after, base.idle_after_seconds, { pointer: '/idle_after', least: 1 }),
    columns:
      request.columns === undefined
        ? base.columns
        : { include: request.columns.include ?? null, exclude: request.columns.exclude ?? [] },
    ...versionOf(base, request.model_version),
    task: base.task,
    roles: base.roles,
    alpha: request.alpha ?? base.alpha,
    minimum_rows: request.minimum_rows ?? base.minimum_rows,
    effects: {
      ...defaultEffects((measures ?? []).filter(isMeasureName)),
      ...base.effects,
      ...knownEffects(request.effects ?? {}, issues),
    },
    ...(measures !== null && { measures }),
    ...(adjustment !== undefined && { adjustment }),
    ...reference,
    ...falseAlarmsOf(base, request.false_alarms, windows, issues),
    ...(comparePrevious && { compare_previous: true }),
    ...(performance !== undefined && { performance }),
    ...(checks !== undefined && { checks }),
    ...importanceOf(base, request.importance),
    ...(segments !== undefined && { segments }),
    alert: alertOf(base.alert, request.alert, issues),
  };
  if (issues.length > 0) throw invalidConfig(issues);
  return config;
}

function versionOf({ model_version }: MonitorConfig, given: string | undefined): Pick<MonitorConfig, 'model_version'> {
  const chosen = given ?? model_version;
  return chosen === undefined ? {} : { model_version: chosen };
}

function importanceOf({ importance }: MonitorConfig, given: ConfigRequest['importance']): Partial<MonitorConfig> {
  const chosen = given === undefined ? importance : given;
  return chosen == null ? {} : { importance: chosen };
}

/** One of the two is there, and the other must not become a member. */
const windowsOf = ({ window_seconds, windowing }: MonitorConfig) => ({
  ...(window_seconds !== undefined && { window_seconds }),
  ...(windowing !== undefined && { windowing }),
});

function falseAlarmsOf(
  base: MonitorConfig,
  given: ConfigRequest['false_alarms'],
  windows: Pick<MonitorConfig, 'windowing'>,
  issues: ErrorIssue[],
): Pick<MonitorConfig, 'false_alarms'> {
  const chosen = given === undefined ? base.false_alarms : given;
  if (chosen === undefined || chosen === null) return {};
  if (windows.windowing?.kind === 'rows') {
    const detail = 'needs windows made by time: how many there are in a month of rows is not known';
    issues.push({ code: 'not-together', pointer: '/false_alarms', detail });
  }
  const { healthy } = chosen;
  if (healthy !== undefined && Date.parse(healthy.from) >= Date.parse(healthy.to)) {
    issues.push({ code: 'out-of-range', pointer: '/false_alarms/healthy/to', detail: 'must be later than "from"' });
  }
  const { at_most, per } = chosen;
  return { false_alarms: { at_most, per, ...(healthy !== undefined && { healthy }) } };
}

function referenceOf(
  base: MonitorConfig,
  given: ConfigRequest['reference'],
  windows: Pick<MonitorConfig, 'window_seconds' | 'windowing'>,
  issues: ErrorIssue[],
): Pick<MonitorConfig, 'reference'> {
  if (given === undefined) return base.reference === undefined ? {} : { reference: base.reference };
  // Windows that are wrong themselves have been told of.
  const known = windows.window_seconds !== undefined || windows.windowing !== undefined;
  const reference = known ? referenceMember(given, windowingOf(windows), issues) : null;
  return reference === null ? {} : { reference };
}

function knownEffects(given: Readonly<Record<string, number>>, issues: ErrorIssue[]): Record<string, number> {
  const known: Record<string, number> = {};
  for (const [word, value] of Object.entries(given)) {
    const pointer = `/effects/${word.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const named = effectNamed(word);
    const most = named.name !== null && BOUNDED.has(named.name) ? 1 : LARGEST_EFFECT;
    if (named.name === null) issues.push({ code: 'unknown-measure', pointer, detail: named.detail });
    else if (value > most) {
      issues.push({ code: 'out-of-range', pointer, detail: `must lie between 0 and ${most}` });
    } else known[named.name] = value;
  }
  return known;
}

function knownMeasures(given: readonly string[] | null, issues: ErrorIssue[]): string[] | null {
  if (given === null) return null;
  const known = given.flatMap((word, i) => {
    const named = measureNamed(word);
    if (named.name !== null) return [named.name];
    issues.push({ code: 'unknown-measure', pointer: `/measures/${i}`, detail: named.detail });
    return [];
  });
  return [...new Set(known)];
}

/** @throws TidemarkError `invalid-body` when columns are named that the reference does not have. */
export function checkColumns(
  config: Pick<MonitorConfig, 'columns' | 'importance' | 'segments'>,
  known: readonly string[],
): void {
  const { include, exclude } = config.columns;
  const names = new Set(known);
  const unknownIn = (part: string, named: readonly (readonly [place: number | string, name: string])[]): ErrorIssue[] =>
    named.flatMap(([place, name]) => {
      if (names.has(name)) return [];
      const pointer = `${part}/${String(place).replaceAll('~', '~0').replaceAll('/', '~1')}`;
      const detail = `the reference has no column "${name.slice(0, 100)}"`;
      return [{ code: 'unknown-column', pointer, detail }];
    });
  const issues = [
    ...unknownIn('/columns/include', [...(include ?? []).entries()]),
    ...unknownIn('/columns/exclude', [...exclude.entries()]),
    ...unknownIn(
      '/importance',
      Object.keys(config.importance ?? {}).map((name) => [name, name] as const),
    ),
    ...unknownIn(
      '/segments/by',
      (config.segments?.by ?? [])
        .map(segmentKey)
        .flatMap(({ column }, i) => (column === null ? [] : [[i, column] as const])),
    ),
  ];
  if (issues.length > 0) throw invalidConfig(issues);
}

export function invalidConfig(issues: readonly ErrorIssue[]): TidemarkError {
  const [first] = issues;
  return new TidemarkError('invalid-body', `The body at ${first?.pointer ?? '/'}: ${first?.detail ?? 'is wrong'}.`, {
    issues,
  });
}

/**
 * The stored configuration of a revision. Only `applyRequest` makes them, so one that does not parse is our fault. Measures
 * that had another name when it was stored have that of what is made now.
 */
export function configOf(revision: { readonly config: unknown }): MonitorConfig {
  const { effects, measures, ...config } = monitorConfig.parse(revision.config);
  return {
    ...config,
    effects: Object.fromEntries(Object.entries(effects).map(([name, limit]) => [presentMeasure(name), limit])),
    ...(measures !== undefined && { measures: [...new Set(measures.map(presentMeasure))] }),
  };
}
