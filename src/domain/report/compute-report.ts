import type { StoredCalibration } from '../../../schemas/wire/calibrations.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { TableProfile } from '../../stats/profile.ts';
import { SLICES_METHOD, type SlicesMethod } from '../../stats/table/drift-slices.ts';
import type { JudgeMethod } from '../../stats/verdict/judge-method.ts';
import type { Judgement, JudgePolicy } from '../../stats/verdict/judgement.ts';
import type { VersionProfileRow } from '../../store/dataset/profiles.ts';
import type { NamedRevision } from '../../store/monitor/monitors.ts';
import { type CountedBatch, findCountedBatches } from '../../store/monitor/reports.ts';
import { type Json, toJson } from '../canonical.ts';
import { configOf, type MonitorConfig } from '../configuration/config.ts';
import { type JudgedColumn, judgedColumns } from '../configuration/judged-columns.ts';
import { policyOf } from '../configuration/policy.ts';
import { segmentKeys, segmentsPolicy } from '../configuration/segments-config.ts';
import type { LocalBatch } from '../log/arrange/local-batch.ts';
import {
  beginningsByFirstBatch,
  middleSequence,
  readBeginnings,
  violatedAllAlong,
} from '../log/prepare/logged-columns.ts';
import { readableFiles } from '../object/materialize.ts';
import { storedProfile } from '../profile/stored-profile.ts';
import { type WindowBatch, withBatchFiles } from '../reference/batch-files.ts';
import { withReferenceFiles } from '../reference/reference-files.ts';
import type { ReferenceRows, References } from '../reference/resolve-reference.ts';
import { runTask } from '../tasks.ts';
import type { JudgeTaskInput, JudgeTaskOutput } from './judge-task.ts';
import { type EvidenceMethod, mergeViolations, reportBody, type Violation } from './report.ts';
import { type SegmentVerdict, segmentVerdicts, withSegments } from './segments-body.ts';

export type ReportSource = {
  readonly projectId: number;
  readonly modelId: number;
  readonly window: { readonly start: Date; readonly end: Date; readonly revision: number };
  /** Rows to plan by. */
  readonly rows: number;
  readonly revision: NamedRevision;
  /** What is known of the reference. */
  readonly profile: VersionProfileRow | null;
  /** In order of settlement. */
  readonly batches: readonly WindowBatch[];
  /** The rows it is compared with, where that is not the pinned version alone. */
  readonly references: References;
  /** The limits that were made for the configuration; null where it has its own. */
  readonly calibration: StoredCalibration | null;
  /** Read every byte again, past all that is kept in memory or on the local disk. */
  readonly fresh?: boolean;
  /** The way of judging of a report that is computed again; the present one when absent. */
  readonly method?: JudgeMethod;
  /** The way of telling of its rows; the present one when absent. */
  readonly evidence?: EvidenceMethod;
  /** Also look for the conditions that carry most of the drift. */
  readonly slices?: boolean;
  /** The way of looking for them; the present one when absent. */
  readonly slicesMethod?: SlicesMethod;
};

export type ComputedReport = {
  readonly body: Json;
  readonly judgement: Judgement;
  readonly rows: number;
  /** The batches that gave rows: with the reference and the revision, the whole input. */
  readonly inputs: readonly WindowBatch[];
  /** Rows that each of them gave. */
  readonly batchRows: readonly number[];
  /** Of its segments, where any were asked for. */
  readonly segments: readonly SegmentVerdict[];
  readonly violations: readonly Violation[];
  /** `column code` of the violations that are nothing new. */
  readonly violatedAllAlong: ReadonlySet<string>;
  /** The batches that gave rows to compare with. */
  readonly references: References;
};

export type Computing = Pick<Context, 'config' | 'db' | 'remote' | 'log' | 'compute'>;

/**
 * Judges a window from the bytes of its reference and its batches. The answer is a function of the source alone.
 * @throws TidemarkError `not-ready` while the reference is being profiled, `unreadable-data`, `object-corrupt`.
 */
