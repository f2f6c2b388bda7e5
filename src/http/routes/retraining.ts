import { z } from 'zod';
import {
  approvalRequest,
  cancellation,
  declineRequest,
  promotionRequest,
  rollbackRequest,
  runAnswer,
  runDetail,
  runQuery,
  runReport,
  runRequest,
  runView,
} from '../../../schemas/wire/retraining.ts';
import { addressedShape, pageOf } from '../../../schemas/wire/shapes.ts';
import { promoteRun } from '../../domain/promotion/promote.ts';
import { rollBackRun } from '../../domain/promotion/rollback.ts';
import { approveRun, declineRun } from '../../domain/retraining/approve.ts';
import { reportRun } from '../../domain/retraining/callback.ts';
import { startRun } from '../../domain/retraining/start.ts';
import { cancelRun } from '../../domain/run/cancel.ts';
import { readRun, readRuns } from '../../domain/run/runs.ts';
import { keyOf } from '../auth.ts';
import { readIdCursor, writeIdCursor } from '../cursor.ts';
import { type App, route } from '../route.ts';
import { idempotencyKeyOf } from '../upload.ts';
import { viewRun, viewRunDetail } from '../views/retraining.ts';
import { policyRoutes } from './policies.ts';
import { registryRoutes } from './registries.ts';

const tag = 'retraining';
const runParam = z.strictObject({ run: addressedShape });

/** When models are retrained, and what became of it. */
export function retrainingRoutes(app: App): void {
  policyRoutes(app);
  approvalRoutes(app);
  endRoutes(app);
  runRoutes(app);
  callbackRoute(app);
  registryRoutes(app);
}

function runRoutes(app: App): void {
  route(
    app,
    {
      id: 'listRuns',
      method: 'get',
      path: '/v1/runs',
      tag,
      summary: 'List retraining runs, newest first',
      scope: 'retraining:read',
      query: runQuery,
      answers: { 200: { description: 'A page of runs', schema: pageOf(runView) } },
    },
    async ({ ctx, actor, query }) => {
      const { items, next } = await readRuns(ctx, actor, { ...query, cursor: readIdCursor(query.cursor, 'run') });
      return { status: 200, body: { items: items.map(viewRun), next: writeIdCursor(next) } };
    },
  );
  route(
    app,
    {
      id: 'getRun',
      method: 'get',
      path: '/v1/runs/{run}',
      tag,
      summary: 'A run with its history and its messages',
      scope: 'retraining:read',
      params: runParam,
      answers: { 200: { description: 'The run', schema: runDetail } },
    },
    async ({ ctx, actor, params }) => ({ status: 200, body: viewRunDetail(await readRun(ctx, actor, params.run)) }),
  );
  route(
    app,
    {
      id: 'startRun',
      method: 'post',
      path: '/v1/runs',
      tag,
      summary: 'Start a run of a policy now',
      description:
        'It needs no approval. A run under way, the limits of the policy and a stop of all retraining hold it back, nothing else does. Takes an Idempotency-Key.',
      scope: 'retraining:write',
      body: runRequest,
      idempotent: true,
      answers: { 202: { description: 'The run', schema: runDetail } },
    },
    async ({ c, ctx, actor, body }) => {
      const id = await startRun(ctx, actor, { policy: body.policy, idempotencyKey: idempotencyKeyOf(c) });
      return {
        status: 202,
        body: viewRunDetail(await readRun(ctx, actor, id)),
        headers: { location: `${ctx.publicUrl()}/v1/runs/${id}` },
      };
    },
  );
  route(
    app,
    {
      id: 'promoteRun',
      method: 'post',
      path: '/v1/runs/{run}/promote',
      tag,
      summary: "Put a run's model into service",
      description:
        'Its version becomes the current one, the monitor compares with its training data from then on, and an open alert ends.',
      scope: 'retraining:write',
      params: runParam,
      body: promotionRequest,
      answers: { 200: { description: 'The run', schema: runView } },
    },
    async ({ ctx, actor, params, body }) => {
      const effectiveFrom = body.effective_from === undefined ? null : new Date(body.effective_from);
      return { status: 200, body: viewRun(await promoteRun(ctx, actor, { run: params.run, effectiveFrom })) };
    },
  );
}

function approvalRoutes(app: App): void {
  route(
    app,
    {
      id: 'approveRun',
      method: 'post',
      path: '/v1/runs/{run}/approve',
      tag,
      summary: 'Approve a run that waits for it',
      description: 'Its deadline counts from now. Repeating it changes nothing.',
      scope: 'retraining:write',
      params: runParam,
      body: approvalRequest,
      answers: { 200: { description: 'The run', schema: runView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewRun(await approveRun(ctx, actor, { run: params.run, comment: body.comment })),
    }),
  );
  route(
    app,
    {
      id: 'declineRun',
      method: 'post',
      path: '/v1/runs/{run}/decline',
      tag,
      summary: 'Decline a run that waits for approval',
      description: 'What it goes back to starts no other run. Repeating it changes nothing.',
      scope: 'retraining:write',
      params: runParam,
      body: declineRequest,
      answers: { 200: { description: 'The run', schema: runView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewRun(await declineRun(ctx, actor, { run: params.run, reason: body.reason })),
    }),
  );
}

function endRoutes(app: App): void {
  route(
    app,
    {
      id: 'cancelRun',
      method: 'post',
      path: '/v1/runs/{run}/cancel',
      tag,
      summary: 'Cancel a run that has not ended',
      description:
        'A request that is still to be sent is not sent; receivers of `retraining.cancelled` are told, and reports of its ' +
        'pipeline are refused (409). Repeating it changes nothing.',
      scope: 'retraining:write',
      params: runParam,
      body: cancellation,
      answers: { 200: { description: 'The run', schema: runView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewRun(await cancelRun(ctx, actor, { run: params.run, reason: body.reason })),
    }),
  );
  route(
    app,
    {
      id: 'rollbackRun',
      method: 'post',
      path: '/v1/runs/{run}/rollback',
      tag,
      summary: 'Take a promotion back',
      description:
        'The version that was in service before is in service again, and the monitor compares with what it compared with ' +
        'then. Repeating it changes nothing.',
      scope: 'retraining:write',
      params: runParam,
      body: rollbackRequest,
      answers: { 200: { description: 'The run', schema: runView } },
    },
    async ({ ctx, actor, params, body }) => {
      const effectiveFrom = body.effective_from === undefined ? null : new Date(body.effective_from);
      const run = await rollBackRun(ctx, actor, { run: params.run, reason: body.reason, effectiveFrom });
      return { status: 200, body: viewRun(run) };
    },
  );
}

function callbackRoute(app: App): void {
  route(
    app,
    {
      id: 'reportRunEvent',
      method: 'post',
      path: '/v1/runs/{run}/events',
      tag,
      summary: 'Report on a run',
      description:
        'For the retraining pipeline: the single-use token of the message (or of the last answer) is the bearer token, or the member "token". Send an Idempotency-Key to be able to repeat a report whose answer was lost.',
      scope: 'public',
      params: runParam,
      body: runReport,
      idempotent: true,
      answers: { 200: { description: 'Taken; with the token of the next report', schema: runAnswer } },
    },
    async ({ c, ctx, params, body }) => {
      const { token, ...report } = body;
      const answer = await reportRun(ctx, {
        run: params.run,
        token: token ?? keyOf(c),
        idempotencyKey: idempotencyKeyOf(c) ?? null,
        report,
      });
      return { status: 200, body: { run: answer.run, state: answer.state, next_token: answer.nextToken } };
    },
  );
}
