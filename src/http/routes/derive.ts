import type { z } from 'zod';
import { datasetParams, pushedVersionView } from '../../../schemas/wire/datasets.ts';
import { deriveRequest } from '../../../schemas/wire/derive.ts';
import { describeVersion, nameLatest } from '../../domain/dataset/read.ts';
import { derive, type Recipe } from '../../domain/derivation/derive.ts';
import { viewVersion } from '../dataset-view.ts';
import { type App, route } from '../route.ts';
import { idempotencyKeyOf } from '../upload.ts';
import { answerBegun } from '../views/computations.ts';
import { BEGUN } from './comparisons.ts';

/** Versions made of versions. */
export function deriveRoutes(app: App): void {
  route(
    app,
    {
      id: 'deriveVersion',
      method: 'post',
      path: '/v1/datasets/{dataset}/versions/derive',
      tag: 'versions',
      summary: 'Make a version of others, on the server',
      description:
        '`files` makes a folder of the sources’ files, minus some, plus some, without moving a byte. `rows` makes one ' +
        'Parquet file of the rows of the sources’ tables, one after the other: filtered, cut to columns, sampled or ' +
        'split. Parents are the sources; the provenance holds the recipe. The same recipe on the same sources gives ' +
        'the same bytes, and answers 200 with the version that has them. Rows of large sources are taken by a worker, whose computation says ' +
        'whether it made a new version; the same request then answers 200.',
      scope: 'data:write',
      params: datasetParams,
      body: deriveRequest,
      idempotent: true,
      answers: {
        200: { description: 'The dataset had this content', schema: pushedVersionView },
        201: { description: 'The new version', schema: pushedVersionView },
        202: BEGUN,
      },
    },
    async ({ c, ctx, actor, params, body }) => {
      const { path, message, author, labels, git_rev: gitRev, provenance: details, tag } = body;
      const found = await derive(ctx, actor, {
        ...{ dataset: params.dataset, path, message, author, labels, gitRev, details, tag },
        recipe: recipeOf(body),
        idempotencyKey: idempotencyKeyOf(c),
      });
      if ('begun' in found) return answerBegun(ctx.publicUrl(), found.begun);
      const { version, created } = found.answer;
      const view = viewVersion(ctx.publicUrl(), await describeVersion(ctx, version));
      const headers = { location: view.links.self };
      const latest = await nameLatest(ctx, { version, created });
      return { status: created ? 201 : 200, body: { ...view, created, latest }, headers };
    },
  );
}

/** The shape lets exactly one of the two through. */
function recipeOf({ sources, files, rows }: z.output<typeof deriveRequest>): Recipe {
  return files === undefined ? { sources, kind: 'rows', rows: rows ?? {} } : { sources, kind: 'files', files };
}
