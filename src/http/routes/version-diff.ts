import { versionParams } from '../../../schemas/wire/datasets.ts';
import { diffQuery, diffView } from '../../../schemas/wire/diff.ts';
import { diffVersions } from '../../domain/dataset/diff.ts';
import { readCursor } from '../cursor.ts';
import { type App, route } from '../route.ts';
import { viewDiff } from '../views/diff.ts';

/** What changed between two versions. */
export function versionDiffRoutes(app: App): void {
  route(
    app,
    {
      method: 'get',
      path: '/v1/datasets/{dataset}/versions/{ref}/diff',
      tag: 'versions',
      summary: 'What changed since another version',
      description:
        'Files by their manifests, schema, statistics and drift by the stored profiles of both: no byte of the data ' +
        'is read. Changed files are listed by path, a page at a time.',
      scope: 'data:read',
      params: versionParams,
      query: diffQuery,
      answers: { 200: { description: 'The difference', schema: diffView } },
    },
    async ({ ctx, actor, params, query }) => {
      const { limit, cursor, against } = query;
      const page = { after: readCursor(cursor, ''), limit: limit + 1 };
      const diff = await diffVersions(ctx, actor, { ...params, against, ...page });
      return { status: 200, body: viewDiff(diff, limit) };
    },
  );
}
