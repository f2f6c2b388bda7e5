import { pageOf, pageShape } from '../../../schemas/wire/shapes.ts';
import {
  findingView,
  quarantinedView,
  remoteView,
  scanRequest,
  scrubRequest,
  startedRunView,
  storageRunParams,
  storageRunsQuery,
  storageRunView,
} from '../../../schemas/wire/storage.ts';
import type { Context } from '../../context.ts';
import { startCheck } from '../../domain/storage/check.ts';
import { readQuarantined, readRemote } from '../../domain/storage/read.ts';
import { readFindings, readRun, readRuns, type StartedRun } from '../../domain/storage/run.ts';
import { startScan } from '../../domain/storage/scan.ts';
import { startScrub } from '../../domain/storage/scrub.ts';
import { foreignCursor, readCursor, writeCursor } from '../cursor.ts';
import { type Answer, type App, route } from '../route.ts';
import { viewFinding, viewQuarantined, viewRemote, viewStorageRun } from '../views/storage.ts';

const STARTED = {
  200: { description: 'One is under way: this one', schema: startedRunView },
  202: { description: 'It has begun', schema: startedRunView },
};

/** The remote: what lies there, whether it is whole, and the work that finds out. */
export function remoteRoutes(app: App): void {
  route(
    app,
    {
      id: 'getRemote',
      method: 'get',
      path: '/v1/remote',
      tag: 'remote',
      summary: 'What the project holds in the remote, and the newest work on it',
      scope: 'data:read',
      answers: { 200: { description: 'Totals and runs', schema: remoteView } },
    },
    async ({ ctx, actor }) => ({
      status: 200,
      body: viewRemote(ctx.publicUrl(), await readRemote(ctx, actor), ctx.config.storage.scrubSeconds),
    }),
  );

  route(
    app,
    {
      id: 'listQuarantinedObjects',
      method: 'get',
      path: '/v1/remote/quarantined',
      tag: 'remote',
      summary: 'List objects whose bytes are wrong or lost',
      description:
        'Each is answered as missing, and so is every directory that lists it, until good bytes come; the versions that have it are degraded.',
      scope: 'data:read',
      query: pageShape,
      answers: { 200: { description: 'Objects by name', schema: pageOf(quarantinedView) } },
    },
    async ({ ctx, actor, query }) => {
      const { limit, cursor } = query;
      const rows = await readQuarantined(ctx, actor, { after: readCursor(cursor, ''), limit: limit + 1 });
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const items = rows.slice(0, limit).map(viewQuarantined);
      return { status: 200, body: { items, next: last === undefined ? null : writeCursor(last.oid) } };
    },
  );
  startingRoutes(app);
  runRoutes(app);
}

const answerStarted = (ctx: Context, { run, created }: StartedRun): Answer => ({
  status: created ? 202 : 200,
  body: { ...viewStorageRun(ctx.publicUrl(), run), created },
  headers: { location: `${ctx.publicUrl()}/v1/remote/runs/${run.id}` },
});

function startingRoutes(app: App): void {
  route(
    app,
    {
      id: 'startCheck',
      method: 'post',
      path: '/v1/remote/check',
      tag: 'remote',
      summary: 'Compare the database with the remote',
      description:
        'Finds what one side has and the other has not, wrong sizes, directories that are not remembered as they are, ' +
        'and versions whose totals or SHA-256 root are not those of their files, and names what is quarantined. It reads names and directories, no ' +
        'file: that is what a scrub does. Nothing is changed.',
      scope: 'data:read',
      answers: STARTED,
    },
    async ({ ctx, actor }) => answerStarted(ctx, await startCheck(ctx, actor)),
  );

  route(
    app,
    {
      id: 'startScrub',
      method: 'post',
      path: '/v1/remote/scrub',
      tag: 'remote',
      summary: 'Read every object again',
      description: 'Corrupt and lost objects are quarantined; quarantined ones whose bytes are good again are healed.',
      scope: 'data:write',
      body: scrubRequest,
      answers: STARTED,
    },
    async ({ ctx, actor, body }) =>
      answerStarted(ctx, await startScrub(ctx, actor, { unreadSeconds: body.unread_seconds })),
  );

  route(
    app,
    {
      id: 'startScan',
      method: 'post',
      path: '/v1/remote/scan',
      tag: 'remote',
      summary: 'Take what others wrote straight into the remote',
      description:
        'Finds what `dvc push` wrote into the bucket or folder itself, reads it, and makes it objects of the project ' +
        'where it lies. What is corrupt is reported and not taken.',
      scope: 'admin',
      body: scanRequest,
      answers: STARTED,
    },
    async ({ ctx, actor, body }) => answerStarted(ctx, await startScan(ctx, actor, { oid: body.oid ?? null })),
  );
}

/** A point in time in a cursor: epoch milliseconds, as text. */
function timeOf(position: string): Date {
  if (!/^\d{1,14}$/.test(position)) throw foreignCursor();
  return new Date(Number(position));
}

function runRoutes(app: App): void {
  route(
    app,
    {
      id: 'listStorageRuns',
      method: 'get',
      path: '/v1/remote/runs',
      tag: 'remote',
      summary: 'List the work on the remote, newest first',
      scope: 'data:read',
      query: storageRunsQuery,
      answers: { 200: { description: 'Runs', schema: pageOf(storageRunView) } },
    },
    async ({ ctx, actor, query }) => {
      const { limit, cursor, kind } = query;
      const before = cursor === undefined ? null : timeOf(readCursor(cursor, ''));
      const kinds = kind === undefined ? (['scrub', 'scan', 'check', 'collect'] as const) : [kind];
      const runs = await readRuns(ctx, actor, { kinds, before, limit: limit + 1 });
      const last = runs.length > limit ? runs[limit - 1] : undefined;
      const items = runs.slice(0, limit).map((run) => viewStorageRun(ctx.publicUrl(), run));
      return {
        status: 200,
        body: { items, next: last === undefined ? null : writeCursor(String(last.startedAt.getTime())) },
      };
    },
  );

  route(
    app,
    {
      id: 'getStorageRun',
      method: 'get',
      path: '/v1/remote/runs/{run}',
      tag: 'remote',
      summary: 'How far a run is',
      scope: 'data:read',
      params: storageRunParams,
      answers: { 200: { description: 'The run', schema: storageRunView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewStorageRun(ctx.publicUrl(), await readRun(ctx, actor, params.run)),
    }),
  );

  route(
    app,
    {
      id: 'listStorageFindings',
      method: 'get',
      path: '/v1/remote/runs/{run}/findings',
      tag: 'remote',
      summary: 'What a run found wrong, object by object',
      description: 'The first 10,000 are kept; `progress.findings` of the run counts them all.',
      scope: 'data:read',
      params: storageRunParams,
      query: pageShape,
      answers: { 200: { description: 'Findings in order', schema: pageOf(findingView) } },
    },
    async ({ ctx, actor, params, query }) => {
      const { limit, cursor } = query;
      const given = { run: params.run, after: readCursor(cursor, 0), limit: limit + 1 };
      const rows = await readFindings(ctx, actor, given);
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const items = rows.slice(0, limit).map(viewFinding);
      return { status: 200, body: { items, next: last === undefined ? null : writeCursor(last.id) } };
    },
  );
}
