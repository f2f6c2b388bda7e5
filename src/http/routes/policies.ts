import { z } from 'zod';
import {
  causeQuery,
  causeView,
  policyChange,
  policyRequest,
  policyTrial,
  policyView,
  previewQuery,
  previewView,
} from '../../../schemas/wire/policies.ts';
import { retrainingSwitch, retrainingSwitchView } from '../../../schemas/wire/retraining.ts';
import { addressedShape, pageOf } from '../../../schemas/wire/shapes.ts';
import { previewPolicy, tryPolicy } from '../../domain/backtest/preview.ts';
import { changePolicy, createPolicy, readCauses, readPolicies, readPolicy } from '../../domain/policy/policies.ts';
import { readStop, stopRetraining } from '../../domain/retraining/stop.ts';
import { readIdCursor, writeIdCursor } from '../cursor.ts';
import { type App, route } from '../route.ts';
import { viewCause, viewPolicy, viewPreview, viewSwitch } from '../views/policies.ts';

const tag = 'retraining';
const nameParam = z.strictObject({ name: addressedShape });

/** When models are retrained, and what holds that back. */
export function policyRoutes(app: App): void {
  keepRoutes(app);
  lookRoutes(app);
  switchRoutes(app);
}

function keepRoutes(app: App): void {
  route(
    app,
    {
      id: 'createPolicy',
      method: 'post',
      path: '/v1/policies',
      tag,
      summary: 'Make a retraining policy',
      description:
        "An alert of the monitor starts one run, with the alert's own transaction; so may a schedule, new data and new " +
        'labels, within a minute. Every cause starts one run at most, and only when no guard holds it back. Repeating the ' +
        'request answers 200 with the policy that exists.',
      scope: 'retraining:write',
      body: policyRequest,
      answers: {
        200: { description: 'It exists', schema: policyView },
        201: { description: 'It was made', schema: policyView },
      },
    },
    async ({ ctx, actor, body }) => {
      const { policy, created } = await createPolicy(ctx, actor, body);
      return { status: created ? 201 : 200, body: viewPolicy(policy, ctx.now()) };
    },
  );
  route(
    app,
    {
      id: 'listPolicies',
      method: 'get',
      path: '/v1/policies',
      tag,
      summary: 'List policies',
      scope: 'retraining:read',
      answers: { 200: { description: 'The policies', schema: z.strictObject({ items: z.array(policyView) }) } },
    },
    async ({ ctx, actor }) => {
      const policies = await readPolicies(ctx, actor);
      return { status: 200, body: { items: policies.map((policy) => viewPolicy(policy, ctx.now())) } };
    },
  );
  route(
    app,
    {
      id: 'getPolicy',
      method: 'get',
      path: '/v1/policies/{name}',
      tag,
      summary: 'One policy',
      scope: 'retraining:read',
      params: nameParam,
      answers: { 200: { description: 'The policy', schema: policyView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewPolicy(await readPolicy(ctx, actor, params.name), ctx.now()),
    }),
  );
  route(
    app,
    {
      id: 'updatePolicy',
      method: 'patch',
      path: '/v1/policies/{name}',
      tag,
      summary: 'Change a policy, or switch it on or off',
      description: 'What is not named stays. Runs under way go on; what came while it was off is no cause.',
      scope: 'retraining:write',
      params: nameParam,
      body: policyChange,
      answers: { 200: { description: 'The policy', schema: policyView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewPolicy(await changePolicy(ctx, actor, { name: params.name, change: body }), ctx.now()),
    }),
  );
}

function lookRoutes(app: App): void {
  route(
    app,
    {
      id: 'listCauses',
      method: 'get',
      path: '/v1/policies/{name}/causes',
      tag,
      summary: 'What asked for runs, and what became of it',
      description: 'Newest first. A cause that waits names every guard that holds it back and what would lift it.',
      scope: 'retraining:read',
      params: nameParam,
      query: causeQuery,
      answers: { 200: { description: 'A page of causes', schema: pageOf(causeView) } },
    },
    async ({ ctx, actor, params, query }) => {
      const { items, next } = await readCauses(ctx, actor, {
        ...query,
        policy: params.name,
        cursor: readIdCursor(query.cursor, 'cau'),
      });
      return { status: 200, body: { items: items.map(viewCause), next: writeIdCursor(next) } };
    },
  );
  route(
    app,
    {
      id: 'previewPolicy',
      method: 'get',
      path: '/v1/policies/{name}/preview',
      tag,
      summary: 'Would it start now, and how often would it have',
      description: 'Starts nothing. The back-test goes over the windows, versions and labels since `since`.',
      scope: 'retraining:read',
      params: nameParam,
      query: previewQuery,
      answers: { 200: { description: 'Now and so far', schema: previewView } },
    },
    async ({ ctx, actor, params, query }) => {
      const since = query.since === undefined ? null : new Date(query.since);
      return { status: 200, body: viewPreview(await previewPolicy(ctx, actor, { name: params.name, since })) };
    },
  );
  route(
    app,
    {
      id: 'previewNewPolicy',
      method: 'post',
      path: '/v1/policies/preview',
      tag,
      summary: 'Try a policy before it is made',
      description: 'The body of a policy, and `since` when it should not look at all of history. Keeps nothing.',
      scope: 'retraining:read',
      body: policyTrial,
      answers: { 200: { description: 'Now and so far', schema: previewView } },
    },
    async ({ ctx, actor, body }) => ({ status: 200, body: viewPreview(await tryPolicy(ctx, actor, body)) }),
  );
}

function switchRoutes(app: App): void {
  route(
    app,
    {
      id: 'getRetraining',
      method: 'get',
      path: '/v1/retraining',
      tag,
      summary: 'Whether retraining is stopped',
      scope: 'retraining:read',
      answers: { 200: { description: 'The switch', schema: retrainingSwitchView } },
    },
    async ({ ctx, actor }) => ({ status: 200, body: viewSwitch(await readStop(ctx, actor)) }),
  );
  route(
    app,
    {
      id: 'putRetraining',
      method: 'put',
      path: '/v1/retraining',
      tag,
      summary: 'Stop all retraining, or let it go on',
      description:
        'While it is stopped no run of the project starts, by hand neither, and none in preparation is asked for. What ' +
        'pipelines were asked for before goes on; cancel those runs.',
      scope: 'retraining:write',
      body: retrainingSwitch,
      answers: { 200: { description: 'The switch', schema: retrainingSwitchView } },
    },
    async ({ ctx, actor, body }) => ({ status: 200, body: viewSwitch(await stopRetraining(ctx, actor, body)) }),
  );
}
