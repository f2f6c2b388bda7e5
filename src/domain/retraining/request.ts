import type { EventData } from '../../../schemas/wire/events.ts';
import type { Context } from '../../context.ts';
import { findVersionById, type VersionRow } from '../../store/dataset/datasets.ts';
import type { Db } from '../../store/postgres/db.ts';
import { insertRunToken, lockRun, updateRun } from '../../store/retraining/retraining.ts';
import { pointerOf } from '../dataset/version-pointer.ts';
import { listFiles } from '../object/version-files.ts';
import { causeOfRun, namedRun, noteRun, runData } from '../run/announce.ts';
import { makeToken, TOKEN_BYTES } from '../run/token.ts';
import type { Derived } from '../snapshot/derive.ts';
import type { LearningSpan, LearntDetail } from '../snapshot/span.ts';
import { linkTo } from '../webhook/link.ts';
import { publishEvent } from '../webhook/publish.ts';

type Requesting = Pick<Context, 'now' | 'newId' | 'publicUrl' | 'randomBytes'>;

const FILES_SHOWN = 100;

/** Said while there is time to do something about it, and not only at the deadline. */
const UNHEARD =
  'Nobody was asked: no webhook takes "retraining.requested" (POST /v1/webhooks); cancel the run and start another';

export type Requested = {
  readonly runId: string;
  readonly span: LearningSpan;
  readonly derived: Derived;
  /** The share of rows that was held out. */
  readonly holdOut: number;
};

/**
 * Asks for the retraining: state, token and message are one transaction. The token itself stands in the message
 * alone; what is kept of it is its digest.
 */
export async function requestRun(tx: Db, ctx: Requesting, given: Requested): Promise<void> {
  const { runId, span, derived, holdOut } = given;
  const { evaluation } = derived;
  const current = await lockRun(tx, runId);
  if (current?.state !== 'preparing') return;
  const now = ctx.now();
  const { token, sha256 } = makeToken(ctx.randomBytes(TOKEN_BYTES));
  await updateRun(tx, runId, {
    state: 'requested',
    derivedVersionId: derived.version.id,
    evaluationVersionId: evaluation?.version.id ?? null,
    updatedAt: now,
  });
  await insertRunToken(tx, { runId, sha256, createdAt: now });
  const run = await namedRun(tx, current);
  const base = await runData(tx, ctx, run);
  const reference = await findVersionById(tx, run.referenceVersionId);
  // Versions are never deleted.
  if (reference === null) throw new Error(`reference version ${run.referenceVersionId} is gone`);
  const at = { project: base.project };
  const data: EventData<'retraining.requested'> = {
    ...base,
    cause: causeOfRun(run),
    reference: await fetchable(tx, ctx, { ...at, dataset: run.reference.dataset, version: reference }),
    training: {
      ...(await fetchable(tx, ctx, { ...at, dataset: derived.dataset, version: derived.version })),
      rows: derived.rows,
      from: span.from.toISOString(),
      to: span.to.toISOString(),
    },
    evaluation:
      evaluation === null ? null : { ...(await fetchable(tx, ctx, { ...at, ...evaluation })), rows: evaluation.rows },
    callback: { url: `${ctx.publicUrl()}/v1/runs/${runId}/events`, token },
    deadline: run.deadlineAt.toISOString(),
  };
  const { projectId } = run;
  const messages = await publishEvent(tx, ctx, { projectId, type: 'retraining.requested', subject: runId, data });
  const training = { dataset: derived.dataset, version: derived.version.number, rows: derived.rows };
  const learnt: LearntDetail = { from: span.from.toISOString(), to: span.to.toISOString(), hold_out: holdOut };
  const unheard = messages.length === 0 && { message: UNHEARD };
  const detail = { training, messages: messages.length, ...learnt, ...unheard };
  await noteRun(tx, ctx, { runId, state: 'requested', author: 'system', detail });
}

async function fetchable(
  tx: Db,
  ctx: Pick<Context, 'publicUrl'>,
  given: { project: string; dataset: string; version: VersionRow },
): Promise<EventData<'retraining.requested'>['reference']> {
  const { project, dataset, version } = given;
  const base = `/datasets/${dataset}/versions/v${version.number}`;
  const files = await listFiles(tx, version, { after: -1, limit: FILES_SHOWN });
  return {
    dataset,
    version: version.number,
    oid: version.oid,
    pointer: pointerOf(version),
    files: files.map(({ path }) => ({
      path,
      url: linkTo(ctx, project, `${base}/files/${path.split('/').map(encodeURIComponent).join('/')}`),
    })),
    archive: linkTo(ctx, project, `${base}/archive`),
  };
}
