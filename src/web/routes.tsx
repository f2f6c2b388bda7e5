import { Hono } from 'hono';
import type { Context } from '../context.ts';
import type { Actor } from '../domain/access/actor.ts';
import { readHoldings } from '../domain/project/projects.ts';
import { TidemarkError } from '../errors.ts';
import { serveAsset } from './assets.ts';
import { actorOf, guarded, isOpen, type PageApp, type PageEnv, page, type StatusOf } from './page.tsx';
import { alertPage } from './pages/alerts/alert.tsx';
import { alertsPage } from './pages/alerts/alerts.tsx';
import { datasetPage } from './pages/datasets/dataset.tsx';
import { datasetsPage } from './pages/datasets/datasets.tsx';
import { diffPage } from './pages/datasets/diff.tsx';
import { versionPage } from './pages/datasets/version.tsx';
import { modelPage } from './pages/models/model.tsx';
import { modelsPage } from './pages/models/models.tsx';
import { predictionPage } from './pages/models/prediction.tsx';
import { predictionsPage } from './pages/models/predictions.tsx';
import { overviewPage } from './pages/overview.tsx';
import { type Holdings, homeOf } from './pages/projects.tsx';
import { policyPage } from './pages/retraining/policy.tsx';
import { runPage } from './pages/retraining/run.tsx';
import { runsPage } from './pages/retraining/runs.tsx';
import { storagePage } from './pages/storage.tsx';
import { messagePage } from './pages/webhooks/message.tsx';
import { webhooksPage } from './pages/webhooks/webhooks.tsx';
import { columnPage } from './pages/windows/column.tsx';
import { windowPage } from './pages/windows/window.tsx';
import { projectRoutes } from './projects.tsx';
import { signInRoutes } from './sign-in.tsx';

/** The projects whose pages somebody can open: a key opens those of its own, whatever else it knows of. */
async function holdingsFor(ctx: Context, actor: Actor): Promise<Holdings> {
  const holdings = await readHoldings(ctx, actor);
  return isOpen(actor) ? holdings : holdings.filter(({ project }) => project === actor.project);
}

/** Every page of the dashboard, as an app of its own that `http` mounts at the root. */
export function createPages(ctx: Context, statusOf: StatusOf): PageApp {
  const app: PageApp = new Hono<PageEnv>();
  const pages = { app, ctx, statusOf };
  app.get('/assets/:name', (c) =>
    guarded(pages, c, null, async () => {
      const asset = serveAsset(c.req.param('name'), c.req.header('if-none-match'));
      if (asset === null) throw new TidemarkError('not-found', 'There is no asset of this name.');
      return asset;
    }),
  );
  app.get('/', (c) =>
    guarded(pages, c, null, async () => {
      const location = homeOf(await holdingsFor(ctx, await actorOf(ctx, c, null)));
      return new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } });
    }),
  );
  projectRoutes(pages);
  signInRoutes(pages);
  page(pages, '', overviewPage);
  page(pages, '/datasets', datasetsPage);
  page(pages, '/datasets/:dataset', datasetPage);
  page(pages, '/datasets/:dataset/versions/:ref', versionPage);
  page(pages, '/datasets/:dataset/diff/:pair', diffPage);
  page(pages, '/models', modelsPage);
  page(pages, '/models/:model', modelPage);
  page(pages, '/models/:model/predictions', predictionsPage);
  page(pages, '/models/:model/predictions/:prediction', predictionPage);
  page(pages, '/models/:model/monitors/:monitor/windows/:start', windowPage);
  page(pages, '/models/:model/monitors/:monitor/columns/:column', columnPage);
  page(pages, '/alerts', alertsPage);
  page(pages, '/alerts/:alert', alertPage);
  page(pages, '/runs', runsPage);
  page(pages, '/runs/:run', runPage);
  page(pages, '/policies/:policy', policyPage);
  page(pages, '/webhooks', webhooksPage);
  page(pages, '/webhooks/messages/:message', messagePage);
  page(pages, '/storage', storagePage);
  page(pages, '/*', async () => {
    throw new TidemarkError('not-found', 'There is no page at this address.');
  });
  return app;
}
