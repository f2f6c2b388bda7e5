import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import type { TableProfile } from '../../stats/profile.ts';
import { calibrate, FEWEST_WINDOWS, type HealthyEffect, healthyEffects } from '../../stats/verdict/calibration.ts';
import type { Calibration } from '../../stats/verdict/judgement.ts';
import { calibrateTables, type TableEffect, tableEffects } from '../../stats/verdict/table-calibration.ts';
import { shareOfTables } from '../../stats/verdict/table-measures.ts';
import { findVersionById } from '../../store/dataset/datasets.ts';
import { findVersionProfile } from '../../store/dataset/profiles.ts';
import { enqueue, enqueueForWindows } from '../../store/jobs/jobs.ts';
import { findCalibration, insertCalibration } from '../../store/monitor/calibrations.ts';
import { findModelById } from '../../store/monitor/models.ts';
import {
  findMonitorById,
  findRevisionById,
  type MonitorRevisionRow,
  replaceConfig,
} from '../../store/monitor/monitors.ts';
import { listReady } from '../../store/monitor/windows.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { toJson } from '../canonical.ts';
import { configOf, type MonitorConfig } from '../configuration/config.ts';
import { shareOfFalseAlarms } from '../configuration/false-alarms.ts';
import { type JudgedColumn, judgedColumns } from '../configuration/judged-columns.ts';
import { policyOf } from '../configuration/policy.ts';
import { SEGMENTS_SHARE } from '../configuration/segments-config.ts';
import { hasBegun, readBeginnings } from '../log/prepare/logged-columns.ts';
import { readableFiles } from '../object/materialize.ts';
import { withReferenceFiles } from '../reference/reference-files.ts';
import { type Computing, referenceProfile } from '../report/compute-report.ts';
import { type History, listHistory } from '../report/history.ts';
import { type Candidate, judgeHistory } from '../report/judge-history.ts';
import { runTask } from '../tasks.ts';
import { decideSeasons } from './knowing-seasons.ts';
import type { Resampled } from './resample-task.ts';
import { seasonsOf } from './seasons.ts';

/** Healthy windows that are judged at most: the newest of the span. */
const MOST_HEALTHY = 500;
const FEWEST_RESAMPLES = 200;
const MOST_RESAMPLES = 1000;

/**
 * Job: calibrates the limits of a configuration that was given a rate of false alarms, after it decided whether it has
 * one where that was left to its reference. Its windows wait for it, and are judged once it is there; run twice, the
 * first result stays.
 */
export async function calibrateMonitor(ctx: Computing, { revisionId }: { revisionId: number }): Promise<void> {
  const revision = await findRevisionById(ctx.db, revisionId);
  const monitor = revision === null ? null : await findMonitorById(ctx.db, revision.monitorId);
  if (revision === null || monitor === null || (await findCalibration(ctx.db, revisionId, null)) !== null) return;
  const profile = await findVersionProfile(ctx.db, revision.referenceVersionId);
  if (profile === null || profile.state === 'pending') {
    await enqueue(ctx.db, { ...calibration(revisionId), delaySeconds: 2 });
    return;
  }
  const config = decideSeasons(configOf(revision), profile);
  if (configOf(revision).seasons !== undefined) await decide(ctx.db, { revision, config });
  // Windows fail with the reason why it cannot be read.
  if (profile.state !== 'ready') return;
  const model = await findModelById(ctx.db, monitor.modelId);
  const version = await findVersionById(ctx.db, revision.referenceVersionId);
  if (model === null || version === null) throw new Error(`model or reference of monitor ${monitor.id} vanished`);
  // Which columns are logged and how many rows a window has is not known yet: the first window asks for it again.
  if (!(await hasBegun(ctx.db, model.id))) return;
  const made = await calibrateCandidate(ctx, { model, config, version, calibration: null });
  if (made === null) return;
  await transact(ctx.db, async (tx) => {
    await insertCalibration(tx, revisionId, made);
    await judgeReady(tx, monitor.id);
  });
}

