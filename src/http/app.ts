import { OpenAPIHono } from '@hono/zod-openapi';
import { routePath } from 'hono/route';
import type { Context } from '../context.ts';
import { RequestMetrics } from '../domain/operations/request-metrics.ts';
import { TidemarkError } from '../errors.ts';
import { createPages } from '../web/routes.tsx';
import { authentication } from './auth.ts';
import { basePathOf, belowBase } from './base-path.ts';
import { strayUpload, tellReason } from './dvc-reason.ts';
import { statusOf } from './problem.ts';
import { noteRefusal, problemAnswer } from './problem-answer.ts';
import { type HttpContext, type HttpEnv, nodeOf, refuseDotSegments } from './request.ts';
import type { App } from './route.ts';
import { accessRoutes } from './routes/access.ts';
import { alertRoutes } from './routes/alerts.ts';
import { auditRoutes } from './routes/audit.ts';
import { comparisonRoutes } from './routes/comparisons.ts';
import { datasetRetentionRoutes } from './routes/dataset-retention.ts';
import { datasetRoutes } from './routes/datasets.ts';
import { deletionRoutes } from './routes/deletion.ts';
import { deriveRoutes } from './routes/derive.ts';
import { dvcRoutes } from './routes/dvc.ts';
import { fileRoutes } from './routes/files.ts';
import { lineageRoutes } from './routes/lineage.ts';
import { logRetentionRoutes } from './routes/log-retention.ts';
import { logRoutes } from './routes/logs.ts';
import { modelRoutes } from './routes/models.ts';
import { monitorRoutes } from './routes/monitors.ts';
import { objectRoutes } from './routes/objects.ts';
import { operationsRoutes } from './routes/operations.ts';
import { packRoutes } from './routes/packs.ts';
import { predictionRoutes } from './routes/predictions.ts';
import { previewRoutes } from './routes/previews.ts';
import { projectRoutes } from './routes/projects.ts';
import { pushRoutes } from './routes/pushes.ts';
import { referenceRoutes } from './routes/reference.tsx';
import { rejectedRowRoutes } from './routes/rejected-rows.ts';
import { remoteRoutes } from './routes/remote.ts';
import { retentionRoutes } from './routes/retention.ts';
import { retrainingRoutes } from './routes/retraining.ts';
import { segmentRoutes } from './routes/segments.ts';
import { silenceRoutes } from './routes/silences.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { versionChangeRoutes } from './routes/version-changes.ts';
import { versionDiffRoutes } from './routes/version-diff.ts';
import { versionRoutes } from './routes/versions.ts';
import { webhookRoutes } from './routes/webhooks.ts';
import { windowRoutes } from './routes/windows.ts';

/**
 * Mounts every route on a context. No socket is needed: tests call `app.request(...)`.
 * @param stopping tells `/readyz` that the service drains.
 * @param requests what `/metrics` tells of the answers.
 */
export function createApp(
  ctx: Context,
  stopping: () => boolean = () => false,
  requests: RequestMetrics = new RequestMetrics(),
): App {
  const app: App = new OpenAPIHono<HttpEnv>();
  app.use(async (c, next) => {
    const began = performance.now();
    await next();
    const { method } = c.req;
    // After all is done, the one that answered: several patterns may match an address.
    const route = routePath(c);
    requests.observe({ method, route, status: c.res.status, seconds: (performance.now() - began) / 1000 });
  });
  app.use(async (c, next) => {
    c.set('ctx', ctx);
    c.set('requestId', ctx.newId('req'));
    refuseDotSegments(c);
    await next();
    addHeaders(c, {
      'x-request-id': c.get('requestId'),
      'x-content-type-options': 'nosniff',
      'referrer-policy': referrerPolicy(c.req.path),
    });
  });
  const base = basePathOf(ctx.publicUrl());
  if (base !== '') app.use(belowBase(base));
  app.onError(async (error, c) => {
    await noteRefusal(c.get('ctx'), { actor: c.get('actor'), id: c.get('requestId') }, error);
    return answerError(error, c);
  });
  app.notFound((c) => answerError(strayUpload(c) ?? missing(app, c), c));
  app.use('/v1/*', authentication);
  projectRoutes(app);
  accessRoutes(app);
  auditRoutes(app);
  modelRoutes(app);
  logRoutes(app);
  rejectedRowRoutes(app);
  predictionRoutes(app);
  logRetentionRoutes(app);
  monitorRoutes(app);
  previewRoutes(app);
  windowRoutes(app);
  segmentRoutes(app);
  operationsRoutes(app, stopping, requests);
  datasetRoutes(app);
  versionRoutes(app);
  versionChangeRoutes(app);
  deletionRoutes(app);
  datasetRetentionRoutes(app);
  versionDiffRoutes(app);
  deriveRoutes(app);
  comparisonRoutes(app);
  lineageRoutes(app);
  fileRoutes(app);
  // Before the objects by name, which would take "pack" for one.
  packRoutes(app);
  objectRoutes(app);
  dvcRoutes(app, ctx);
  pushRoutes(app);
  remoteRoutes(app);
  retentionRoutes(app);
  uploadRoutes(app);
  webhookRoutes(app);
  alertRoutes(app);
  silenceRoutes(app);
  retrainingRoutes(app);
  referenceRoutes(app);
  app.route('/', createPages(ctx, statusOf));
  return app;
}

/**
 * Headers of every answer. Node's own answer takes them where there is one: to add them to the one that the app made
 * would make it anew, with its body as a stream of a single chunk.
 */
function addHeaders(c: HttpContext, headers: Readonly<Record<string, string>>): void {
  const { outgoing } = nodeOf(c);
  for (const [name, value] of Object.entries(headers)) {
    if (outgoing === undefined) c.header(name, value);
    else if (!outgoing.headersSent) outgoing.setHeader(name, value);
  }
}

/**
 * No other host is told where somebody comes from. Of a page that tells nobody at all a browser sends the forms with the
 * origin "null", and nobody could sign in.
 */
const referrerPolicy = (path: string): string => (/^\/(?:v1|dvc)\//.test(path) ? 'no-referrer' : 'same-origin');

function answerError(error: unknown, c: HttpContext): Response {
  const { known, status, headers, body } = problemAnswer(error, {
    path: c.req.path,
    id: c.get('requestId'),
    log: c.get('ctx').log,
  });
  return new Response(body, { status, statusText: tellReason(c, known), headers });
}

/** A path that exists with another method is told apart from one that does not exist. */
function missing(app: App, c: HttpContext): TidemarkError {
  const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) =>
    app.router.match(method, c.req.path)[0].some(([handler]) => handler[1].method !== 'ALL'),
  );
  if (methods.length === 0) return new TidemarkError('not-found', 'There is nothing at this address.');
  const allow = methods.includes('GET') ? ['HEAD', ...methods] : methods;
  return new TidemarkError(
    'method-not-allowed',
    `${c.req.method} is not possible here; allowed: ${allow.join(', ')}.`,
    {
      details: { allow: allow.join(', ') },
    },
  );
}
