import { z } from 'zod';
import { logPlanView, logRetentionView, logRuleRequest } from '../../../schemas/wire/log-retention.ts';
import { addressedShape } from '../../../schemas/wire/shapes.ts';
import {
  type LogPlan,
  type LogRetention,
  planLogRetention,
  readLogRetention,
  setLogRetention,
  startLogRetention,
} from '../../domain/retention/log-retention.ts';
import { type App, route } from '../route.ts';

const RULES =
  'Whole settled batches go, a day after they came at the earliest: their rows can then be neither searched nor ' +
  'exported, their ids may be logged anew, and their objects leave the remote with the next collection. Batches in ' +
  'windows without a verdict stay. Counts and reports never change.';

const modelParams = z.strictObject({ model: addressedShape });

/** How long logged rows are kept. */
export function logRetentionRoutes(app: App): void {
  const path = '/v1/models/{model}/retention';
  route(
    app,
    {
      id: 'getLogRetention',
      method: 'get',
      path,
      tag: 'logs',
      summary: 'Say how long a log is kept',
      scope: 'logs:read',
      params: modelParams,
      answers: { 200: { description: 'The rule, and what it let go so far', schema: logRetentionView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewRetention(await readLogRetention(ctx, actor, params.model)),
    }),
  );

  route(
    app,
    {
      id: 'putLogRetention',
      method: 'put',
      path,
      tag: 'logs',
      summary: 'Set how long a log is kept',
      description: `${RULES} A rule is carried out once an hour; ask for its plan first.`,
      scope: 'admin',
      params: modelParams,
      body: logRuleRequest,
      answers: { 200: { description: 'The rule in force', schema: logRetentionView } },
    },
    async ({ ctx, actor, params, body }) => {
      const rule = ruleOf(body);
      return { status: 200, body: viewRetention(await setLogRetention(ctx, actor, { model: params.model, rule })) };
    },
  );

  route(
    app,
    {
      id: 'planLogRetention',
      method: 'post',
      path: `${path}/plan`,
      tag: 'logs',
      summary: 'Say what a rule would let go',
      description: `${RULES} Nothing is changed.`,
      scope: 'logs:read',
      params: modelParams,
      body: logRuleRequest,
      answers: { 200: { description: 'The plan', schema: logPlanView } },
    },
    async ({ ctx, actor, params, body }) => {
      const rule = ruleOf(body);
      return { status: 200, body: viewPlan(await planLogRetention(ctx, actor, { model: params.model, rule })) };
    },
  );

  route(
    app,
    {
      id: 'runLogRetention',
      method: 'post',
      path: `${path}/run`,
      tag: 'logs',
      summary: 'Carry the rule out now',
      description: RULES,
      scope: 'admin',
      params: modelParams,
      answers: { 202: { description: 'A worker does it', schema: logRetentionView } },
    },
    async ({ ctx, actor, params }) => {
      await startLogRetention(ctx, actor, params.model);
      return { status: 202, body: viewRetention(await readLogRetention(ctx, actor, params.model)) };
    },
  );
}

const ruleOf = (body: z.output<typeof logRuleRequest>) => ({
  keepSeconds: body.keep_seconds,
  keepRows: body.keep_rows,
  reports: body.reports,
});

const viewRetention = ({ model, rule, letGo }: LogRetention): z.input<typeof logRetentionView> => ({
  model: model.name,
  keep_seconds: rule?.keepSeconds ?? null,
  keep_rows: rule?.keepRows ?? null,
  reports: rule?.reports ?? 'keep',
  author: rule?.author ?? null,
  updated_at: rule?.updatedAt.toISOString() ?? null,
  last_run_at: rule?.lastRunAt?.toISOString() ?? null,
  let_go: letGo,
});

const viewPlan = ({ drop, keptForReports, keptForWindows, reports }: LogPlan): z.input<typeof logPlanView> => ({
  drop,
  kept_for_reports: keptForReports,
  kept_for_windows: keptForWindows,
  reports: { total: reports.total, ids: [...reports.ids] },
});