export async function computeReport(ctx: Computing, source: ReportSource): Promise<ComputedReport> {
  const { revision, window, references } = source;
  const config = configOf(revision);
  const { profile, unreadable } = referenceProfile(source.profile);
  const { evidence = 'evidence@2' } = source;
  const beginnings = await readBeginnings(ctx.db, source.modelId);
  const { sentSince } = evidence === 'evidence@1' ? await beginningsByFirstBatch(ctx.db, source.modelId) : beginnings;
  const columns = judgedColumns(profile, config, sentSince);
  const counted = await findCountedBatches(
    ctx.db,
    source.batches.map(({ batchId }) => batchId),
  );
  const batchGiven = { projectId: source.projectId, oids: source.batches.map(({ oid }) => oid) };
  const { main, previous } = await withBatchFiles(ctx, batchGiven, async (files) => {
    const subject = { source, columns, counted, files };
    return {
      main:
        references.rows === null
          ? await judgePinned(ctx, subject, { rows: profile.rows, unreadable })
          : await judgeRows(ctx, subject, references.rows),
      previous:
        references.previous === null ? null : await judgeRows(ctx, { ...subject, alone: true }, references.previous),
    };
  });
  const judgement = withSegments(saying(main.judgement, references.rows), main.segments);
  const inputs = takenOf(source.batches, main.batchRows);
  const rows = inputs.reduce((sum, part) => sum + part.rows, 0);
  const compared = references.rows && {
    ...references.rows,
    inputs: takenOf(references.rows.batches, main.referenceRows),
  };
  const before = references.previous && {
    ...references.previous,
    inputs: takenOf(references.previous.batches, previous?.referenceRows ?? []),
  };
  const violations = mergeViolations(
    source.batches.flatMap(({ batchId }, i): readonly Violation[] => {
      const taken = main.batchRows[i] ?? 0;
      const known = counted.get(batchId);
      if (taken === 0 || known === undefined) return [];
      return evidence === 'evidence@1' ? violationsOf(known) : (main.violations[i] ?? leastViolations(known, taken));
    }),
  );
  const body = reportBody({
    window: { ...window, rows },
    reference: { dataset: revision.dataset, version: revision.version, oid: revision.referenceOid, rows: profile.rows },
    compared,
    configuration: {
      revision: revision.revision,
      effectiveFrom: revision.effectiveFrom,
      config,
      calibration: source.calibration,
    },
    profileFormat: profile.format,
    evidence,
    slicesMethod: source.slicesMethod ?? SLICES_METHOD,
    inputs,
    judgement,
    ...(config.segments !== undefined && { segments: main.segments }),
    ...(config.compare_previous === true && {
      previous: before && previous && { ...before, judgement: previous.judgement },
    }),
    violations,
  });
  const batchesOf = (taken: readonly TakenBatch[]) => taken.map(({ batch }) => batch);
  return {
    body: toJson(body),
    judgement,
    rows,
    inputs: batchesOf(inputs),
    batchRows: inputs.map((taken) => taken.rows),
    segments: segmentVerdicts(main.segments),
    violations,
    violatedAllAlong: violatedAllAlong(violations, beginnings, settledSpan(inputs, counted)),
    references: {
      rows: references.rows && { ...references.rows, batches: batchesOf(compared?.inputs ?? []) },
      previous: references.previous && { ...references.previous, batches: batchesOf(before?.inputs ?? []) },
    },
  };
}

/** Without the windows that it is to be compared with there are no rows, and that is what is to be said. */
function saying(judgement: Judgement, reference: ReferenceRows | null): Judgement {
  if (reference?.lacking === undefined) return judgement;
  const { found, needed } = reference.lacking;
  const why = `A verdict takes ${needed} windows to compare with, and ${found} ${found === 1 ? 'is' : 'are'} there.`;
  return { ...judgement, dataset: { ...judgement.dataset, why } };
}

/** A batch that gave rows. */
type TakenBatch = { readonly batch: WindowBatch; readonly rows: number };

const takenOf = (batches: readonly WindowBatch[], rows: readonly number[]): TakenBatch[] =>
  batches.map((batch, i) => ({ batch, rows: rows[i] ?? 0 })).filter((taken) => taken.rows > 0);

/** A window, and where its batches can be read. */
type Subject = {
  readonly source: ReportSource;
  readonly columns: readonly JudgedColumn[];
  readonly counted: ReadonlyMap<number, CountedBatch>;
  readonly files: readonly LocalBatch[];
  /** Without its segments. */
  readonly alone?: boolean;
};

async function judgePinned(
  ctx: Computing,
  subject: Subject,
  known: { readonly rows: number; readonly unreadable: ReadonlySet<string> },
): Promise<JudgeTaskOutput> {
  const { projectId, revision, fresh = false } = subject.source;
  return withReferenceFiles(ctx, { projectId, versionId: revision.referenceVersionId, fresh }, (files) => {
    const readable = readableFiles(files, known.unreadable);
    return judgeAgainst(ctx, subject, { oid: revision.referenceOid, files: readable, rows: known.rows, fresh });
  });
}

