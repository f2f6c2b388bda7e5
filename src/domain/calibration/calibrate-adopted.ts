import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import { calibrate, FEWEST_WINDOWS } from '../../stats/verdict/calibration.ts';
import { findVersionById } from '../../store/dataset/datasets.ts';
import { findVersionProfile } from '../../store/dataset/profiles.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { listSettledPredictions } from '../../store/log/batches.ts';
import { droppedWithin } from '../../store/log/log-retention.ts';
import { findCalibration, findNewestCalibration, insertAdoptedCalibration } from '../../store/monitor/calibrations.ts';
import { findModelById } from '../../store/monitor/models.ts';
import { findMonitorById, findRevisionById } from '../../store/monitor/monitors.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { configOf } from '../configuration/config.ts';
import { policyOf } from '../configuration/policy.ts';
import { type AdoptedChange, type EarlierWindow, windowsOfChange } from '../configuration/reference-rule.ts';
import { type WindowBatch, withBatchFiles } from '../reference/batch-files.ts';
import { storedWindows } from '../reference/resolve-reference.ts';
import { type Computing, referenceProfile } from '../report/compute-report.ts';
import type { Candidate, LimitsOfChange } from '../report/judge-history.ts';
import { limitsOf } from '../report/judge-window.ts';
import { runTask } from '../tasks.ts';
import {
  calibration,
  chosenRate,
  effectsOf,
  judgeReady,
  limitsOfTables,
  ofHealthy,
  resampledColumns,
  resamplesFor,
  seedOf,
  stored,
} from './calibrate.ts';

/**
 * Above the middle: of seven or eight windows the upper fifth is one, and a tail made of one says nothing. So made, the
 * limits of seven windows let 1 to 4 % of healthy ones drift where 3 % were chosen, whether windows differ or not.
 */
const MIDDLE = 0.5;

/**
 * Job: makes the limits of a configuration anew of a change that lasted so long that it is what is normal. The windows that
 * begin after it wait for them; run twice, the first result stays. Where none of its rows are left, the former limits stay.
 */
export async function calibrateAdopted(
  ctx: Computing,
  { revisionId, ...change }: AdoptedChange & { readonly revisionId: number },
): Promise<void> {
  const { since } = change;
  const revision = await findRevisionById(ctx.db, revisionId);
  const monitor = revision === null ? null : await findMonitorById(ctx.db, revision.monitorId);
  if (revision === null || monitor === null || (await findCalibration(ctx.db, revisionId, since)) !== null) return;
  const profile = await findVersionProfile(ctx.db, revision.referenceVersionId);
  if (profile === null || profile.state === 'pending') {
    await enqueue(ctx.db, { ...limitsOf(revisionId, change), delaySeconds: 2 });
    return;
  }
  // Windows fail with the reason why it cannot be read.
  if (profile.state !== 'ready') return;
  const model = await findModelById(ctx.db, monitor.modelId);
  const version = await findVersionById(ctx.db, revision.referenceVersionId);
  if (model === null || version === null) throw new Error(`model or reference of monitor ${monitor.id} vanished`);
  const earlier = await storedWindows(ctx.db, monitor.id).endedBy(change.until);
  const candidate = { model, config: configOf(revision), version, calibration: null };
  const made =
    (await calibrateChange(ctx, candidate, { change, earlier })) ??
    asBefore(await formerLimits(ctx.db, revisionId, change), change);
  // Windows that wait ask for these again.
  if (made === null) {
    await enqueue(ctx.db, calibration(revisionId));
    return;
  }
  await transact(ctx.db, async (tx) => {
    await insertAdoptedCalibration(tx, { revisionId, since, body: made });
    await judgeReady(tx, monitor.id);
  });
}

const named = ({ since, until }: AdoptedChange) => ({
  since: new Date(since).toISOString(),
  until: new Date(until).toISOString(),
});

/** Those that limits made anew take the place of are the newest, which are of the change. */
const formerLimits = (db: Db, revisionId: number, { renewed }: AdoptedChange): Promise<StoredCalibration | null> =>
  renewed === true ? findNewestCalibration(db, revisionId) : findCalibration(db, revisionId, null);

function asBefore(former: StoredCalibration | null, change: AdoptedChange): StoredCalibration | null {
  const why = 'No rows of the change that became what is normal are left to make limits of: those of before stay.';
  return former && { ...former, ...named(change), why };
}

type Change = {
  readonly change: AdoptedChange;
  /** Windows that ended by when the change had lasted, newest first. */
  readonly earlier: readonly EarlierWindow[];
};

