import { z } from 'zod';
import {
  modelChange,
  modelRequest,
  modelVersionRequest,
  modelVersionView,
  modelView,
  versionPromotion,
  versionPromotionView,
} from '../../../schemas/wire/models.ts';
import { addressedShape } from '../../../schemas/wire/shapes.ts';
import { type BoundVersion, bindVersion, readModelVersions } from '../../domain/model/bind-version.ts';
import {
  changeModel,
  createModel,
  type ModelWithVersion,
  readModel,
  readModels,
} from '../../domain/model/create-model.ts';
import { ROLE_NAMES } from '../../domain/model/roles.ts';
import { promoteVersion } from '../../domain/promotion/promote-version.ts';
import { type App, route } from '../route.ts';

const modelParams = z.strictObject({ model: addressedShape });
const versionParams = modelParams.extend({ version: addressedShape });

/** Models and the versions that bind them to their training data. */
export function modelRoutes(app: App): void {
  collectionRoutes(app);
  versionRoutes(app);
}

function collectionRoutes(app: App): void {
  route(
    app,
    {
      id: 'createModel',
      method: 'post',
      path: '/v1/models',
      tag: 'models',
      summary: 'Make a model',
      description: 'Repeating it answers 200 with the model that exists; another description of it is a conflict.',
      scope: 'data:write',
      body: modelRequest,
      answers: {
        200: { description: 'It exists', schema: modelView },
        201: { description: 'It was made', schema: modelView },
      },
    },
    async ({ ctx, actor, body }) => {
      const { positive_label: positiveLabel, ...given } = body;
      const made = await createModel(ctx, actor, { ...given, positiveLabel });
      return { status: made.created ? 201 : 200, body: viewModel(made) };
    },
  );

  route(
    app,
    {
      id: 'listModels',
      method: 'get',
      path: '/v1/models',
      tag: 'models',
      summary: 'List models',
      scope: 'data:read',
      answers: { 200: { description: 'The models', schema: z.strictObject({ items: z.array(modelView) }) } },
    },
    async ({ ctx, actor }) => ({ status: 200, body: { items: (await readModels(ctx, actor)).map(viewModel) } }),
  );

  route(
    app,
    {
      id: 'getModel',
      method: 'get',
      path: '/v1/models/{model}',
      tag: 'models',
      summary: 'Show a model',
      scope: 'data:read',
      params: modelParams,
      answers: { 200: { description: 'The model', schema: modelView } },
    },
    async ({ ctx, actor, params }) => ({ status: 200, body: viewModel(await readModel(ctx, actor, params.model)) }),
  );

  route(
    app,
    {
      id: 'updateModel',
      method: 'patch',
      path: '/v1/models/{model}',
      tag: 'models',
      summary: 'Change a model',
      description: '`strict` holds for what is logged from then on. Its task and its positive label are fixed.',
      scope: 'data:write',
      params: modelParams,
      body: modelChange,
      answers: { 200: { description: 'The model as it is now', schema: modelView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewModel(await changeModel(ctx, actor, { ...params, change: body })),
    }),
  );
}

function versionRoutes(app: App): void {
  route(
    app,
    {
      id: 'createModelVersion',
      method: 'post',
      path: '/v1/models/{model}/versions',
      tag: 'models',
      summary: 'Bind a model version to its training data',
      description:
        'The dataset version is resolved once and for ever. Roles that are not named are guessed from the names of the columns. The first version becomes the current one. Repeating it answers 200.',
      scope: 'data:write',
      params: modelParams,
      body: modelVersionRequest,
      answers: {
        200: { description: 'It exists', schema: modelVersionView },
        201: { description: 'It was made', schema: modelVersionView },
      },
    },
    async ({ ctx, actor, params, body }) => {
      const bound = await bindVersion(ctx, actor, { ...body, model: params.model });
      return { status: bound.created ? 201 : 200, body: viewVersion(bound) };
    },
  );

  route(
    app,
    {
      id: 'listModelVersions',
      method: 'get',
      path: '/v1/models/{model}/versions',
      tag: 'models',
      summary: 'List the versions of a model',
      scope: 'data:read',
      params: modelParams,
      answers: { 200: { description: 'The versions', schema: z.strictObject({ items: z.array(modelVersionView) }) } },
    },
    async ({ ctx, actor, params }) => {
      const versions = await readModelVersions(ctx, actor, params.model);
      return { status: 200, body: { items: versions.map(viewVersion) } };
    },
  );

  route(
    app,
    {
      id: 'promoteModelVersion',
      method: 'post',
      path: '/v1/models/{model}/versions/{version}/promote',
      tag: 'models',
      summary: 'Put a version into service, whoever trained it',
      description:
        'As the promotion of a run does: the monitors that go with the version in service compare with what this one was ' +
        "trained on, from the model's watermark on. Repeating it changes nothing.",
      scope: 'retraining:write',
      params: versionParams,
      body: versionPromotion,
      answers: { 200: { description: 'What it changed', schema: versionPromotionView } },
    },
    async ({ ctx, actor, params, body }) => {
      const { model, version } = params;
      const { kind, run } = await promoteVersion(ctx, actor, { model, version, reason: body.reason });
      return { status: 200, body: { model, model_version: version, outcome: kind, run } };
    },
  );
}

const viewModel = ({ model, currentVersion }: ModelWithVersion): z.input<typeof modelView> => ({
  name: model.name,
  description: model.description,
  task: model.task,
  positive_label: model.positiveLabel,
  strict: model.strict,
  current_version: currentVersion,
  watermark: model.watermark?.toISOString() ?? null,
  last_batch_at: model.lastBatchAt?.toISOString() ?? null,
  created_at: model.createdAt.toISOString(),
});

function viewVersion({ model, version, current, roles, state }: BoundVersion): z.input<typeof modelVersionView> {
  const named = ROLE_NAMES.flatMap((role) => (roles[role] === undefined ? [] : [[role, roles[role]] as const]));
  return {
    model: model.name,
    name: version.name,
    number: version.number,
    current,
    dataset: version.dataset,
    dataset_version: version.datasetVersion,
    oid: version.oid,
    roles: {
      ...Object.fromEntries(named),
      ...(roles.scores !== undefined && { scores: roles.scores }),
      ignore: [...roles.ignore],
    },
    guessed: [...roles.guessed],
    columns: state === 'ready' || state === 'pending' ? state : 'unknown',
    missing_columns: [...roles.missing],
    // Written by the request's own shape, and never changed.
    metrics: version.metrics as Record<string, number>,
    created_at: version.createdAt.toISOString(),
    promoted_at: version.promotedAt?.toISOString() ?? null,
  };
}
