import { z } from 'zod';
import {
  datasetParams,
  datasetPatch,
  datasetView,
  patchedDatasetView,
  tagParams,
  tagQuery,
  tagRequest,
  tagView,
} from '../../../schemas/wire/datasets.ts';
import { pageOf, pageShape } from '../../../schemas/wire/shapes.ts';
import { changeDataset } from '../../domain/dataset/change-dataset.ts';
import { readDataset, readDatasets } from '../../domain/dataset/read.ts';
import { putTag, readTags, removeTag } from '../../domain/dataset/tags.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { viewDataset } from '../dataset-view.ts';
import { type App, route } from '../route.ts';

type Tag = Awaited<ReturnType<typeof readTags>>[number];

const viewTag = (tag: Tag) => ({
  name: tag.name,
  ref: `v${tag.version}`,
  fixed: tag.fixed,
  updated_at: tag.updatedAt.toISOString(),
});

/** Datasets and the tags on their versions. */
export function datasetRoutes(app: App): void {
  route(
    app,
    {
      id: 'listDatasets',
      method: 'get',
      path: '/v1/datasets',
      tag: 'datasets',
      summary: 'List datasets',
      scope: 'data:read',
      query: pageShape,
      answers: { 200: { description: 'Datasets by name', schema: pageOf(datasetView) } },
    },
    async ({ ctx, actor, query }) => {
      const { limit, cursor } = query;
      const rows = await readDatasets(ctx, actor, { after: readCursor(cursor, ''), limit: limit + 1 });
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const next = last === undefined ? null : writeCursor(last.dataset.name);
      return { status: 200, body: { items: rows.slice(0, limit).map(viewDataset), next } };
    },
  );

  route(
    app,
    {
      id: 'getDataset',
      method: 'get',
      path: '/v1/datasets/{dataset}',
      tag: 'datasets',
      summary: 'View a dataset',
      scope: 'data:read',
      params: datasetParams,
      answers: { 200: { description: 'The dataset with its newest version', schema: datasetView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewDataset(await readDataset(ctx, actor, params.dataset)),
    }),
  );

  route(
    app,
    {
      id: 'updateDataset',
      method: 'patch',
      path: '/v1/datasets/{dataset}',
      tag: 'datasets',
      summary: 'Change how a dataset is called or read',
      description:
        'Numbers such as `1.829,02` are never guessed: `{"reading": {"decimal": ",", "thousands": "."}}` says what they ' +
        'are. The versions so far are read anew, but for those that a model, a monitor or a run rests on. With ' +
        '`name`, which takes the scope `admin`, it is called otherwise: the address of a `dvc remote` and all else that ' +
        'has the former name goes on finding it, until another dataset is called so.',
      scope: 'data:write',
      params: datasetParams,
      body: datasetPatch,
      answers: { 200: { description: 'The dataset, and what became of its versions', schema: patchedDatasetView } },
    },
    async ({ ctx, actor, params, body }) => {
      const { reread, kept, ...details } = await changeDataset(ctx, actor, { ...params, ...body });
      return {
        status: 200,
        body: {
          ...viewDataset(details),
          reread: reread.map((number) => `v${number}`),
          kept: kept.map(({ number, reason }) => ({ ref: `v${number}`, ...reason })),
        },
      };
    },
  );

  tagRoutes(app);
}

function tagRoutes(app: App): void {
  route(
    app,
    {
      id: 'listTags',
      method: 'get',
      path: '/v1/datasets/{dataset}/tags',
      tag: 'datasets',
      summary: 'List tags',
      scope: 'data:read',
      params: datasetParams,
      answers: { 200: { description: 'Tags by name', schema: z.strictObject({ items: z.array(tagView) }) } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: { items: (await readTags(ctx, actor, params.dataset)).map(viewTag) },
    }),
  );

  route(
    app,
    {
      id: 'putTag',
      method: 'put',
      path: '/v1/datasets/{dataset}/tags/{tag}',
      tag: 'datasets',
      summary: 'Point a tag at a version',
      description:
        'With `"fixed": true` the tag stays there: moving or loosening it is refused with 409 from then on, and it ' +
        'is removed only with `?fixed=true`.',
      scope: 'data:write',
      params: tagParams,
      body: tagRequest,
      answers: {
        200: { description: 'It was moved', schema: tagView },
        201: { description: 'It was made', schema: tagView },
      },
    },
    async ({ ctx, actor, params, body }) => {
      const { tag, created } = await putTag(ctx, actor, { ...params, ...body });
      return { status: created ? 201 : 200, body: viewTag(tag) };
    },
  );

  route(
    app,
    {
      id: 'deleteTag',
      method: 'delete',
      path: '/v1/datasets/{dataset}/tags/{tag}',
      tag: 'datasets',
      summary: 'Remove a tag',
      scope: 'data:write',
      params: tagParams,
      query: tagQuery,
      answers: { 204: { description: 'Removed', schema: null } },
    },
    async ({ ctx, actor, params, query }) => {
      await removeTag(ctx, actor, { ...params, fixed: query.fixed === 'true' });
      return { status: 204, body: null };
    },
  );
}
