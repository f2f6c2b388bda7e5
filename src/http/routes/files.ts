import { fileParams, fileView, versionParams } from '../../../schemas/wire/datasets.ts';
import { pageOf, pageShape } from '../../../schemas/wire/shapes.ts';
import { readArchive } from '../../domain/dataset/archive.ts';
import { readFile, readFiles, readVersion } from '../../domain/dataset/read.ts';
import { pointerOf } from '../../domain/dataset/version-pointer.ts';
import { answerBytes, attachment } from '../bytes.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { viewFile } from '../dataset-view.ts';
import type { Range } from '../range.ts';
import { type App, route } from '../route.ts';

/** Pulling a version: its files one by one, all of them as an archive, its pointer. */
export function fileRoutes(app: App): void {
  listRoute(app);
  route(
    app,
    {
      id: 'getFile',
      method: 'get',
      path: '/v1/datasets/{dataset}/versions/{ref}/files/{path*}',
      tag: 'versions',
      summary: 'Pull one file',
      description:
        'One `Range`, a strong `ETag` (the MD5), `If-None-Match` and `If-Range` are understood. The last bytes of a ' +
        'whole file come only when all of them agree with the digest; else the connection is broken off.',
      scope: 'data:read',
      params: fileParams,
      answers: {
        200: { description: 'The bytes', schema: null, mediaType: 'application/octet-stream' },
        206: { description: 'A range of them', schema: null, mediaType: 'application/octet-stream' },
        304: { description: 'They are what you have', schema: null },
      },
    },
    async ({ c, ctx, actor, params }) => {
      const { file, open } = await readFile(ctx, actor, params);
      return answerBytes(c, { etag: file.oid, size: file.size, name: file.path, open });
    },
  );

  route(
    app,
    {
      id: 'getArchive',
      method: 'get',
      path: '/v1/datasets/{dataset}/versions/{ref}/archive',
      tag: 'versions',
      summary: 'Pull all files as a tar archive',
      description:
        'Made again it has the same bytes, so one that broke off goes on with `Range`; a strong `ETag`, ' +
        '`If-None-Match` and `If-Range` are understood.',
      scope: 'data:read',
      params: versionParams,
      answers: {
        200: { description: 'The archive', schema: null, mediaType: 'application/x-tar' },
        206: { description: 'A range of it', schema: null, mediaType: 'application/x-tar' },
        304: { description: 'It is what you have', schema: null },
      },
    },
    async ({ c, ctx, actor, params }) => {
      const { version, size, etag, open } = await readArchive(ctx, actor, params);
      const name = `${version.dataset}-v${version.number}.tar`;
      const source = { etag, size, name, mediaType: 'application/x-tar', open: async (range?: Range) => open(range) };
      return answerBytes(c, source);
    },
  );

  route(
    app,
    {
      id: 'getPointer',
      method: 'get',
      path: '/v1/datasets/{dataset}/versions/{ref}/dvc',
      tag: 'versions',
      summary: 'The .dvc file of a version',
      scope: 'data:read',
      params: versionParams,
      answers: { 200: { description: 'YAML, as dvc writes it', schema: null, mediaType: 'application/yaml' } },
    },
    async ({ ctx, actor, params }) => {
      const { version } = await readVersion(ctx, actor, params);
      const headers = {
        'content-type': 'application/yaml; charset=utf-8',
        'content-disposition': attachment(`${version.path}.dvc`),
      };
      return new Response(pointerOf(version), { status: 200, headers });
    },
  );
}

function listRoute(app: App): void {
  route(
    app,
    {
      id: 'listFiles',
      method: 'get',
      path: '/v1/datasets/{dataset}/versions/{ref}/files',
      tag: 'versions',
      summary: 'List the files of a version',
      scope: 'data:read',
      params: versionParams,
      query: pageShape,
      answers: { 200: { description: 'Files in the order of the manifest', schema: pageOf(fileView) } },
    },
    async ({ ctx, actor, params, query }) => {
      const { limit, cursor } = query;
      const page = { after: readCursor(cursor, -1), limit: limit + 1 };
      const { version, files } = await readFiles(ctx, actor, { ...params, ...page });
      const base = `${ctx.publicUrl()}/v1/datasets/${version.dataset}/versions/v${version.number}/files`;
      const last = files.length > limit ? files[limit - 1] : undefined;
      const items = files.slice(0, limit).map((file) => viewFile(base, file));
      return { status: 200, body: { items, next: last === undefined ? null : writeCursor(last.position) } };
    },
  );
}
