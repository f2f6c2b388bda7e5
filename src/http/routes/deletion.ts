import { datasetParams, versionParams } from '../../../schemas/wire/datasets.ts';
import { movedDatasetView, trashedVersionView } from '../../../schemas/wire/storage.ts';
import { deleteDataset, deleteVersion, restoreDataset } from '../../domain/retention/delete.ts';
import { type App, route } from '../route.ts';
import { viewTrashed } from '../views/storage.ts';

const NEEDED =
  'What something in the project needs (a fixed tag, a model, a monitor and its reports, an open alert, a retraining ' +
  'run) is not deleted: 409 says what that is.';

/** Deleting by name, and taking it back. */
export function deletionRoutes(app: App): void {
  route(
    app,
    {
      id: 'deleteVersion',
      method: 'delete',
      path: '/v1/datasets/{dataset}/versions/{ref}',
      tag: 'versions',
      summary: 'Put a version into the trash',
      description: `By its number, like \`v3\`. It can be restored for a time; then its bytes are removed. ${NEEDED} So is one with a tag.`,
      scope: 'admin',
      params: versionParams,
      answers: { 200: { description: 'It is in the trash', schema: trashedVersionView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewTrashed(await deleteVersion(ctx, actor, params), ctx.config.storage.trashSeconds),
    }),
  );

  route(
    app,
    {
      id: 'deleteDataset',
      method: 'delete',
      path: '/v1/datasets/{dataset}',
      tag: 'datasets',
      summary: 'Delete a dataset',
      description: `Its versions go into the trash, and nobody finds it any longer. It is there again with whatever is pushed to it. ${NEEDED}`,
      scope: 'admin',
      params: datasetParams,
      answers: { 200: { description: 'It is deleted', schema: movedDatasetView } },
    },
    async ({ ctx, actor, params: { dataset } }) => ({
      status: 200,
      body: await deleteDataset(ctx, actor, dataset),
    }),
  );

  route(
    app,
    {
      id: 'restoreDataset',
      method: 'post',
      path: '/v1/datasets/{dataset}/restore',
      tag: 'datasets',
      summary: 'Take a deleted dataset back',
      description: 'With the versions that went into the trash with it and are still there.',
      scope: 'data:write',
      params: datasetParams,
      answers: { 200: { description: 'It is there', schema: movedDatasetView } },
    },
    async ({ ctx, actor, params: { dataset } }) => ({
      status: 200,
      body: await restoreDataset(ctx, actor, dataset),
    }),
  );
}
