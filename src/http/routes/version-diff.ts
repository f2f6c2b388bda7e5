import { versionParams } from '../../../schemas/wire/datasets.ts';
import { diffQuery, diffView } from '../../../schemas/wire/diff.ts';
import { diffVersions } from '../../domain/dataset/diff.ts';
import { diffVersionRows } from '../../domain/row-diff/diff-rows.ts';
import { readCursor } from '../cursor.ts';
import { type App, route } from '../route.ts';
import { answerBegun } from '../views/computations.ts';
import { viewDiff } from '../views/diff.ts';
import { BEGUN } from './comparisons.ts';

/** What changed between two versions. */
export function versionDiffRoutes(app: App): void {
  route(
    app,
    {
      id: 'diffVersions',
      method: 'get',
      path: '/v1/datasets/{dataset}/versions/{ref}/diff',
      tag: 'versions',
      summary: 'What changed since another version',
      description:
        'Files by their manifests, schema, statistics and drift by the stored profiles of both: no byte of the data ' +
        'is read. Changed files are listed by path, a page at a time. With `rows=true` the rows of the tables are ' +
        'compared too, by key, which reads both versions; those of large ones are compared by a worker.',
      scope: 'data:read',
      params: versionParams,
      query: diffQuery,
      answers: { 200: { description: 'The difference', schema: diffView }, 202: BEGUN },
    },
    async ({ ctx, actor, params, query }) => {
      const { limit, cursor, against } = query;
      const page = { after: readCursor(cursor, ''), limit: limit + 1 };
      const diff = await diffVersions(ctx, actor, { ...params, against, ...page });
      // By number from here on: a tag may move between two reads.
      const exact = {
        ...{ dataset: diff.to.dataset, ref: `v${diff.to.version.number}` },
        against: `${diff.from.dataset}@v${diff.from.version.number}`,
      };
      const rows =
        query.rows === 'true'
          ? await diffVersionRows(ctx, actor, { ...exact, key: query.key ?? null, samples: query.samples })
          : null;
      if (rows !== null && 'begun' in rows) return answerBegun(ctx.publicUrl(), rows.begun);
      return { status: 200, body: viewDiff(diff, limit, rows?.answer ?? null) };
    },
  );
}