/** No window was judged yet under a configuration that was undecided, so that it may become what it would have been. */
function decide(db: Db, { revision, config }: { revision: MonitorRevisionRow; config: MonitorConfig }): Promise<void> {
  return transact(db, async (tx) => {
    await replaceConfig(tx, revision.id, config);
    if (config.false_alarms === undefined) await judgeReady(tx, revision.monitorId);
  });
}

/** Has the windows that wait for limits judged. */
export const judgeReady = async (tx: Db, monitorId: number): Promise<void> =>
  enqueueForWindows(tx, 'judge-window', await listReady(tx, monitorId));

/** Whether there is anything for `calibrateMonitor` to do. */
export const needsCalibration = ({ false_alarms, seasons }: MonitorConfig): boolean =>
  false_alarms !== undefined || seasons !== undefined;

/** The job that calibrates a revision. */
export const calibration = (revisionId: number) => ({
  name: 'calibrate-monitor' as const,
  key: `revision:${revisionId}`,
  payload: { revisionId },
});

/**
 * The calibration of a configuration that need not be in force: a function of what is logged, the reference and the
 * configuration. Null where no rate was chosen.
 * @throws TidemarkError `not-ready` while the reference is being profiled, `unreadable-data`, `object-corrupt`.
 */
export async function calibrateCandidate(ctx: Computing, candidate: Candidate): Promise<StoredCalibration | null> {
  const { config } = candidate;
  const given = chosenRate(config);
  if (given === null) return null;
  const healthy = await healthyWindows(ctx, candidate);
  if (healthy.length >= FEWEST_WINDOWS) {
    const why = `${healthy.length} windows of the healthy span were judged as they are.`;
    return stored({ ...ofHealthy(healthy, given), source: 'healthy-windows', seed: null, windowRows: null, why });
  }
  const { seed, windowRows, windows, periods, independent, tables, parts } = await resamples(
    ctx,
    candidate,
    given.perWindow,
  );
  const few = `The healthy span has ${healthy.length} windows that can be judged, fewer than ${FEWEST_WINDOWS}; `;
  const why = `${config.false_alarms?.healthy === undefined ? '' : few}${describePeriods(periods)}`;
  const source = periods === null ? 'resamples' : 'reference-periods';
  const made = { ...calibrate(windows, { ...given, independent }), ...limitsOfTables(tables, given, parts) };
  return stored({ ...made, source, seed, windowRows, why });
}

/** The limits that windows judged as they are make. */
export function ofHealthy(healthy: readonly HealthyWindow[], given: ChosenRate): Calibration {
  const made = calibrate(
    healthy.map(({ effects }) => effects),
    given,
  );
  return {
    ...made,
    ...limitsOfTables(
      healthy.map(({ tables }) => tables),
      given,
      healthy.length,
    ),
  };
}

/** Those of measures of whole rows. `parts`: how many of the windows are not others drawn again. */
export function limitsOfTables(
  windows: readonly (readonly TableEffect[])[],
  { ofTables }: ChosenRate,
  parts: number,
): Pick<Calibration, 'tables'> {
  const tables = calibrateTables(windows, { perWindow: ofTables, independent: parts });
  return tables === undefined ? {} : { tables };
}

type ChosenRate = {
  /** The share of healthy windows whose columns may drift. */
  readonly perWindow: number;
  /** How many of them make a window drift. */
  readonly drifted: number;
  /** What measures of whole rows have shares of. */
  readonly ofTables: number;
};

/** What is left of a chosen rate to each kind of finding; null: none chosen. */
export function chosenRate(config: MonitorConfig): ChosenRate | null {
  const share = shareOfFalseAlarms(config);
  if (share === null) return null;
  const ofTables = config.segments === undefined ? share : share * (1 - SEGMENTS_SHARE);
  const perWindow = ofTables * (1 - shareOfTables(policyOf(config).tableMeasures));
  return { perWindow, drifted: config.alert.minimum_drifted_columns, ofTables };
}

const PARTS = { window: 'windows', week: 'times of the week', day: 'times of the day' } as const;

function describePeriods(periods: Resampled['periods']): string {
  if (periods === null) return 'resamples of the reference stand for healthy windows, and know of no seasons.';
  const { kind, count, before } = periods;
  const others = before === null ? 'the others' : `the ${before} before it`;
  return `resamples of ${count} ${PARTS[kind]} in the reference, each held against ${others}, stand for healthy windows with their seasons.`;
}