/**
 * The calibration of a configuration, of the windows of a change alone: as they are judged against each other where enough
 * of them can be, else of windows drawn from them. The first of a change is left out, as that may have come within it. A function
 * of what is logged, the reference, the configuration and the change. Null where no rate was chosen or no rows are left.
 * @throws TidemarkError `not-ready` while the reference is being profiled, `unreadable-data`, `object-corrupt`.
 */
async function calibrateChange(
  ctx: Computing,
  candidate: Candidate,
  { change, earlier }: Change,
): Promise<StoredCalibration | null> {
  const { config } = candidate;
  const given = chosenRate(config);
  if (given === null || config.reference?.kind !== 'trailing') return null;
  const all = windowsOfChange(config.reference, change, earlier);
  const windows = all.length > 1 && change.renewed !== true ? all.slice(1) : all;
  const healthy = windows.length < FEWEST_WINDOWS ? [] : await effectsOf(ctx, candidate, { lead: [], windows });
  if (healthy.length >= FEWEST_WINDOWS) {
    const why = `${healthy.length} windows of a change that became what is normal were judged against those before them.`;
    const made = ofHealthy(healthy, given);
    return stored({ ...made, source: 'healthy-windows', seed: null, windowRows: null, why, ...named(change) });
  }
  const found = await drawFrom(ctx, candidate, { windows: apart(windows), perWindow: given.perWindow });
  if (found === null) return null;
  const { windows: drawn, periods, independent, windowRows, seed, tables, parts } = found;
  const source = periods === null ? 'resamples' : 'adopted-windows';
  const why =
    periods === null
      ? 'resamples of the rows of a change that became what is normal stand for healthy windows.'
      : `resamples of ${periods.count} windows of a change that became what is normal, each held against ${periods.before === null ? 'the others' : `the ${periods.before} before it`}, stand for healthy windows.`;
  const tail = periods === null ? {} : { tailFrom: MIDDLE };
  return stored({
    ...calibrate(drawn, { ...given, independent, ...tail }),
    ...limitsOfTables(tables, given, parts),
    source,
    seed,
    windowRows,
    why,
    ...named(change),
  });
}

/** The limits of the changes in the history of a candidate, each made once. */
export function limitsOfChanges(ctx: Computing, candidate: Candidate): LimitsOfChange {
  const made = new Map<number, Promise<StoredCalibration | null>>();
  return (change, earlier) => {
    const known = made.get(change.since) ?? calibrateChange(ctx, candidate, { change, earlier });
    made.set(change.since, known);
    return known;
  };
}

/** Those that share no rows. */
function apart(windows: readonly EarlierWindow[]): EarlierWindow[] {
  const taken: EarlierWindow[] = [];
  for (const window of windows) if (window.start >= (taken.at(-1)?.end ?? window.start)) taken.push(window);
  return taken;
}

async function drawFrom(
  ctx: Computing,
  { model, config, version }: Candidate,
  given: { readonly windows: readonly EarlierWindow[]; readonly perWindow: number },
) {
  const { profile } = referenceProfile(await findVersionProfile(ctx.db, version.id));
  const columns = await resampledColumns(ctx.db, model.id, { profile, config });
  const left: (EarlierWindow & { readonly batches: readonly WindowBatch[] })[] = [];
  for (const window of given.windows) {
    const span = { from: new Date(window.start), to: new Date(window.end) };
    const asked = { ...span, throughSequence: model.settleSequence, version: config.model_version };
    const batches = await listSettledPredictions(ctx.db, model.id, asked);
    // Asked last: the list would lack what is let go in between.
    if ((await droppedWithin(ctx.db, model.id, span)) === null) left.push({ ...window, batches });
  }
  const sizes = left.map(({ rows }) => rows).sort((a, b) => a - b);
  const middle = sizes[Math.floor(sizes.length / 2)];
  if (middle === undefined) return null;
  const trailing = config.reference?.kind === 'trailing' ? config.reference : null;
  const windowRows = Math.max(config.minimum_rows, middle);
  const seed = seedOf(version);
  const oids = left.flatMap(({ batches }) => batches.map(({ oid }) => oid));
  const found = await withBatchFiles(ctx, { projectId: model.projectId, oids }, (files) => {
    const rest = [...files];
    const windows = left.map(({ start, end, batches }) => ({
      span: { start, end },
      batches: rest.splice(0, batches.length).map((file, i) => ({ file, repeats: batches[i]?.repeats ?? null })),
    }));
    return runTask(ctx, 'resample-reference', {
      reference: { windows, against: windowRows * (trailing?.windows ?? 1) },
      columns,
      seasons: null,
      trailing,
      policy: policyOf(config),
      resamples: resamplesFor(given.perWindow),
      windowRows,
      seed,
      memoryBytes: (ctx.config.limits.computeMegabytes / 2) * 2 ** 20,
    });
  });
  return { ...found, seed };
}