async function judgeRows(ctx: Computing, subject: Subject, reference: ReferenceRows): Promise<JudgeTaskOutput> {
  const given = { projectId: subject.source.projectId, oids: reference.batches.map(({ oid }) => oid) };
  const spans = reference.windows.map(({ start, end }) => ({ start, end }));
  const rows = reference.windows.reduce((sum, window) => sum + window.rows, 0);
  return withBatchFiles(ctx, given, (files) =>
    judgeAgainst(ctx, subject, { batches: batchFiles(reference.batches, files), spans, rows }),
  );
}

const batchFiles = (batches: readonly WindowBatch[], files: readonly LocalBatch[]) =>
  files.map((file, i) => ({ file, repeats: batches[i]?.repeats ?? null }));

function judgeAgainst(
  ctx: Computing,
  { source, columns, counted, files, alone = false }: Subject,
  reference: JudgeTaskInput['reference'],
): Promise<JudgeTaskOutput> {
  const { window, batches, rows, revision } = source;
  const config = configOf(revision);
  const policy = policyOf(config, source.calibration, source.method);
  return runTask(ctx, 'judge-window', {
    reference,
    columns,
    batches: batchFiles(batches, files).map((file, i) => ({ ...file, sequence: sequenceOf(batches[i], counted) })),
    rows,
    span: { start: window.start.getTime(), end: window.end.getTime() },
    policy: {
      ...policy,
      ...(source.slices !== undefined && { slices: source.slices }),
      ...(source.slicesMethod !== undefined && { slicesMethod: source.slicesMethod }),
    },
    segments: alone ? null : segmentsOf(config, source, policy),
    memoryBytes: (ctx.config.limits.computeMegabytes / 2) * 2 ** 20,
  });
}

/** What is asked of segments; null where nothing is. */
function segmentsOf(
  { segments }: MonitorConfig,
  { profile }: ReportSource,
  policy: JudgePolicy,
): JudgeTaskInput['segments'] {
  if (segments === undefined) return null;
  const keys = segmentKeys({ segments }, referenceProfile(profile).profile);
  return { keys, most: segments.most, policy: segmentsPolicy(policy, segments) };
}

export type ReferenceProfile = { readonly profile: TableProfile; readonly unreadable: ReadonlySet<string> };

/**
 * What is known of a reference. Files that could not be read when it was profiled are no part of it.
 * @throws TidemarkError `not-ready`, `unreadable-data`.
 */
export function referenceProfile(known: VersionProfileRow | null): ReferenceProfile {
  if (known === null || known.state === 'pending') {
    throw new TidemarkError('not-ready', 'The reference is still being profiled.', { retryAfter: 2 });
  }
  if (known.state !== 'ready') {
    // Profiling writes these members, and nothing else does.
    const failure = known.error as { readonly message?: string } | null;
    throw new TidemarkError('unreadable-data', `The reference cannot be read: ${failure?.message ?? known.state}`);
  }
  const notes = known.error as { readonly failed?: readonly { readonly path?: string }[] } | null;
  const unreadable = new Set((notes?.failed ?? []).flatMap(({ path }) => (path === undefined ? [] : [path])));
  return { profile: storedProfile(known.profile), unreadable };
}

const sequenceOf = (batch: WindowBatch | undefined, counted: ReadonlyMap<number, CountedBatch>): number =>
  counted.get(batch?.batchId ?? 0)?.sequence ?? 0;

function settledSpan(inputs: readonly TakenBatch[], counted: ReadonlyMap<number, CountedBatch>) {
  const parts = inputs.map(({ batch, rows }) => ({ rows, sequence: sequenceOf(batch, counted) }));
  return { first: parts[0]?.sequence ?? 0, middle: middleSequence(parts) };
}

/** Each batch was stored with the violations that its parser counted. */
const violationsOf = ({ violations }: CountedBatch): readonly Violation[] => violations as readonly Violation[];

/**
 * Of a batch that does not keep which of its rows broke something: as many as must be among those taken, whichever they
 * are. It is all of them where every row did, or where the batch lies wholly in the window.
 */
function leastViolations(batch: CountedBatch, taken: number): Violation[] {
  return violationsOf(batch).flatMap((violation) => {
    const count = taken - (batch.rows - violation.count);
    return count > 0 ? [{ ...violation, count }] : [];
  });
}
