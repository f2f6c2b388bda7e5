import { z } from 'zod';
import {
  acknowledgement,
  alertDetail,
  alertQuery,
  alertView,
  assignment,
  mute,
  remark,
  resolution,
} from '../../../schemas/wire/alerts.ts';
import { addressedShape, pageOf } from '../../../schemas/wire/shapes.ts';
import {
  acknowledgeAlert,
  assignAlert,
  commentAlert,
  muteAlert,
  readAlert,
  readAlerts,
  resolveAlert,
} from '../../domain/alert/alerts.ts';
import { readIdCursor, writeIdCursor } from '../cursor.ts';
import { type App, route } from '../route.ts';
import { viewAlert, viewAlertDetail } from '../views/alerts.ts';

const idParam = z.strictObject({ id: addressedShape });
const tag = 'alerts';

/** What lasting drift has raised. */
export function alertRoutes(app: App): void {
  route(
    app,
    {
      id: 'listAlerts',
      method: 'get',
      path: '/v1/alerts',
      tag,
      summary: 'List alerts, newest first',
      scope: 'monitors:read',
      query: alertQuery,
      answers: { 200: { description: 'A page of alerts', schema: pageOf(alertView) } },
    },
    async ({ ctx, actor, query }) => {
      const { items, next } = await readAlerts(ctx, actor, { ...query, cursor: readIdCursor(query.cursor, 'al') });
      return { status: 200, body: { items: items.map(viewAlert), next: writeIdCursor(next) } };
    },
  );
  route(
    app,
    {
      id: 'getAlert',
      method: 'get',
      path: '/v1/alerts/{id}',
      tag,
      summary: 'An alert with its timeline, its messages and the runs it started',
      scope: 'monitors:read',
      params: idParam,
      answers: { 200: { description: 'The alert', schema: alertDetail } },
    },
    async ({ ctx, actor, params }) => ({
      status: 200,
      body: viewAlertDetail(await readAlert(ctx, actor, params.id)),
    }),
  );
  route(
    app,
    {
      id: 'acknowledgeAlert',
      method: 'post',
      path: '/v1/alerts/{id}/acknowledge',
      tag,
      summary: 'Say that somebody has seen it',
      scope: 'alerts:write',
      params: idParam,
      body: acknowledgement,
      answers: { 200: { description: 'The alert', schema: alertView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewAlert(await acknowledgeAlert(ctx, actor, { id: params.id, ...body })),
    }),
  );
  route(
    app,
    {
      id: 'resolveAlert',
      method: 'post',
      path: '/v1/alerts/{id}/resolve',
      tag,
      summary: 'End an alert by hand',
      description: 'Drift that goes on opens another alert by the same rule.',
      scope: 'alerts:write',
      params: idParam,
      body: resolution,
      answers: { 200: { description: 'The alert', schema: alertView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewAlert(await resolveAlert(ctx, actor, { id: params.id, reason: body.reason })),
    }),
  );
  remarkRoutes(app);
}

function remarkRoutes(app: App): void {
  route(
    app,
    {
      id: 'assignAlert',
      method: 'post',
      path: '/v1/alerts/{id}/assign',
      tag,
      summary: 'Say who looks after it',
      scope: 'alerts:write',
      params: idParam,
      body: assignment,
      answers: { 200: { description: 'The alert', schema: alertView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewAlert(await assignAlert(ctx, actor, { id: params.id, to: body.to })),
    }),
  );
  route(
    app,
    {
      id: 'commentAlert',
      method: 'post',
      path: '/v1/alerts/{id}/comment',
      tag,
      summary: 'Add a comment to its history',
      scope: 'alerts:write',
      params: idParam,
      body: remark,
      answers: { 200: { description: 'The alert', schema: alertView } },
    },
    async ({ ctx, actor, params, body }) => ({
      status: 200,
      body: viewAlert(await commentAlert(ctx, actor, { id: params.id, comment: body.comment })),
    }),
  );
  route(
    app,
    {
      id: 'muteAlert',
      method: 'post',
      path: '/v1/alerts/{id}/mute',
      tag,
      summary: 'Have nobody told of it for a time',
      description: 'Those who were told before are told of its end in any case.',
      scope: 'alerts:write',
      params: idParam,
      body: mute,
      answers: { 200: { description: 'The alert', schema: alertView } },
    },
    async ({ ctx, actor, params, body }) => {
      const until = body.until === null ? null : new Date(body.until);
      const alert = await muteAlert(ctx, actor, { id: params.id, until, comment: body.comment });
      return { status: 200, body: viewAlert(alert) };
    },
  );
}
