import { createHash } from 'node:crypto';
import type { RunReport } from '../../../schemas/wire/retraining.ts';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import { findAnswer, rememberAnswer } from '../../store/access/access.ts';
import { enqueue } from '../../store/jobs/jobs.ts';
import { type Db, transact } from '../../store/postgres/db.ts';
import { findPolicyById } from '../../store/retraining/policies.ts';
import {
  findRunToken,
  insertRunToken,
  lockRun,
  type RunRow,
  type RunState,
  updateRun,
  useRunToken,
} from '../../store/retraining/retraining.ts';
import { refuseInDeleted } from '../access/deleted-project.ts';
import { resolveVersion } from '../dataset/resolve.ts';
import { configOf } from '../policy/policy.ts';
import { promote } from '../promotion/promote.ts';
import { registerModel } from '../promotion/register.ts';
import { announceCancellation, announceFailure, announceSuccess, metricsOf, noteRun } from '../run/announce.ts';
import { isLiving, mayReport } from '../run/run.ts';
import { makeToken, TOKEN_BYTES, tokenDigest } from '../run/token.ts';

type Reporting = Pick<Context, 'db' | 'now' | 'newId' | 'publicUrl' | 'randomBytes' | 'secrets'>;

export type Callback = {
  readonly run: string;
  /** The token as it came; null when none did. */
  readonly token: string | null;
  readonly idempotencyKey: string | null;
  readonly report: Omit<RunReport, 'token'>;
};

export type CallbackAnswer = {
  readonly run: string;
  readonly state: RunState;
  /** For the next report; null once the run has ended. */
  readonly nextToken: string | null;
};

/**
 * Takes what a retraining pipeline reports of its run. The token is the only proof it has and is used up by the
 * report; the answer carries the next one. With an idempotency key a report may be repeated when its answer was
 * lost, and gets that answer again.
 * @throws TidemarkError `unauthenticated` for a token that is none of this run's, `token-used`, `conflict` for a
 * state that the run cannot go to, `idempotency-key-reused`, `gone` where the project was deleted.
 */
export async function reportRun(ctx: Reporting, callback: Callback): Promise<CallbackAnswer> {
  return transact(ctx.db, async (tx) => {
    const run = await lockRun(tx, callback.run);
    const sha256 = callback.token === null ? null : tokenDigest(callback.token);
    const token = run === null || sha256 === null ? null : await findRunToken(tx, run.id, sha256);
    if (run === null || sha256 === null || token === null) {
      throw new TidemarkError(
        'unauthenticated',
        `The token is ${sha256 === null ? 'missing' : 'not one of this run'}: send that of the request, or of the last answer, as "Authorization: Bearer tmr_...".`,
      );
    }
    await refuseInDeleted(tx, run.projectId);
    const first = await findFirst(tx, ctx, { run, callback, sha256 });
    if (first !== null) return first;
    if (token.usedAt !== null) {
      throw new TidemarkError('token-used', 'The token has been used; each answer carries the next one.');
    }
    await useRunToken(tx, sha256, ctx.now());
    const answer = await advance(tx, ctx, { run, report: callback.report });
    await remember(tx, ctx, { run, callback, sha256, answer });
    return answer;
  });
}

async function advance(
  tx: Db,
  ctx: Reporting,
  { run, report }: { run: RunRow; report: Callback['report'] },
): Promise<CallbackAnswer> {
  const { state } = report;
  if (!mayReport(run.state, state)) {
    throw new TidemarkError('conflict', tooLate(run.state, state), { details: { state: run.state } });
  }
  const moved = await updateRun(tx, run.id, {
    state,
    updatedAt: ctx.now(),
    metrics: { ...metricsOf(run), ...report.metrics },
    ...(report.external_url === undefined ? {} : { externalUrl: report.external_url }),
    ...(report.progress === undefined ? {} : { progress: report.progress }),
    ...(report.cost === undefined ? {} : { cost: report.cost }),
    ...(state === 'failed' ? { error: report.message ?? 'The pipeline reported a failure.' } : {}),
    ...(state === 'cancelled' ? { error: report.message ?? 'The pipeline was cancelled.' } : {}),
  });
  const { state: _, ...detail } = report;
  await noteRun(tx, ctx, { runId: run.id, state, author: 'pipeline', detail });
  if (state === 'failed') await announceFailure(tx, ctx, run);
  if (state === 'cancelled') await announceCancellation(tx, ctx, { run, author: 'pipeline' });
  const ended = state === 'succeeded' ? await succeed(tx, ctx, { run: moved, report }) : state;
  return { run: run.id, state: ended, nextToken: isLiving(ended) ? await nextToken(tx, ctx, run.id) : null };
}

