import type { Lint } from '../../../schemas/wire/lints.ts';
import type { ColumnProfile, TableProfile } from '../../stats/profile.ts';
import { isMeasureName, MEASURES } from '../../stats/verdict/measures.ts';
import { showsSeasons } from '../calibration/seasons.ts';
import type { MonitorConfig } from '../configuration/config.ts';
import { judgedColumns } from '../configuration/judged-columns.ts';
import { usualSeconds } from '../window/window.ts';
import { windowingOf } from '../window/windowing.ts';
import { lintEarlierWindows } from './lint-earlier-windows.ts';
import type { LintFacts } from './lint-facts.ts';
import { lintWindowColumns } from './lint-window-columns.ts';

type LintCode = Lint['code'];

/** Fewer values than this leave a test little to see. */
const FEW_ROWS = 500;
const STALE_DAYS = 180;
/** Of fewer windows nothing is said. */
const ENOUGH_WINDOWS = 4;
/** A column is one of identifiers when more of its values than this share are different. */
const IDENTIFIER_SHARE = 0.5;
const MANY_VALUES = 100;
const MANY_SHARE = 0.05;

/** What is wrong with a configuration, as far as the reference and the windows so far show it. Pure. */
export function lintMonitor(facts: LintFacts): Lint[] {
  return [
    ...ofColumns(facts),
    ...ofLimits(facts.config),
    ...ofReference(facts),
    ...lintEarlierWindows(facts),
    ...ofWindows(facts),
  ];
}

function ofColumns({ config, profile, since, columns }: LintFacts): Lint[] {
  if (profile === null) return [];
  const judged = judgedColumns(profile, config, since);
  const lints = judged.flatMap(({ name, profile: column, since: begun, role }): Lint[] => {
    const lint = begun === null ? NEVER_LOGGED : role === 'feature' ? lintColumn(column) : null;
    return lint === null ? [] : [{ ...lint, column: name }];
  });
  // One word on a column is enough.
  const told = new Set(lints.map(({ column }) => column));
  lints.push(...lintWindowColumns(judged, columns).filter(({ column }) => !told.has(column)));
  const least = config.alert.minimum_drifted_columns;
  if (least <= judged.length) return lints;
  const what = `An alert takes ${least} drifted columns, and ${judged.length} are judged.`;
  const mend = `Choose an "alert.minimum_drifted_columns" of at most ${judged.length}.`;
  return [...lints, { code: 'never-fires', column: null, what, how_to_mend: mend }];
}

type ColumnLint = Omit<Lint, 'column'>;

const NEVER_LOGGED: ColumnLint = {
  code: 'column-never-logged',
  what: 'No prediction has held this column so far, so it is not judged.',
  how_to_mend: 'Log it, or name it in the roles of the model version: as the label, or under "ignore".',
};

const EXCLUDE = 'Leave it out with "columns": {"exclude": […]}';

function lintColumn(column: ColumnProfile): ColumnLint | null {
  const filled = column.rows - column.nulls;
  const distinct = column.distinct.value;
  if (distinct <= 1 && filled > 0) {
    const what = 'All rows of the reference have one value here, so any other value is drift and nothing else is.';
    return { code: 'constant-column', what, how_to_mend: `${EXCLUDE}, unless a second value should alarm.` };
  }
  const texts = column.type === 'text';
  if ((texts || column.type === 'int64') && distinct > MANY_VALUES && distinct > shareOf(column) * filled) {
    const what = `${distinct} of ${filled} values are different, as in a column of identifiers.`;
    return { code: 'identifier-column', what, how_to_mend: `${EXCLUDE}, or give it the role "id".` };
  }
  if (texts && distinct > MANY_VALUES && distinct > MANY_SHARE * filled) {
    const what = `It has ${distinct} different texts in ${filled} rows: most are rare, and new ones come with every window.`;
    return { code: 'many-values', what, how_to_mend: `${EXCLUDE}, or log a coarser grouping of it.` };
  }
  if (filled >= FEW_ROWS) return null;
  const what = `The reference has ${filled} values here; below ${FEW_ROWS} only large changes are seen.`;
  return { code: 'few-reference-rows', what, how_to_mend: 'Choose a version with more rows as the reference.' };
}

/** Whole numbers repeat by chance less than texts do, so almost all have to be different. */
const shareOf = (column: ColumnProfile): number => (column.type === 'int64' ? 0.95 : IDENTIFIER_SHARE);

function ofLimits({ effects }: MonitorConfig): Lint[] {
  return Object.entries(effects).flatMap(([name, limit]): Lint[] => {
    const usual = isMeasureName(name) ? MEASURES[name].defaultLimit : null;
    if (usual === null || limit >= usual / 2) return [];
    const what = `The limit ${limit} of ${name} is less than half of the usual ${usual}: differences that matter to nobody will reach it.`;
    return [{ code: 'limit-below-usual', column: null, what, how_to_mend: `Choose an effect nearer to ${usual}.` }];
  });
}

