import { memberView, objectFilesQuery, objectParams, packView, unpackRequest } from '../../../schemas/wire/objects.ts';
import { pageOf } from '../../../schemas/wire/shapes.ts';
import { readLegacyFiles } from '../../domain/object/legacy-files.ts';
import { readMembers } from '../../domain/object/objects.ts';
import { openPack } from '../../domain/object/open-pack.ts';
import { storePack } from '../../domain/object/store-pack.ts';
import { passing, streamOf } from '../bytes.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { viewWarning } from '../dataset-view.ts';
import { passingBody } from '../request.ts';
import { type App, route } from '../route.ts';
import { refuseWrapped } from '../upload.ts';

const PACK = 'application/vnd.tidemark.pack';

const FRAMING =
  'A pack holds for each object a line `<md5> <size>` and then its bytes, and at the end a line `end <count>`; the ' +
  'lines are ASCII and end with a line feed.';

/** Many small objects in one body, both ways, and what a manifest lists. */
export function packRoutes(app: App): void {
  route(
    app,
    {
      id: 'pushPack',
      method: 'post',
      path: '/v1/objects/pack',
      tag: 'objects',
      summary: 'Send many small objects in one body',
      description:
        `${FRAMING} A member has at most 1 MiB, the pack any length. Each member has to bear out its name. What ` +
        'stands before a failure is held, so the same pack may be sent again.',
      scope: 'data:write',
      raw: { mediaTypes: [PACK], description: 'The pack' },
      answers: { 200: { description: 'All of its objects are held', schema: packView } },
    },
    async ({ c, ctx, actor }) => {
      refuseWrapped(c);
      return { status: 200, body: await storePack(ctx, actor, passingBody(c)) };
    },
  );

  route(
    app,
    {
      id: 'pullPack',
      method: 'post',
      path: '/v1/objects/unpack',
      tag: 'objects',
      summary: 'Fetch many objects in one body',
      description: `${FRAMING} Objects come in the order in which they are named; each is verified before its last bytes come.`,
      scope: 'data:read',
      body: unpackRequest,
      answers: { 200: { description: 'The pack', schema: null, mediaType: PACK } },
    },
    async ({ c, ctx, actor, body }) => {
      const { size, open } = await openPack(ctx, actor, body.oids);
      const headers = { 'content-type': PACK, 'content-length': String(size) };
      return new Response(await streamOf(c, passing(c, open())), { status: 200, headers });
    },
  );

  route(
    app,
    {
      id: 'listObjectFiles',
      method: 'get',
      path: '/v1/objects/{oid}/files',
      tag: 'objects',
      summary: 'List the files of a directory manifest',
      description: 'By a name of DVC 2 they are listed as DVC 3 would name them.',
      scope: 'data:read',
      params: objectParams,
      query: objectFilesQuery,
      answers: { 200: { description: 'Files in the order of the manifest', schema: pageOf(memberView) } },
    },
    async ({ ctx, actor, params, query }) => {
      const { limit, cursor, layout } = query;
      if (layout === 'legacy') {
        const after = readCursor(cursor, 0);
        const files = await readLegacyFiles(ctx, actor, { ...params, after, limit: limit + 1 });
        const page = files.slice(0, limit).map((file) => ({ ...file, quarantined: false, ...viewWarning(file.path) }));
        return { status: 200, body: { items: page, next: files.length > limit ? writeCursor(after + limit) : null } };
      }
      const rows = await readMembers(ctx, actor, { ...params, after: readCursor(cursor, -1), limit: limit + 1 });
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const items = rows.slice(0, limit).map(({ path, oid, sha256, size, quarantined }) => ({
        path,
        md5: oid,
        sha256,
        size,
        quarantined,
        ...viewWarning(path),
      }));
      return { status: 200, body: { items, next: last === undefined ? null : writeCursor(last.position) } };
    },
  );
}
