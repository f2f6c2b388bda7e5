import type { z } from 'zod';
import { versionParams, versionView } from '../../../schemas/wire/datasets.ts';
import { objectParams, objectView } from '../../../schemas/wire/objects.ts';
import { pageOf, pageShape } from '../../../schemas/wire/shapes.ts';
import {
  collectionRequest,
  planView,
  startedRunView,
  trashedObjectView,
  trashedVersionView,
} from '../../../schemas/wire/storage.ts';
import { type Collecting, planCollection } from '../../domain/retention/plan.ts';
import { readTrash, readTrashedObjects, restoreTrashed, restoreTrashedObject } from '../../domain/retention/trash.ts';
import { startCollection } from '../../domain/storage/collect.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { viewVersion } from '../dataset-view.ts';
import { type App, route } from '../route.ts';
import { viewPlan, viewStorageRun, viewTrashed, viewTrashedObject } from '../views/storage.ts';

const NEWEST = 2 ** 31 - 1;

const RULES =
  'A version is kept while something needs it (the newest, a tag, a model, a monitor and its reports, an open alert, ' +
  'a retraining run) a rule of its dataset keeps it, or one under `keep` names it. The others go into the trash, from which they can be restored; ' +
  'after that their objects, and those that no version has, wait for another time and are then removed.';

/** What is kept and what goes. */
export function retentionRoutes(app: App): void {
  trashedObjectRoutes(app);
  route(
    app,
    {
      id: 'planCollection',
      method: 'post',
      path: '/v1/gc/plan',
      tag: 'remote',
      summary: 'Say what a collection would delete, and why it would keep the rest',
      description: `${RULES} Nothing is changed.`,
      scope: 'data:read',
      body: collectionRequest,
      answers: { 200: { description: 'The plan', schema: planView } },
    },
    async ({ ctx, actor, body }) => ({
      status: 200,
      body: viewPlan(await planCollection(ctx, actor, collectingOf(body)), ctx.config.storage),
    }),
  );

  route(
    app,
    {
      id: 'startCollection',
      method: 'post',
      path: '/v1/gc',
      tag: 'remote',
      summary: 'Delete what nothing needs and no rule keeps',
      description: RULES,
      scope: 'admin',
      body: collectionRequest,
      answers: {
        200: { description: 'One is under way: this one', schema: startedRunView },
        202: { description: 'It has begun', schema: startedRunView },
      },
    },
    async ({ ctx, actor, body }) => {
      const { run, created } = await startCollection(ctx, actor, collectingOf(body));
      return { status: created ? 202 : 200, body: { ...viewStorageRun(ctx.publicUrl(), run), created } };
    },
  );

  route(
    app,
    {
      id: 'listTrashedVersions',
      method: 'get',
      path: '/v1/trash',
      tag: 'remote',
      summary: 'List versions that can be restored',
      scope: 'data:read',
      query: pageShape,
      answers: { 200: { description: 'Versions in the trash, newest first', schema: pageOf(trashedVersionView) } },
    },
    async ({ ctx, actor, query }) => {
      const { limit, cursor } = query;
      const rows = await readTrash(ctx, actor, { before: readCursor(cursor, NEWEST), limit: limit + 1 });
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const items = rows.slice(0, limit).map((row) => viewTrashed(row, ctx.config.storage.trashSeconds));
      return { status: 200, body: { items, next: last === undefined ? null : writeCursor(last.id) } };
    },
  );

  route(
    app,
    {
      id: 'restoreVersion',
      method: 'post',
      path: '/v1/datasets/{dataset}/versions/{ref}/restore',
      tag: 'versions',
      summary: 'Take a version out of the trash',
      scope: 'data:write',
      params: versionParams,
      answers: { 200: { description: 'The version', schema: versionView } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewVersion(ctx.publicUrl(), await restoreTrashed(ctx, actor, params)),
    }),
  );
}

/** Objects that were given up by themselves. */
function trashedObjectRoutes(app: App): void {
  route(
    app,
    {
      id: 'listTrashedObjects',
      method: 'get',
      path: '/v1/trash/objects',
      tag: 'remote',
      summary: 'List objects of no version that can be restored',
      scope: 'data:read',
      query: pageShape,
      answers: { 200: { description: 'Objects in the trash, by name', schema: pageOf(trashedObjectView) } },
    },
    async ({ ctx, actor, query }) => {
      const { limit, cursor } = query;
      const rows = await readTrashedObjects(ctx, actor, { after: readCursor(cursor, ''), limit: limit + 1 });
      const last = rows.length > limit ? rows[limit - 1] : undefined;
      const items = rows.slice(0, limit).map((row) => viewTrashedObject(row, ctx.config.storage.graceSeconds));
      return { status: 200, body: { items, next: last === undefined ? null : writeCursor(last.oid) } };
    },
  );

  route(
    app,
    {
      id: 'restoreObject',
      method: 'post',
      path: '/v1/objects/{oid}/restore',
      tag: 'objects',
      summary: 'Take an object out of the trash',
      scope: 'data:write',
      params: objectParams,
      answers: { 200: { description: 'It is held', schema: objectView } },
    },
    async ({ ctx, actor, params }) => {
      const { object, created } = await restoreTrashedObject(ctx, actor, params.oid);
      const { oid, sha256, size } = object;
      return { status: 200, body: { oid, md5: oid.slice(0, 32), sha256, size, created } };
    },
  );
}

function collectingOf(body: z.infer<typeof collectionRequest>): Collecting {
  const { dataset, keep, rules, pushed, scanned } = body;
  const policy =
    keep === undefined
      ? null
      : {
          last: keep.last,
          withinSeconds: keep.within_seconds,
          daily: keep.daily,
          tags: keep.tags,
          gitRevs: keep.git_revs,
          oids: keep.oids,
        };
  const unreferenced = body.unreferenced ?? dataset === undefined;
  return { dataset: dataset ?? null, policy, rules, unreferenced, pushed, scanned };
}
