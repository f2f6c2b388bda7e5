import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import { isTidemarkError, type TidemarkError } from '../../errors.ts';
import type { Judgement } from '../../stats/verdict/judgement.ts';
import type { VersionRow } from '../../store/dataset/datasets.ts';
import { findVersionProfile } from '../../store/dataset/profiles.ts';
import { listSettledPredictions } from '../../store/log/batches.ts';
import type { ModelRow } from '../../store/monitor/models.ts';
import type { NamedRevision } from '../../store/monitor/monitors.ts';
import type { MonitorConfig } from '../configuration/config.ts';
import { changeOfLimits } from '../configuration/false-alarms.ts';
import type { AdoptedChange, EarlierWindow } from '../configuration/reference-rule.ts';
import { resolveReferences, type WindowLookup } from '../reference/resolve-reference.ts';
import type { CutWindow } from '../window/row-windows.ts';
import { type Computing, computeReport } from './compute-report.ts';
import type { History } from './history.ts';

/** A configuration that need not be in force, and the version that it pins. */
export type Candidate = {
  readonly model: ModelRow;
  readonly config: MonitorConfig;
  readonly version: VersionRow;
  /** The limits made for it; null where it has its own, and while they are being made. */
  readonly calibration: StoredCalibration | null;
  /** Those made of a change that lasts in its history; where absent, the limits stay those of the beginning. */
  readonly limitsOf?: LimitsOfChange;
};

/** `earlier`: windows that ended by the one that is judged, newest first. Null where none can be made. */
export type LimitsOfChange = (
  change: AdoptedChange,
  earlier: readonly EarlierWindow[],
) => Promise<StoredCalibration | null>;

/** A window of history under a candidate; `failure`: why it cannot be judged. */
export type JudgedHistory = { readonly window: CutWindow } & (
  | { readonly judgement: Judgement; readonly failure: null }
  | { readonly judgement: null; readonly failure: string }
);

/**
 * Judges windows of history under a candidate configuration, in order of time, and writes nothing. What is passed
 * over because it drifted is what drifts under the candidate.
 * @throws TidemarkError `not-ready` while the reference is being profiled, `unreadable-data` when it cannot be.
 */
export async function* judgeHistory(
  ctx: Computing,
  candidate: Candidate,
  history: History,
): AsyncGenerator<JudgedHistory> {
  // What came before the first one is taken for judged and healthy.
  const known: EarlierWindow[] = history.lead.map((window) => ({ ...window, state: 'judged', verdict: null }));
  for (const window of history.windows) {
    const judged = await judgeOne(ctx, candidate, window, lookupIn(known));
    const verdict = judged.judgement?.dataset.verdict ?? 'error';
    known.push({ ...window, state: judged.judgement === null ? 'failed' : 'judged', verdict });
    yield judged;
  }
}

/** `known` is in order of time. */
function lookupIn(known: readonly EarlierWindow[]): WindowLookup {
  return {
    endedBy: async (time) => known.filter(({ end }) => end <= time).toReversed(),
    at: async (starts) => known.filter(({ start }) => starts.includes(start)).toReversed(),
    changeBefore: async () => null,
  };
}

async function judgeOne(
  ctx: Computing,
  { model, config, version, calibration: former, limitsOf }: Candidate,
  window: CutWindow,
  lookup: WindowLookup,
): Promise<JudgedHistory> {
  const span = { start: new Date(window.start), end: new Date(window.end) };
  const through = model.settleSequence;
  const { projectId, id: modelId } = model;
  const question = { projectId, modelId, whose: 'the candidate', window: span, config, through, lookup };
  const references = await resolveReferences(ctx.db, question);
  if ('waitingFor' in references) {
    const { whose, start } = references.waitingFor;
    return failed(window, `The window of ${whose} at ${new Date(start).toISOString()} is not judged yet.`);
  }
  const profile = await findVersionProfile(ctx.db, version.id);
  const batches = await listSettledPredictions(ctx.db, modelId, {
    from: span.start,
    to: span.end,
    throughSequence: through,
    version: config.model_version,
  });
  const change = changeOfLimits(config, references.change ?? null);
  try {
    const made = change === null ? undefined : await limitsOf?.(change, await lookup.endedBy(window.start));
    const calibration = made ?? former;
    const { judgement } = await computeReport(ctx, {
      projectId,
      modelId,
      window: { ...span, revision: 1 },
      rows: window.rows,
      revision: revisionOf(config, version),
      profile,
      batches,
      references,
      calibration,
    });
    return { window, judgement, failure: null };
  } catch (error) {
    if (profile?.state !== 'ready' || !isTidemarkError(error) || !OF_THE_WINDOW.has(error.code)) throw error;
    return failed(window, error.message);
  }
}

const OF_THE_WINDOW: ReadonlySet<TidemarkError['code']> = new Set(['object-corrupt', 'unreadable-data', 'too-large']);

const failed = (window: CutWindow, failure: string): JudgedHistory => ({ window, judgement: null, failure });

/** As if it were in force. It has no number, and nothing refers to it. */
const revisionOf = (config: MonitorConfig, version: VersionRow): NamedRevision => ({
  id: 0,
  monitorId: 0,
  revision: 0,
  effectiveFrom: null,
  config,
  referenceVersionId: version.id,
  referenceOid: version.oid,
  author: null,
  reason: '',
  createdAt: version.createdAt,
  dataset: '',
  version: version.number,
});
