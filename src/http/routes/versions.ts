import type { z } from 'zod';
import {
  commitRequest,
  datasetParams,
  profileQuery,
  profileView,
  pushedVersionView,
  pushQuery,
  schemaView,
  versionParams,
  versionView,
} from '../../../schemas/wire/datasets.ts';
import { relationsView } from '../../../schemas/wire/relations.ts';
import { pageOf } from '../../../schemas/wire/shapes.ts';
import { versionsQuery } from '../../../schemas/wire/version-notes.ts';
import { type CommitContent, commitVersion } from '../../domain/dataset/commit.ts';
import { pushFile } from '../../domain/dataset/push.ts';
import {
  describeVersion,
  nameLatest,
  readKnowledge,
  readSchema,
  readVersion,
  readVersions,
} from '../../domain/dataset/read.ts';
import { relationsBody } from '../../domain/files/comparison-body.ts';
import { PROFILE_MEDIA_TYPE, storedBytes } from '../../domain/files/stored-profiles.ts';
import { readRelations } from '../../domain/relations/read-relations.ts';
import { TidemarkError } from '../../errors.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { viewProfile, viewSchema, viewVersion } from '../dataset-view.ts';
import { passingBody, readJson } from '../request.ts';
import { type Answer, type App, parsePart, type RouteInput, route } from '../route.ts';
import { expectationOf, idempotencyKeyOf } from '../upload.ts';

const NEWEST = 2 ** 31 - 1;

/** Versions: push, commit, list, view, and what is known of their content. */
export function versionRoutes(app: App): void {
  route(
    app,
    {
      id: 'createVersion',
      method: 'post',
      path: '/v1/datasets/{dataset}/versions',
      tag: 'versions',
      summary: 'Push a file, or commit objects, as the next version',
      description:
        'With `?path=train.csv` the body is the file itself, of any content type. Without it the body is a commit ' +
        'in JSON that names objects held already. Content that the newest version of that name has answers 200 with it; ' +
        'content that only an older one has becomes the next version, so that what was pushed last is the latest.',
      scope: 'data:write',
      params: datasetParams,
      query: pushQuery,
      raw: { mediaTypes: ['application/octet-stream'], description: "The file's bytes", json: commitRequest },
      idempotent: true,
      answers: {
        200: { description: 'The newest version has this content', schema: pushedVersionView },
        201: { description: 'The new version', schema: pushedVersionView },
      },
    },
    async (input) => {
      const { ctx } = input;
      const { version, created } = input.query.path === undefined ? await commit(input) : await push(input);
      const view = viewVersion(ctx.publicUrl(), await describeVersion(ctx, version));
      const headers = { location: view.links.self };
      const latest = await nameLatest(ctx, { version, created });
      return { status: created ? 201 : 200, body: { ...view, created, latest }, headers };
    },
  );
  readingRoutes(app);
  knowledgeRoutes(app);
}

type Push = RouteInput<typeof datasetParams, typeof pushQuery, undefined>;

async function push({ c, ctx, actor, params, query }: Push) {
  const { path = '', message, tag } = query;
  return pushFile(ctx, actor, {
    dataset: params.dataset,
    ...notesOf(query),
    path,
    message,
    tag,
    expect: expectationOf(c, query),
    source: passingBody(c),
    asNext: true,
    idempotencyKey: idempotencyKeyOf(c),
  });
}

async function commit({ c, ctx, actor, params, query }: Push) {
  const [stray] = Object.keys(query);
  if (stray !== undefined) {
    throw new TidemarkError('bad-request', `"${stray}" belongs to the push of a file, which also takes "?path=".`);
  }
  const given = await readJson(c, ctx.config.limits.batchBytes).catch((error: unknown) => {
    if (!(error instanceof TidemarkError) || error.code !== 'unsupported-media-type') throw error;
    throw new TidemarkError(
      'unsupported-media-type',
      'To push a file give its name as "?path=train.csv"; a commit is JSON with "Content-Type: application/json".',
    );
  });
  const body = parsePart(commitRequest, given, 'body');
  const { path, message, tag, executable } = body;
  const content = contentOf(body);
  return commitVersion(ctx, actor, {
    dataset: params.dataset,
    ...notesOf(body),
    details: body.provenance,
    content,
    path,
    executable,
    message,
    tag,
    asNext: true,
    idempotencyKey: idempotencyKeyOf(c),
  });
}

const notesOf = (given: Pick<z.output<typeof pushQuery>, 'author' | 'labels' | 'git_rev' | 'parents'>) => ({
  author: given.author,
  labels: given.labels,
  gitRev: given.git_rev,
  parents: given.parents,
});

/** The shape lets exactly one of them through. */
function contentOf(body: ReturnType<typeof commitRequest.parse>): CommitContent {
  if (body.files !== undefined) return { kind: 'files', files: body.files };
  if (body.changes !== undefined) {
    const put = body.changes.put.map(({ path, md5 }) => ({ relpath: path, md5 }));
    return { kind: 'changes', changes: { ...body.changes, put } };
  }
  if (body.oid !== undefined) return { kind: 'oid', oid: body.oid };
  return { kind: 'pointer', pointer: body.pointer ?? '' };
}

