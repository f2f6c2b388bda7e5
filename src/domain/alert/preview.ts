import type { Lint } from '../../../schemas/wire/lints.ts';
import type { PreviewRequest } from '../../../schemas/wire/monitors.ts';
import type { Context } from '../../context.ts';
import { findVersionById } from '../../store/dataset/datasets.ts';
import { findVersionProfile } from '../../store/dataset/profiles.ts';
import { findModelById } from '../../store/monitor/models.ts';
import { presentRevision } from '../../store/monitor/monitors.ts';
import { type Actor, requireScope } from '../access/actor.ts';
import { calibrateCandidate } from '../calibration/calibrate.ts';
import { limitsOfChanges } from '../calibration/calibrate-adopted.ts';
import { decideSeasons, knowingSeasons } from '../calibration/knowing-seasons.ts';
import { applyRequest, configOf, defaultConfig } from '../configuration/config.ts';
import { resolveModel } from '../model/resolve.ts';
import { requireColumns, requireOtherMonitor } from '../monitor/create.ts';
import { lintJudgements } from '../monitor/lint-judgements.ts';
import { findNamed } from '../monitor/read.ts';
import { lintCandidate } from '../monitor/read-lints.ts';
import { chooseReference, findReference, requireModelVersion, rolesFor } from '../reference/reference.ts';
import type { Computing } from '../report/compute-report.ts';
import { listHistory } from '../report/history.ts';
import { type Candidate, type JudgedHistory, judgeHistory } from '../report/judge-history.ts';
import { ruleFrom } from './rule.ts';
import { type FedWindow, mostFirst, type SimulatedAlert, simulateAlerts } from './simulate.ts';

export type PreviewQuestion = {
  readonly model: string;
  /** The monitor that would be changed; null for one that would be made. */
  readonly monitor: string | null;
  readonly change: PreviewRequest;
};

type PreviewedWindow = FedWindow & { readonly rows: number; readonly why: string };

export type Preview = {
  readonly windows: readonly PreviewedWindow[];
  readonly alerts: readonly SimulatedAlert[];
  /** Columns by the windows that they drifted in, most first. */
  readonly columns: readonly { readonly name: string; readonly drifted: number }[];
  readonly lints: readonly Lint[];
  readonly complete: boolean;
  readonly why: string;
  /** Event time that the log has come to; null where nothing is logged. */
  readonly watermark: Date | null;
  /** Windows that end by this point count as closed: the watermark less the lateness. */
  readonly closedThrough: Date | null;
};

const WINDOWS = 60;
/** A request is answered with what there is by then. */
const PATIENCE_MILLISECONDS = 60_000;

/**
 * What alerts a configuration would have raised over the windows of the past, and what is wrong with it. Nothing is
 * written.
 * @throws TidemarkError `invalid-body` with a pointer; `not-found`; `conflict` for a reference that cannot be read;
 * `not-ready` while it is being profiled.
 */
export async function previewMonitor(
  ctx: Computing & Pick<Context, 'now'>,
  actor: Actor,
  given: PreviewQuestion,
): Promise<Preview> {
  requireScope(actor, 'monitors:read');
  const plain = await candidateOf(ctx, actor, given);
  const { model, config, version } = plain;
  await requireColumns(ctx.db, config, version);
  await requireOtherMonitor(ctx.db, model, config);
  const calibration = await calibrateCandidate(ctx, plain);
  const candidate = { ...plain, calibration, limitsOf: limitsOfChanges(ctx, plain) };
  const history = await listHistory(ctx.db, { model, config, count: given.change.windows ?? WINDOWS });
  const until = ctx.now().getTime() + PATIENCE_MILLISECONDS;
  const judged: JudgedHistory[] = [];
  let complete = true;
  for await (const one of judgeHistory(ctx, candidate, history)) {
    judged.push(one);
    complete = ctx.now().getTime() < until || judged.length === history.windows.length;
    if (!complete) break;
  }
  const windows = judged.map(previewed);
  const alerts = simulateAlerts(windows, ruleFrom(config));
  const lints = [
    ...(await lintCandidate(ctx.db, {
      modelId: model.id,
      watermark: model.watermark,
      config,
      versionId: version.id,
      windows: windows.map(({ rows, verdict }) => ({ rows, verdict, revision: 1 })),
      compared: null,
      columns: [],
    })),
    ...lintJudgements(judged.flatMap(({ judgement }) => judgement ?? [])),
  ];
  const { watermark } = model;
  const closedThrough = watermark && new Date(watermark.getTime() - config.lateness_seconds * 1000);
  const why = windows.length === 0 ? tellNone(watermark, closedThrough) : tell(windows, alerts);
  return { windows, alerts, columns: columnsOf(windows), lints, complete, why, watermark, closedThrough };
}

