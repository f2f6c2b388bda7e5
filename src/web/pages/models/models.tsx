import { readModels } from '../../../domain/model/create-model.ts';
import { Command } from '../../layout.tsx';
import type { Content, Visit } from '../../page.tsx';
import { More } from '../../parts.tsx';
import { livingAlerts } from '../alerts/alert-lists.ts';
import { FleetTable, loadFleetRow } from './fleet.tsx';

const PAGE = 30;

/** Every model of the project, as on the overview. */
export async function modelsPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links, now } = visit;
  const after = visit.query('after') ?? '';
  const all = (await readModels(ctx, actor)).filter(({ model }) => model.name > after);
  const shown = all.slice(0, PAGE);
  const [rows, alerts] = await Promise.all([
    Promise.all(shown.map((model) => loadFleetRow(visit, model))),
    livingAlerts(visit),
  ]);
  const next = all.length > PAGE ? shown.at(-1)?.model.name : undefined;
  const body = (
    <>
      <div class="headline">
        <div>
          <h1>Models</h1>
          <p class="lede">Each is bound to the exact data it was trained on, and watched against it.</p>
        </div>
      </div>
      {rows.length === 0 ? (
        <section class="card empty">
          <h2>No model yet</h2>
          <p>A name is enough.</p>
          <Command
            text={`curl -sS ${ctx.publicUrl()}/v1/models -H 'content-type: application/json' -d '{"name":"churn","task":"binary"}'`}
          />
        </section>
      ) : (
        <FleetTable rows={rows} links={links} now={now} alerts={alerts} />
      )}
      <More href={next === undefined ? null : `${links.models}?after=${encodeURIComponent(next)}`} />
    </>
  );
  return { section: 'models', title: 'Models', body };
}