function readingRoutes(app: App): void {
  route(
    app,
    {
      id: 'listVersions',
      method: 'get',
      path: '/v1/datasets/{dataset}/versions',
      tag: 'versions',
      summary: 'List versions, newest first',
      scope: 'data:read',
      params: datasetParams,
      query: versionsQuery,
      answers: { 200: { description: 'Versions', schema: pageOf(versionView) } },
    },
    async ({ ctx, actor, params, query }) => {
      const { limit, cursor, label, author, git_rev, tag } = query;
      const filter = { labels: label, author, gitRev: git_rev, tag };
      const page = { ...filter, before: readCursor(cursor, NEWEST), limit: limit + 1 };
      const rows = await readVersions(ctx, actor, { dataset: params.dataset, ...page });
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const items = rows.slice(0, limit).map((details) => viewVersion(ctx.publicUrl(), details));
      return { status: 200, body: { items, next: last === undefined ? null : writeCursor(last.version.number) } };
    },
  );

  route(
    app,
    {
      id: 'getVersion',
      method: 'get',
      path: '/v1/datasets/{dataset}/versions/{ref}',
      tag: 'versions',
      summary: 'View a version',
      description: 'A ref is `v3`, `latest`, a tag, an object name, or the first digits of one.',
      scope: 'data:read',
      params: versionParams,
      answers: { 200: { description: 'The version', schema: versionView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewVersion(ctx.publicUrl(), await readVersion(ctx, actor, params)),
    }),
  );
}

const asksForFile = (accept: string | undefined): boolean =>
  accept?.split(',').some((range) => range.split(';')[0]?.trim().toLowerCase() === PROFILE_MEDIA_TYPE) === true;

const profileFile = (name: string, bytes: Uint8Array<ArrayBuffer>): Response =>
  new Response(bytes, {
    headers: {
      'content-type': PROFILE_MEDIA_TYPE,
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}.tmprofile`,
      vary: 'accept',
    },
  });

const pendingAnswer = (body: { readonly state: string }): Answer =>
  body.state === 'pending' ? { status: 202, body, headers: { 'retry-after': '1' } } : { status: 200, body };

function knowledgeRoutes(app: App): void {
  route(
    app,
    {
      id: 'getProfile',
      method: 'get',
      path: '/v1/datasets/{dataset}/versions/{ref}/profile',
      tag: 'versions',
      summary: 'The statistics of a version, or of one of its columns',
      description: `With \`Accept: ${PROFILE_MEDIA_TYPE}\` the profile as a file, for \`tidemark profile\` and \`compare\`.`,
      scope: 'data:read',
      params: versionParams,
      query: profileQuery,
      answers: {
        200: { description: 'The profile, or why there is none', schema: profileView },
        202: { description: 'It is being made; ask again', schema: profileView },
      },
    },
    async ({ c, ctx, actor, params, query }) => {
      const read = await readKnowledge(ctx, actor, params);
      if (asksForFile(c.req.header('accept')) && query.column === undefined && read.knowledge.state === 'ready') {
        const name = `${read.version.dataset}@v${read.version.number}`;
        return profileFile(name, storedBytes({ name, profile: read.knowledge.profile }));
      }
      const body = viewProfile(read, query.column);
      if (query.column !== undefined && body.profile?.columns.length === 0) {
        throw new TidemarkError('not-found', `This version has no column "${query.column.slice(0, 100)}".`);
      }
      return pendingAnswer(body);
    },
  );

  route(
    app,
    {
      id: 'getRelations',
      method: 'get',
      path: '/v1/datasets/{dataset}/versions/{ref}/relations',
      tag: 'versions',
      summary: 'Duplicate rows, and how columns go together',
      description:
        'Reads the data when it is asked: duplicates over all rows, correlations (Pearson, Spearman, Cramér’s V, mutual information) over a sample of 10,000.',
      scope: 'data:read',
      params: versionParams,
      answers: { 200: { description: 'The relations', schema: relationsView } },
    },
    async ({ ctx, actor, params }) => {
      const { version, relations } = await readRelations(ctx, actor, params);
      const name = { dataset: version.dataset, ref: `v${version.number}`, oid: version.oid };
      return { status: 200, body: { ...name, ...relationsBody(relations) } };
    },
  );

  route(
    app,
    {
      id: 'getSchema',
      method: 'get',
      path: '/v1/datasets/{dataset}/versions/{ref}/schema',
      tag: 'versions',
      summary: 'The schema that a version supports',
      scope: 'data:read',
      params: versionParams,
      answers: {
        200: { description: 'The inferred schema, or why there is none', schema: schemaView },
        202: { description: 'It is being made; ask again', schema: schemaView },
      },
    },
    async ({ ctx, actor, params }) => pendingAnswer(viewSchema(await readSchema(ctx, actor, params))),
  );
}
