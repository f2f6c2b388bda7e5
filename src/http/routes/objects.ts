import {
  downloadQuery,
  objectBatchRequest,
  objectBatchView,
  objectParams,
  objectView,
  uploadQuery,
} from '../../../schemas/wire/objects.ts';
import { addressOf } from '../../domain/object/direct-read.ts';
import { putObject, readObject, surveyObjects } from '../../domain/object/objects.ts';
import { answerBytes } from '../bytes.ts';
import { passingBody } from '../request.ts';
import { type App, type RouteInput, route } from '../route.ts';
import { expectationOf } from '../upload.ts';

/** Objects by their names: what a version is made of. */
export function objectRoutes(app: App): void {
  // Before the routes by name, which would take "batch" for one.
  batchRoute(app);
  for (const method of ['put', 'post'] as const) {
    route(
      app,
      {
        id: method === 'put' ? 'putObject' : 'postObject',
        method,
        path: '/v1/objects/{oid}',
        tag: 'objects',
        summary: 'Send an object',
        description:
          'The bytes have to bear out the name, the MD5 in hexadecimal digits. A name with `.dir` takes a directory ' +
          'manifest as DVC writes it, whose members must be held already.',
        scope: 'data:write',
        params: objectParams,
        query: uploadQuery,
        raw: { mediaTypes: ['application/octet-stream'], description: "The object's bytes" },
        answers: {
          200: { description: 'It was held', schema: objectView },
          201: { description: 'It is held now', schema: objectView },
        },
      },
      send,
    );
  }

  route(
    app,
    {
      id: 'getObject',
      method: 'get',
      path: '/v1/objects/{oid}',
      tag: 'objects',
      summary: 'Fetch an object',
      description:
        'The bytes are verified on the way. With `redirect=true` you may get the address of the same bytes in the ' +
        'object store, which is good for a quarter of an hour and takes ranges. What comes from there nobody has ' +
        'verified: compare its MD5 with the name, and ask here again where it differs.',
      scope: 'data:read',
      params: objectParams,
      query: downloadQuery,
      answers: {
        200: { description: 'The bytes', schema: null, mediaType: 'application/octet-stream' },
        206: { description: 'A range of them', schema: null, mediaType: 'application/octet-stream' },
        304: { description: 'They are what you have', schema: null },
        307: { description: 'They are to be read where `Location` says', schema: null },
      },
    },
    async ({ c, ctx, actor, params, query }) => {
      const { row, open, gzip } = await readObject(ctx, actor, params.oid);
      const address = query.redirect === 'true' ? await addressOf(ctx, row.oid) : null;
      if (address !== null) return c.redirect(address, 307);
      return answerBytes(c, { etag: row.oid, size: row.size, name: row.oid, open, gzip });
    },
  );
}

async function send({ c, ctx, actor, params, query }: RouteInput<typeof objectParams, typeof uploadQuery, undefined>) {
  const expect = expectationOf(c, query);
  const held = await putObject(ctx, actor, { oid: params.oid, source: passingBody(c), expect });
  const { oid, sha256, size, existed } = held;
  return {
    status: existed ? 200 : 201,
    body: { oid, md5: oid.slice(0, 32), sha256, size, created: !existed },
    headers: { etag: `"${oid}"` },
  };
}

function batchRoute(app: App): void {
  route(
    app,
    {
      id: 'batchObjects',
      method: 'post',
      path: '/v1/objects/batch',
      tag: 'objects',
      summary: 'Ask which of many objects are missing',
      description: 'As the batch API of git-lfs: an object without `actions` needs nothing to be done.',
      scope: 'data:read',
      body: objectBatchRequest,
      answers: { 200: { description: 'What is missing and how to send it', schema: objectBatchView } },
    },
    async ({ ctx, actor, body }) => {
      const { operation, brief } = body;
      const held = await surveyObjects(
        ctx,
        actor,
        body.objects.map((object) => object.oid),
      );
      if (brief) {
        const missing = body.objects.filter(({ oid }) => !held.has(oid));
        const objects = missing.map(({ oid, size }) => ({ oid, size, missing: true }));
        return { status: 200, body: { transfer: 'basic', objects } };
      }
      const objects = body.objects.map(({ oid, size }) => {
        const missing = !held.has(oid);
        const href = `${ctx.publicUrl()}/v1/objects/${oid}`;
        if (operation === 'upload') {
          return { oid, size, missing, ...(missing ? { actions: { upload: { href, method: 'PUT' } } } : {}) };
        }
        if (!missing) return { oid, size, missing, actions: { download: { href, method: 'GET' } } };
        return { oid, size, missing, error: { code: 404, message: 'This project does not hold the object.' } };
      });
      return { status: 200, body: { transfer: 'basic', objects } };
    },
  );
}