function ofReference({ config, profile, referenceAgeDays, healthyEmpty, windows }: LintFacts): Lint[] {
  const lints: Lint[] = [];
  const add = (code: LintCode, what: string, mend: string) =>
    lints.push({ code, column: null, what, how_to_mend: mend });
  const { reference } = config;
  if (profile?.rows === 0) {
    const what = 'The reference has no rows, so there is nothing to compare a window with.';
    add('reference-empty', what, 'Choose a version with rows: {"dataset": …, "ref": …}.');
  }
  if (healthyEmpty === true) {
    const what = 'Nothing was predicted in the healthy span, so the limits come from resamples of the reference.';
    add('healthy-empty', what, 'Name a span of "false_alarms.healthy" in which the model was at work, or none.');
  }
  if (reference === undefined) {
    const judged = windows.filter(({ verdict }) => verdict === 'drift' || verdict === 'no_drift');
    const drifted = judged.filter(({ verdict }) => verdict === 'drift').length;
    if (judged.length >= ENOUGH_WINDOWS && drifted >= judged.length / 2) {
      const what = `${drifted} of the last ${judged.length} windows drifted from the pinned version: it may not be what is normal today.`;
      add('reference-unlike', what, 'Retrain and promote, pin a newer version, or compare with trailing windows.');
    }
    if (referenceAgeDays !== null && referenceAgeDays > STALE_DAYS) {
      const what = `The reference is ${Math.round(referenceAgeDays)} days older than the newest event.`;
      add('reference-stale', what, 'Pin a newer version, or compare with trailing windows.');
    }
    if (drifted >= Math.max(2, judged.length / 10) && knowsNoSeasons(config, profile)) {
      const what =
        'Nothing tells of days and weeks: the reference has no event times that span them, so what comes every weekend may be what drifted.';
      const mend =
        'Give its column of times the role "timestamp", name a healthy span under "false_alarms", or compare with "reference": {"kind": "same_time", "every": "week", "count": 4}.';
      add('seasons-unknown', what, mend);
    }
    if (isShorterThanDay(config)) {
      const what =
        'Windows are shorter than a day, and the reference mixes all hours: what comes every night looks like drift.';
      add('seasons-mixed', what, 'Compare with "reference": {"kind": "same_time", "every": "week", "count": 4}.');
    }
    return lints;
  }
  const count =
    reference.kind === 'trailing' ? reference.windows : reference.kind === 'same_time' ? reference.count : null;
  if (count !== null && count < ENOUGH_WINDOWS && profile !== null) {
    const what = `The reference is ${count === 1 ? 'a single window' : `${count} windows`}: what is odd about one of them looks like drift in the next.`;
    add('reference-short', what, `Choose at least ${ENOUGH_WINDOWS} windows.`);
  }
  if (reference.kind === 'trailing' && !reference.exclude_fired) {
    const what =
      'Windows that drifted become part of the reference, so a change that lasts, or that is slow, is soon taken for normal.';
    add('slow-change-hidden', what, 'Leave "exclude_fired" on, or watch the pinned version with a second monitor.');
  }
  return lints;
}

const WEEK_SECONDS = 604_800;

function knowsNoSeasons(config: MonitorConfig, profile: TableProfile | null): boolean {
  const length = usualSeconds(windowingOf(config));
  if (profile === null || length === null || length >= WEEK_SECONDS) return false;
  return config.false_alarms?.healthy === undefined && !showsSeasons(profile, config);
}

function isShorterThanDay(config: MonitorConfig): boolean {
  const windowing = windowingOf(config);
  if (windowing.kind === 'rows') return false;
  return windowing.kind === 'calendar' ? windowing.period === 'hour' : windowing.lengthSeconds < 86_400;
}

function ofWindows({ config, windows }: LintFacts): Lint[] {
  if (windows.length < ENOUGH_WINDOWS) return [];
  const lints: Lint[] = [];
  const add = (code: LintCode, what: string, mend: string) =>
    lints.push({ code, column: null, what, how_to_mend: mend });
  const filled = windows.filter(({ rows }) => rows > 0);
  const below = filled.filter(({ rows }) => rows < config.minimum_rows).length;
  const few = filled.filter(({ rows }) => rows < FEW_ROWS).length;
  if (below >= filled.length / 2 && below > 0) {
    const what = `${below} of ${filled.length} windows have fewer than ${config.minimum_rows} rows and are not judged.`;
    add('windows-below-minimum', what, 'Choose longer windows, or windows of so many rows.');
  } else if (few >= filled.length / 2 && few > 0) {
    const what = `${few} of ${filled.length} windows have fewer than ${FEW_ROWS} rows: only large changes are seen in them.`;
    add('few-window-rows', what, 'Choose longer windows, or windows of so many rows.');
  }
  const late = filled.filter(({ revision }) => revision > 1).length;
  if (late > filled.length / 5) {
    const what = `${late} of ${filled.length} windows were judged before all of their rows had come.`;
    add('late-data', what, 'Choose a longer "lateness".');
  }
  return lints;
}
