import type { z } from 'zod';
import { datasetParams } from '../../../schemas/wire/datasets.ts';
import { datasetRetentionView, datasetRuleRequest } from '../../../schemas/wire/storage.ts';
import { readDatasetRetention, setDatasetRetention } from '../../domain/retention/dataset-retention.ts';
import { type App, route } from '../route.ts';

const RULE =
  'What it does not keep goes into the trash within about an hour, restorable as ever. The newest version is always ' +
  'kept, and what something in the project needs; a collection by hand keeps what the rule keeps too.';

/** How long versions of a dataset are kept by themselves. */
export function datasetRetentionRoutes(app: App): void {
  const path = '/v1/datasets/{dataset}/retention';
  route(
    app,
    {
      id: 'getDatasetRetention',
      method: 'get',
      path,
      tag: 'datasets',
      summary: 'Say which versions are kept',
      scope: 'data:read',
      params: datasetParams,
      answers: { 200: { description: 'The rule', schema: datasetRetentionView } },
    },
    async ({ ctx, actor, params: { dataset } }) => ({
      status: 200,
      body: viewRetention(await readDatasetRetention(ctx, actor, dataset)),
    }),
  );

  route(
    app,
    {
      id: 'putDatasetRetention',
      method: 'put',
      path,
      tag: 'datasets',
      summary: 'Set which versions are kept',
      description: `${RULE} What it would do says \`POST /v1/gc/plan\` with the same under \`keep\`, or with \`rules\` once it is set.`,
      scope: 'admin',
      params: datasetParams,
      body: datasetRuleRequest,
      answers: { 200: { description: 'The rule in force', schema: datasetRetentionView } },
    },
    async ({ ctx, actor, params: { dataset }, body }) => {
      const { last = null, within_seconds: withinSeconds = null, daily = null, tags = null } = body;
      const rule = { last, withinSeconds, daily, tags };
      return { status: 200, body: viewRetention(await setDatasetRetention(ctx, actor, { dataset, rule })) };
    },
  );

  route(
    app,
    {
      id: 'deleteDatasetRetention',
      method: 'delete',
      path,
      tag: 'datasets',
      summary: 'Keep every version again',
      scope: 'admin',
      params: datasetParams,
      answers: { 200: { description: 'There is no rule', schema: datasetRetentionView } },
    },
    async ({ ctx, actor, params: { dataset } }) => ({
      status: 200,
      body: viewRetention(await setDatasetRetention(ctx, actor, { dataset, rule: null })),
    }),
  );
}

type Retention = Awaited<ReturnType<typeof readDatasetRetention>>;

const viewRetention = ({ dataset, rule }: Retention): z.input<typeof datasetRetentionView> => ({
  dataset,
  last: rule?.last ?? null,
  within_seconds: rule?.withinSeconds ?? null,
  daily: rule?.daily ?? null,
  tags: rule?.tags ?? null,
  author: rule?.author ?? null,
  updated_at: rule?.updatedAt.toISOString() ?? null,
  last_run_at: rule?.lastRunAt?.toISOString() ?? null,
});
