import { z } from 'zod';
import {
  policyChange,
  policyRequest,
  policyView,
  promotionRequest,
  runAnswer,
  runDetail,
  runQuery,
  runReport,
  runRequest,
  runView,
} from '../../../schemas/wire/retraining.ts';
import { addressedShape, pageOf } from '../../../schemas/wire/shapes.ts';
import { reportRun } from '../../domain/retraining/callback.ts';
import { createPolicy, readPolicies, readPolicy, switchPolicy } from '../../domain/retraining/policies.ts';
import { promoteRun } from '../../domain/retraining/promote.ts';
import { readRun, readRuns } from '../../domain/retraining/runs.ts';
import { startRun } from '../../domain/retraining/start.ts';
import { keyOf } from '../auth.ts';
import { type App, route } from '../route.ts';
import { idempotencyKeyOf } from '../upload.ts';
import { viewPolicy, viewRun, viewRunDetail } from '../views/retraining.ts';

const tag = 'retraining';
const nameParam = z.strictObject({ name: addressedShape });
const runParam = z.strictObject({ run: addressedShape });

/** When models are retrained, and what became of it. */
export function retrainingRoutes(app: App): void {
  policyRoutes(app);
  runRoutes(app);
  callbackRoute(app);
}

function policyRoutes(app: App): void {
  route(
    app,
    {
      method: 'post',
      path: '/v1/policies',
      tag,
      summary: 'Make a retraining policy',
      description:
        "An alert of the monitor starts one run, with the alert's own transaction. Repeating the request answers 200 with the policy that exists.",
      scope: 'retraining:write',
      body: policyRequest,
      answers: {
        200: { description: 'It exists', schema: policyView },
        201: { description: 'It was made', schema: policyView },
      },
    },
    async ({ ctx, actor, body }) => {
      const { policy, created } = await createPolicy(ctx, actor, body);
      return { status: created ? 201 : 200, body: viewPolicy(policy) };
    },
  );
  route(
    app,
    {
      method: 'get',
      path: '/v1/policies',
      tag,
      summary: 'List policies',
      scope: 'retraining:read',
      answers: { 200: { description: 'The policies', schema: z.strictObject({ items: z.array(policyView) }) } },
    },
    async ({ ctx, actor }) => ({ status: 200, body: { items: (await readPolicies(ctx, actor)).map(viewPolicy) } }),
  );
  route(
    app,
    {
      method: 'get',
      path: '/v1/policies/{name}',
      tag,
      summary: 'One policy',
      scope: 'retraining:read',
      params: nameParam,
      answers: { 200: { description: 'The policy', schema: policyView } },
    },
    async ({ ctx, actor, params }) => ({ status: 200, body: viewPolicy(await readPolicy(ctx, actor, params.name)) }),
  );
  route(
    app,
    {
      method: 'patch',
      path: '/v1/policies/{name}',
      tag,
      summary: 'Switch a policy on or off',
      scope: 'retraining:write',
      params: nameParam,
      body: policyChange,
      answers: { 200: { description: 'The policy', schema: policyView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewPolicy(await switchPolicy(ctx, actor, { name: params.name, enabled: body.enabled })),
    }),
  );
}

function runRoutes(app: App): void {
  route(
    app,
    {
      method: 'get',
      path: '/v1/runs',
      tag,
      summary: 'List retraining runs, newest first',
      scope: 'retraining:read',
      query: runQuery,
      answers: { 200: { description: 'A page of runs', schema: pageOf(runView) } },
    },
    async ({ ctx, actor, query }) => {
      const { items, next } = await readRuns(ctx, actor, query);
      return { status: 200, body: { items: items.map(viewRun), next } };
    },
  );
  route(
    app,
    {
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
      method: 'post',
      path: '/v1/runs',
      tag,
      summary: 'Start a run of a policy now',
      description: 'A cooldown does not hold it back, a run under way does. Takes an Idempotency-Key.',
      scope: 'retraining:write',
      body: runRequest,
      answers: { 202: { description: 'The run', schema: runDetail } },
    },
    async ({ c, ctx, actor, body }) => {
      const id = await startRun(ctx, actor, { policy: body.policy, idempotencyKey: idempotencyKeyOf(c) });
      return {
        status: 202,
        body: viewRunDetail(await readRun(ctx, actor, id)),
        headers: { location: `/v1/runs/${id}` },
      };
    },
  );
  route(
    app,
    {
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

function callbackRoute(app: App): void {
  route(
    app,
    {
      method: 'post',
      path: '/v1/runs/{run}/events',
      tag,
      summary: 'Report on a run',
      description:
        'For the retraining pipeline: the single-use token of the message (or of the last answer) is the bearer token, or the member "token". Send an Idempotency-Key to be able to repeat a report whose answer was lost.',
      scope: 'public',
      params: runParam,
      body: runReport,
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