async function candidateOf(
  ctx: Pick<Context, 'db' | 'config'>,
  actor: Actor,
  given: PreviewQuestion,
): Promise<Candidate> {
  const { change } = given;
  const model = await resolveModel(ctx.db, actor.projectId, given.model);
  if (given.monitor === null) {
    const { version, roles } = await chooseReference(ctx.db, model, change);
    const asked = applyRequest(defaultConfig({ task: model.task, roles }), change);
    const config = await knowingSeasons(ctx, { asked, given: change, versionId: version.id });
    return { model, version, calibration: null, config };
  }
  const monitor = await findNamed(ctx.db, actor.projectId, given.model, given.monitor);
  const before = await presentRevision(ctx.db, monitor.id);
  const profile = await findVersionProfile(ctx.db, before.referenceVersionId);
  const config = applyRequest(decideSeasons(configOf(before), profile), change);
  await requireModelVersion(ctx.db, model, change.model_version);
  const moved = change.dataset !== undefined || change.ref !== undefined;
  const version = moved
    ? await findReference(ctx.db, actor.projectId, {
        dataset: change.dataset ?? before.dataset,
        ref: change.ref ?? 'latest',
      })
    : await findVersionById(ctx.db, before.referenceVersionId);
  if (version === null) throw new Error(`reference version ${before.referenceVersionId} is gone`);
  // Read last: what it says has settled is what is judged.
  const current = (await findModelById(ctx.db, model.id)) ?? model;
  if (version.id === before.referenceVersionId) return { model: current, version, config, calibration: null };
  return {
    model: current,
    version,
    calibration: null,
    config: { ...config, roles: await rolesFor(ctx.db, model, version.id) },
  };
}

function previewed({ window, judgement, failure }: JudgedHistory): PreviewedWindow {
  const { start, end, rows } = window;
  if (judgement === null) return { start, end, rows, verdict: 'error', why: failure, driftedColumns: [] };
  const driftedColumns = judgement.columns.filter(({ verdict }) => verdict === 'drift').map(({ name }) => name);
  return { start, end, rows, verdict: judgement.dataset.verdict, why: judgement.dataset.why, driftedColumns };
}

function columnsOf(windows: readonly PreviewedWindow[]): Preview['columns'] {
  const counts = new Map<string, number>();
  for (const name of windows.flatMap(({ driftedColumns }) => driftedColumns)) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return mostFirst(counts).map((name) => ({ name, drifted: counts.get(name) ?? 0 }));
}

const day = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ');

function tellNone(watermark: Date | null, closedThrough: Date | null): string {
  if (watermark === null || closedThrough === null) return 'Nothing is logged that windows could be made of.';
  const seen = `Events have been seen up to ${watermark.toISOString()}`;
  return `${seen}; less the lateness, windows that end by ${closedThrough.toISOString()} have closed, and no prediction lies in one of those.`;
}

function tell(windows: readonly PreviewedWindow[], alerts: readonly SimulatedAlert[]): string {
  const [first] = windows;
  const last = windows.at(-1);
  if (first === undefined || last === undefined) return '';
  const drifted = windows.filter(({ verdict }) => verdict === 'drift').length;
  const judged = windows.filter(({ verdict }) => verdict === 'drift' || verdict === 'no_drift').length;
  const span = `${windows.length} windows from ${day(first.start)} to ${day(last.end)}`;
  const found = `Of ${span}, ${judged} can be judged and ${drifted} drift.`;
  if (alerts.length === 0) return `${found} No alert would have fired.`;
  const named = alerts
    .slice(0, 3)
    .map(({ firedAt, columns }) => `at ${day(firedAt)} for ${columns.slice(0, 3).join(', ')}`);
  const more = alerts.length > named.length ? `, and ${alerts.length - named.length} more` : '';
  return `${found} ${alerts.length === 1 ? '1 alert' : `${alerts.length} alerts`} would have fired: ${named.join('; ')}${more}.`;
}
