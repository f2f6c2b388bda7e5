import { z } from 'zod';
import { readHealth } from '../../domain/operations/health.ts';
import { renderMetrics } from '../../domain/operations/metrics.ts';
import type { RequestMetrics } from '../../domain/operations/request-metrics.ts';
import type { App } from '../route.ts';
import { route } from '../route.ts';

const alive = z.strictObject({ status: z.literal('alive'), version: z.string() }).meta({ id: 'Liveness' });

const health = z
  .strictObject({
    status: z.enum(['ready', 'not-ready', 'stopping']),
    checks: z.array(z.strictObject({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  })
  .meta({ id: 'Health' });

/** What whoever runs the service asks of it. Open to all: load balancers and scrapers carry no key. */
export function operationsRoutes(app: App, stopping: () => boolean, requests: RequestMetrics): void {
  route(
    app,
    {
      id: 'getLiveness',
      method: 'get',
      path: '/livez',
      tag: 'operations',
      summary: 'Is the process alive?',
      scope: 'public',
      answers: { 200: { description: 'It is, and of this version', schema: alive } },
    },
    ({ ctx }) => ({ status: 200, body: { status: 'alive', version: ctx.release } }),
  );

  route(
    app,
    {
      id: 'getReadiness',
      method: 'get',
      path: '/readyz',
      tag: 'operations',
      summary: 'Can it take requests?',
      scope: 'public',
      answers: {
        200: { description: 'Database and remote answer', schema: health },
        503: { description: 'Something is missing, or it is stopping', schema: health },
      },
    },
    async ({ ctx }) => {
      const checks = await readHealth(ctx);
      const ready = checks.every((check) => check.ok) && !stopping();
      const status = stopping() ? 'stopping' : ready ? 'ready' : 'not-ready';
      return { status: ready ? 200 : 503, body: { status, checks } };
    },
  );

  route(
    app,
    {
      id: 'getMetrics',
      method: 'get',
      path: '/metrics',
      tag: 'operations',
      summary: 'Metrics in the Prometheus text format',
      scope: 'public',
      answers: { 200: { description: 'The metrics', schema: null, mediaType: 'text/plain' } },
    },
    async ({ ctx }) => {
      const { contentType, text } = await renderMetrics(ctx, requests);
      return new Response(text, { headers: { 'content-type': contentType } });
    },
  );
}