/** Why a report is refused, and what becomes of a model that was made all the same. */
function tooLate(from: RunState, to: string): string {
  const refused = `The run is ${from.replaceAll('_', ' ')} and cannot become ${to}; runs only go forward.`;
  if (to !== 'succeeded' || isLiving(from)) return refused;
  return (
    `${refused} What it has made can be bound by POST /v1/models/{model}/versions and put into service by ` +
    'POST /v1/models/{model}/versions/{version}/promote.'
  );
}

/** Registers the model as a challenger, and promotes it where the policy says so. */
async function succeed(
  tx: Db,
  ctx: Reporting,
  { run, report }: { run: RunRow; report: Callback['report'] },
): Promise<RunState> {
  const modelVersionId = await registerModel(tx, { run, given: report.model_version ?? {} });
  const answers = report.evaluation === undefined ? null : await answersOf(tx, run, report.evaluation);
  const done = await updateRun(tx, run.id, { modelVersionId, answersVersionId: answers?.id ?? null });
  await announceSuccess(tx, ctx, run);
  if (answers !== null) await enqueue(tx, { name: 'compare-run', key: `run:${run.id}`, payload: { runId: run.id } });
  const policy = await findPolicyById(tx, run.policyId);
  if (policy === null || configOf(policy).promote !== 'auto') return 'succeeded';
  await promote(tx, ctx, { run: done, effectiveFrom: null, author: `policy:${policy.name}` });
  return 'promoted';
}

/** @throws TidemarkError `not-found`. */
function answersOf(tx: Db, run: RunRow, { dataset, ref }: { dataset: string; ref?: string | undefined }) {
  return resolveVersion(tx, run.projectId, dataset, ref ?? 'latest');
}

async function nextToken(tx: Db, ctx: Reporting, runId: string): Promise<string> {
  const { token, sha256 } = makeToken(ctx.randomBytes(TOKEN_BYTES));
  await insertRunToken(tx, { runId, sha256, createdAt: ctx.now() });
  return token;
}

type Kept = { readonly run: RunRow; readonly callback: Callback; readonly sha256: string };

/** Callers' keys are theirs: a run has its own space of them. */
const keyOf = ({ run, callback }: Kept): string => `run/${run.id}/${callback.idempotencyKey}`;

const digestOf = ({ callback, sha256 }: Kept): string =>
  createHash('sha256')
    .update(JSON.stringify([sha256, callback.report]))
    .digest('hex');

/** The answer that was given to the same report under the same key; null when there was none. */
async function findFirst(tx: Db, ctx: Reporting, kept: Kept): Promise<CallbackAnswer | null> {
  if (kept.callback.idempotencyKey === null) return null;
  const first = await findAnswer(tx, kept.run.projectId, keyOf(kept));
  if (first === null) return null;
  if (first.bodySha256 !== digestOf(kept)) {
    throw new TidemarkError('idempotency-key-reused', 'The idempotency key came before with another report or token.');
  }
  // Written below and nowhere else under this key.
  const { sealed } = first.answer as { sealed: string };
  const text = Buffer.from(ctx.secrets.open(Buffer.from(sealed, 'base64'), keyOf(kept))).toString('utf8');
  return JSON.parse(text) as CallbackAnswer;
}

/** The answer holds a token, so it is kept sealed. */
async function remember(tx: Db, ctx: Reporting, kept: Kept & { readonly answer: CallbackAnswer }): Promise<void> {
  if (kept.callback.idempotencyKey === null) return;
  const sealed = ctx.secrets.seal(Buffer.from(JSON.stringify(kept.answer)), keyOf(kept));
  await rememberAnswer(tx, {
    projectId: kept.run.projectId,
    key: keyOf(kept),
    route: 'POST /v1/runs/{run}/events',
    bodySha256: digestOf(kept),
    status: 200,
    answer: { sealed: Buffer.from(sealed).toString('base64') },
    createdAt: ctx.now(),
  });
}
