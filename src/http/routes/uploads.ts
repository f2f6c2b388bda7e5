import {
  objectView,
  partParams,
  partView,
  uploadParams,
  uploadQuery,
  uploadRequest,
  uploadView,
} from '../../../schemas/wire/objects.ts';
import {
  beginUpload,
  completeUpload,
  inviteParts,
  putPart,
  readUpload,
  type Upload,
} from '../../domain/object/uploads.ts';
import { passingBody } from '../request.ts';
import { type App, route } from '../route.ts';
import { expectationOf } from '../upload.ts';

/** Large objects in parts: what has come stays, whoever was cut off sends only the rest. */
export function uploadRoutes(app: App): void {
  route(
    app,
    {
      id: 'beginUpload',
      method: 'post',
      path: '/v1/uploads',
      tag: 'objects',
      summary: 'Begin to send a large object in parts, or go on',
      description:
        'For the same object and size it is the same upload, so that after a break the answer says which parts are ' +
        'there already. All parts have `part_bytes` but the last. An upload that nobody touches for a day is given up. ' +
        'With `direct` the answer names, for up to 200 of the missing parts, an address in the object store at which ' +
        'a PUT leaves the part past this service, within a quarter of an hour; whoever needs more of them, or later, ' +
        'begins again. `direct` is null where that is not possible.',
      scope: 'data:write',
      body: uploadRequest,
      answers: { 200: { description: 'The upload and what has come of it', schema: uploadView } },
    },
    async ({ ctx, actor, body }) => {
      const upload = await beginUpload(ctx, actor, { oid: body.oid, size: body.size });
      const direct = body.direct ? { direct: await inviteParts(ctx, upload) } : {};
      return { status: 200, body: { ...viewUpload(upload), ...direct } };
    },
  );

  route(
    app,
    {
      id: 'getUpload',
      method: 'get',
      path: '/v1/uploads/{upload}',
      tag: 'objects',
      summary: 'See how far an upload is',
      scope: 'data:write',
      params: uploadParams,
      answers: { 200: { description: 'The upload and what has come of it', schema: uploadView } },
    },
    async ({ ctx, actor, params }) => ({ status: 200, body: viewUpload(await readUpload(ctx, actor, params.upload)) }),
  );

  route(
    app,
    {
      id: 'putPart',
      method: 'put',
      path: '/v1/uploads/{upload}/parts/{number}',
      tag: 'objects',
      summary: 'Send a part of an object',
      description: 'Parts count from 1 and may come in any order and at once. A part may be sent again.',
      scope: 'data:write',
      params: partParams,
      query: uploadQuery,
      raw: { mediaTypes: ['application/octet-stream'], description: "The part's bytes" },
      answers: { 200: { description: 'The part is durable', schema: partView } },
    },
    async ({ c, ctx, actor, params, query }) => {
      const expect = expectationOf(c, query);
      const { upload: id, number } = params;
      return { status: 200, body: await putPart(ctx, actor, { id, number, source: passingBody(c), expect }) };
    },
  );

  route(
    app,
    {
      id: 'completeUpload',
      method: 'post',
      path: '/v1/uploads/{upload}/complete',
      tag: 'objects',
      summary: 'Make the object of its parts',
      description: 'The whole is hashed, and becomes an object when it bears out its name. It may be repeated.',
      scope: 'data:write',
      params: uploadParams,
      answers: { 200: { description: 'The object is held', schema: objectView } },
    },
    async ({ ctx, actor, params }) => {
      const { oid, sha256, size, existed } = await completeUpload(ctx, actor, params.upload);
      return { status: 200, body: { oid, md5: oid, sha256, size, created: !existed } };
    },
  );
}

function viewUpload({ row, received, parts }: Upload) {
  return {
    id: row.id,
    oid: row.oid,
    size: row.size,
    part_bytes: row.partBytes,
    parts,
    received,
    completed: row.completedAt !== null,
  };
}