/** As the database gives it back. */
export const stored = (made: StoredCalibration): StoredCalibration => toJson(made) as unknown as StoredCalibration;

async function healthyWindows(ctx: Computing, candidate: Candidate): Promise<HealthyWindow[]> {
  const { model, config } = candidate;
  const span = config.false_alarms?.healthy;
  if (span === undefined) return [];
  const [from, to] = [Date.parse(span.from), Date.parse(span.to)];
  const { lead, windows } = await listHistory(ctx.db, { model, config, count: MOST_HEALTHY, to });
  const inside = windows.filter(({ start }) => start >= from);
  const before = [...lead, ...windows.filter(({ start }) => start < from)];
  return effectsOf(ctx, candidate, { lead: before, windows: inside });
}

/** What a window that is taken for healthy shows, in its columns and in whole rows. */
type HealthyWindow = { readonly effects: readonly HealthyEffect[]; readonly tables: readonly TableEffect[] };

/** What windows that are taken for healthy show, each against those before it; those that cannot be judged show nothing. */
export async function effectsOf(ctx: Computing, candidate: Candidate, history: History): Promise<HealthyWindow[]> {
  const found: HealthyWindow[] = [];
  const judging = { ...candidate, config: passingOverNone(candidate.config) };
  for await (const { judgement } of judgeHistory(ctx, judging, history)) {
    if (judgement !== null && judgement.dataset.verdict !== 'insufficient_data')
      found.push({ effects: healthyEffects(judgement), tables: tableEffects(judgement) });
  }
  return found;
}

/**
 * Windows that are called healthy have not drifted, whatever limits that are still to be made would say of them: passing
 * them over would measure all of them against the first.
 */
function passingOverNone(config: MonitorConfig): MonitorConfig {
  const { reference } = config;
  if (reference === undefined || reference.kind === 'model') return config;
  return { ...config, reference: { ...reference, exclude_fired: false } };
}

async function resamples(ctx: Computing, { model, config, version }: Candidate, perWindow: number) {
  const { profile, unreadable } = referenceProfile(await findVersionProfile(ctx.db, version.id));
  const columns = await resampledColumns(ctx.db, model.id, { profile, config });
  const { windows } = await listHistory(ctx.db, { model, config, count: FEWEST_WINDOWS });
  const sizes = windows.map(({ rows }) => rows).sort((a, b) => a - b);
  const middle = sizes[Math.floor(sizes.length / 2)];
  const windowRows = middle === undefined ? null : Math.max(config.minimum_rows, middle);
  const seed = seedOf(version);
  const seasons = seasonsOf(profile, config);
  const found = await withReferenceFiles(
    ctx,
    { projectId: model.projectId, versionId: version.id, fresh: false },
    (files) =>
      runTask(ctx, 'resample-reference', {
        reference: {
          oid: version.oid,
          files: readableFiles(files, unreadable),
          rows: profile.rows,
        },
        columns,
        seasons,
        trailing: config.reference?.kind === 'trailing' ? config.reference : null,
        policy: policyOf(config),
        resamples: resamplesFor(perWindow),
        windowRows,
        seed,
        memoryBytes: (ctx.config.limits.computeMegabytes / 2) * 2 ** 20,
      }),
  );
  return { ...found, seed };
}

/** The same reference is resampled alike. */
export const seedOf = ({ oid }: Candidate['version']): number => Number.parseInt(oid.slice(0, 8), 16);

export const resamplesFor = (perWindow: number): number =>
  Math.min(MOST_RESAMPLES, Math.max(FEWEST_RESAMPLES, Math.ceil(4 / perWindow)));

/** The judged columns that are logged. */
export async function resampledColumns(
  db: Db,
  modelId: number,
  { profile, config }: { readonly profile: TableProfile; readonly config: MonitorConfig },
): Promise<readonly JudgedColumn[]> {
  const all = judgedColumns(profile, config, (await readBeginnings(db, modelId)).sentSince);
  const begun = all.filter(({ since }) => since !== null);
  // Of a few rows it is not known yet which columns they have: limits that are made for none would be none.
  return begun.length === 0 ? all : begun;
}
